//! Pages of the records in packs, and the pages that vend lists.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::port::{StoreError, Stored};

use super::PackedStore;
use super::locate::LocatedPack;
use crate::pack::{PackId, PackKey, PackNumber, PackStore};
use crate::store::{PAGE_TIMEOUT, Page, PageError, SecretsManagerStore};

/// Records of a page that vend lists.
const LISTED: usize = 20;

/// Start of a token that leads into the packs.
pub(super) const IN_PACKS: &str = "p.";

/// A place among the packs of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackedPlace {
    /// The first key of a pack.
    key: PackKey,
    /// The record of the pack after which to go on.
    after: Option<OrgId>,
}

impl PackedPlace {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (key, after) = match text.split_once('.') {
            Some((key, after)) => (key, Some(OrgId::parse(after).ok()?)),
            None => (text, None),
        };
        let key = PackKey::from_bits(u32::from_str_radix(key, 16).ok()?)?;
        Some(Self { key, after })
    }

    pub(super) fn to_token(&self) -> String {
        format!("{IN_PACKS}{self}")
    }
}

impl fmt::Display for PackedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.key.bits())?;
        match &self.after {
            Some(org) => write!(f, ".{org}"),
            None => Ok(()),
        }
    }
}

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// The first place among the packs of an app; `None` if it never had any.
    pub(super) async fn first_packed_place(&self, app: &AppName) -> Result<Option<PackedPlace>, StoreError> {
        let first = PackId { app: app.clone(), number: PackNumber::FIRST };
        let exists = self.secrets.load_pack(&first).await?.is_some();
        Ok(exists.then_some(PackedPlace { key: PackKey::FIRST, after: None }))
    }

    /// The next records from `place` on, `most` at most and all of one pack, without those whose own secret can be read.
    /// And the place to go on.
    pub(super) async fn packed_page(
        &self,
        app: &AppName,
        place: &PackedPlace,
        most: usize,
        deadline: Deadline,
    ) -> Result<(Vec<Stored>, Option<PackedPlace>), StoreError> {
        let located = self.locate(app, place.key).await?;
        let start = match &place.after {
            Some(org) => Bound::Excluded(org.clone()),
            None => Bound::Unbounded,
        };
        let page: Vec<(OrgId, Stored)> = located
            .pack
            .records
            .range((start, Bound::Unbounded))
            .take(most)
            .map(|(org, stored)| (org.clone(), stored.clone()))
            .collect();
        let next = match page.last() {
            Some((org, _)) if page.len() == most => Some(PackedPlace { key: place.key, after: Some(org.clone()) }),
            _ => {
                let key = located.id.number.key_after(located.pack.depth());
                key.map(|key| PackedPlace { key, after: None })
            }
        };
        let mut packed: Vec<Stored> = page.into_iter().map(|(_, stored)| stored).collect();
        let ids: Vec<GrantId> = packed.iter().map(|stored| stored.grant.id.clone()).collect();
        let own = self.secrets.with_own_secret(app, &ids, deadline).await?;
        packed.retain(|stored| !own.contains(&stored.grant.id));
        Ok((packed, next))
    }

    /// Those of the grants, all of one app, that are in packs.
    pub(super) async fn packed_among(&self, app: &AppName, ids: &[GrantId]) -> Result<Vec<GrantId>, StoreError> {
        let mut packs: BTreeMap<PackNumber, LocatedPack> = BTreeMap::new();
        let mut packed = Vec::new();
        for id in ids {
            let Some(org) = id.subject.org() else { continue };
            let key = PackKey::of(org);
            let (number, _) = self.routes.nearest(app, key);
            let located = match packs.remove(&number) {
                Some(located) if located.id.number == number => located,
                _ => self.locate(app, key).await?,
            };
            if located.pack.records.contains_key(org) {
                packed.push(id.clone());
            }
            packs.insert(located.id.number, located);
        }
        Ok(packed)
    }
}

impl<C: Clock> PackedStore<SecretsManagerStore<C>, C> {
    /// The first page of an app's grants, or the one that the `next` of an earlier page leads to: those in secrets of their
    /// own first, then those in packs.
    pub async fn page(&self, app: &AppName, next: Option<&str>) -> Result<Page, PageError> {
        let Some(place) = next.and_then(|next| next.strip_prefix(IN_PACKS)) else {
            let mut page = self.secrets.page(app, next).await?;
            if page.next.is_none() {
                let place = self.first_packed_place(app).await.map_err(PageError::Store)?;
                page.next = place.as_ref().map(PackedPlace::to_token);
            }
            return Ok(page);
        };
        let Some(place) = PackedPlace::parse(place) else { return Err(PageError::Next) };
        let deadline = Deadline::at(self.clock.now() + PAGE_TIMEOUT);
        let (grants, next) = self.packed_page(app, &place, LISTED, deadline).await.map_err(PageError::Store)?;
        Ok(Page { grants, unreadable: Vec::new(), next: next.as_ref().map(PackedPlace::to_token) })
    }
}
