//! The results of a scan's pages.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex};

use broker_core::port::Unreadable;
use broker_core::sync::lock;

use super::ReadSecret;
use crate::store::read::SecretVersion;
use crate::walk::Beginning;

/// Names of secrets that were read: pages may overlap, and a scan may read them again in another way. Eight bytes each,
/// because there may be a million.
#[derive(Clone, Default)]
pub(super) struct NamesRead {
    hasher: RandomState,
    names: Arc<Mutex<HashSet<u64>>>,
}

impl NamesRead {
    /// Whether the name is new. It counts as read from now on.
    fn insert(&self, name: &str) -> bool {
        lock(&self.names).insert(self.hasher.hash_one(name))
    }
}

/// The results of the pages read so far.
pub(in crate::store) struct ScanResults<'a, T> {
    pub(super) prefix: &'a str,
    read: ReadSecret<'a, T>,
    names: NamesRead,
    /// The common beginning of the names.
    pub(super) beginning: Beginning,
    /// Whether a page was read, though some of its secrets may be missing.
    pub(super) has_page: bool,
    pub(in crate::store) items: Vec<T>,
    pub(in crate::store) unreadable: Vec<Unreadable>,
}

impl<'a, T> ScanResults<'a, T> {
    pub(in crate::store) fn new(prefix: &'a str, read: ReadSecret<'a, T>) -> Self {
        Self::without(NamesRead::default(), prefix, read)
    }

    /// Results without the secrets of these names, to which they add their own.
    pub(super) fn without(names: NamesRead, prefix: &'a str, read: ReadSecret<'a, T>) -> Self {
        Self {
            prefix,
            read,
            names,
            beginning: Beginning::default(),
            has_page: false,
            items: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// Whether `name` has the prefix and was not read before. It counts as read from now on.
    pub(super) fn is_new(&mut self, name: &str) -> bool {
        if !name.starts_with(self.prefix) {
            return false;
        }
        self.beginning.add(name);
        self.names.insert(name)
    }

    pub(super) fn add(&mut self, secret: &SecretVersion) {
        if !self.is_new(&secret.name) {
            return;
        }
        match (self.read)(secret) {
            Ok(item) => self.items.push(item),
            Err(unreadable) => self.unreadable.push(unreadable),
        }
    }
}
