//! Many grants in little memory: one that is merely renewed is a time and a version, and is made up when it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::port::{StoreError, Stored, Version};
use broker_core::schedule::RenewAt;
use jiff::{SignedDuration, Timestamp};

use super::made_up::{APP, app_name, org_of, pair_of};

/// How long a secret waits for its deletion.
const RECOVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A grant's own secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnSecret {
    Absent,
    Live,
    /// It waits for its deletion since then.
    Waiting(Timestamp),
}

#[derive(Clone, Copy)]
struct GrantRow {
    /// When the pair was issued; `None` if there is none to vend.
    renewed_at: Option<Timestamp>,
    /// The last version of the own secret; 0 if there never was one.
    version: u32,
    secret: OwnSecret,
}

/// The grants of one app, by the place of their organisation.
pub(super) struct GrantRows {
    app: AppName,
    orgs: Vec<OrgId>,
    rows: Vec<GrantRow>,
    /// The grants that are not merely renewed.
    changed: BTreeMap<usize, Grant>,
    live: BTreeSet<usize>,
    /// How long after it was due the latest renewal came.
    pub(super) latest: SignedDuration,
}

impl GrantRows {
    /// Grants whose pairs were issued at `renewed_at`, each with a secret of its own. `None` for an organisation that has
    /// not come yet.
    pub(super) fn new(renewed_at: impl Iterator<Item = Option<Timestamp>>) -> Self {
        let row = |renewed_at: Option<Timestamp>| match renewed_at {
            Some(_) => GrantRow { renewed_at, version: 1, secret: OwnSecret::Live },
            None => GrantRow { renewed_at, version: 0, secret: OwnSecret::Absent },
        };
        let rows: Vec<GrantRow> = renewed_at.map(row).collect();
        let live = (0..rows.len()).filter(|n| rows[*n].secret == OwnSecret::Live).collect();
        let orgs = (0..rows.len()).map(|n| org_of(n, rows.len())).collect();
        Self { app: app_name(APP), orgs, rows, changed: BTreeMap::new(), live, latest: SignedDuration::ZERO }
    }

    /// How many organisations there are, and will be.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Secrets that cost something.
    pub(super) fn live_secrets(&self) -> usize {
        self.live.len()
    }

    /// The oldest pair that may be vended.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.rows.iter().filter_map(|row| row.renewed_at).min()
    }

    /// The grants with a pair that may be vended, each with the time at which it was issued.
    pub(super) fn active(&self) -> impl Iterator<Item = (GrantId, Timestamp)> {
        self.rows.iter().enumerate().filter_map(|(n, row)| Some((self.id(n), row.renewed_at?)))
    }

    /// The organisations that never had a grant.
    pub(super) fn absent(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().enumerate().filter(|(_, row)| row.version == 0).map(|(n, _)| n)
    }

    /// The grants that were due by `now`, each with the time since then.
    pub(super) fn overdue(&self, now: Timestamp) -> impl Iterator<Item = SignedDuration> {
        let active = self.rows.iter().enumerate().filter_map(|(n, row)| Some((n, row.renewed_at?)));
        active.filter_map(move |(n, renewed_at)| {
            let due = RenewAt::DEFAULT.due_at(&self.made_up(n, renewed_at))?;
            if due <= now { Some(now.duration_since(due)) } else { None }
        })
    }

    /// The grants whose `app/subject` begins with `prefix`, from the place `next` on.
    pub(super) fn under_from(&self, prefix: &str, next: Option<&str>) -> Range<usize> {
        let range = self.under(prefix);
        match next.and_then(|next| next.parse().ok()) {
            Some(first) => first..range.end,
            None => range,
        }
    }

    /// They are one range because the names are in order.
    fn under(&self, prefix: &str) -> Range<usize> {
        let Some((app, subject)) = prefix.split_once('/') else {
            return if self.app.as_str().starts_with(prefix) { 0..self.orgs.len() } else { 0..0 };
        };
        if app != self.app.as_str() {
            return 0..0;
        }
        let first = self.orgs.partition_point(|org| org.as_str() < subject);
        let count = self.orgs[first..].partition_point(|org| org.as_str().starts_with(subject));
        first..first + count
    }

    /// The next `most` own secrets of `range` that can be read.
    pub(super) fn live_in(&self, range: Range<usize>, most: usize) -> Vec<usize> {
        self.live.range(range).take(most).copied().collect()
    }

    /// The next `most` own secrets of `range`, those that wait for deletion among them.
    pub(super) fn existing_in(&self, range: Range<usize>, most: usize, now: Timestamp) -> Vec<usize> {
        range.filter(|n| self.secret(*n, now) != OwnSecret::Absent).take(most).collect()
    }

    /// The state of the own secret.
    pub(super) fn secret(&self, n: usize, now: Timestamp) -> OwnSecret {
        match self.rows[n].secret {
            OwnSecret::Waiting(since) if now.duration_since(since) >= RECOVERY => OwnSecret::Absent,
            secret => secret,
        }
    }

    /// Lets the own secret be `secret`, with the same content.
    pub(super) fn set_secret(&mut self, n: usize, secret: OwnSecret) {
        self.rows[n].secret = secret;
        if secret == OwnSecret::Live {
            self.live.insert(n);
        } else {
            self.live.remove(&n);
        }
    }

    /// The name of the grant.
    pub(super) fn id(&self, n: usize) -> GrantId {
        GrantId::new(self.app.clone(), self.orgs[n].clone().into())
    }

    /// The current version of the own secret.
    pub(super) fn version(&self, n: usize) -> Version {
        Version(self.rows[n].version.to_string())
    }

    /// Whether it holds a revoked record.
    pub(super) fn has_ended(&self, n: usize) -> bool {
        matches!(self.changed.get(&n), Some(grant) if grant.state == State::Revoked)
    }

    /// The content of the own secret.
    pub(super) fn stored(&self, n: usize) -> Stored {
        let version = self.version(n);
        match (self.changed.get(&n), self.rows[n].renewed_at) {
            (Some(grant), _) => Stored { grant: grant.clone(), version },
            (None, Some(renewed_at)) => Stored { grant: self.made_up(n, renewed_at), version },
            (None, None) => panic!("row {n} has no content"),
        }
    }

    /// The record of a grant that is merely renewed.
    pub(super) fn made_up(&self, n: usize, renewed_at: Timestamp) -> Grant {
        let id = self.id(n);
        let pair = pair_of(n, &id, renewed_at);
        Grant { renewed_at: Some(renewed_at), pair: Some(pair), ..Grant::empty(id, State::Active) }
    }

    /// Writes a first or another version of the own secret, which can be read afterwards.
    pub(super) fn write(&mut self, n: usize, grant: &Grant) -> Version {
        let is_active = grant.state == State::Active;
        let renewed_at = grant.renewed_at.filter(|_| is_active);
        if let (Some(before), Some(after)) = (self.rows[n].renewed_at, renewed_at)
            && before < after
            && let Some(due) = RenewAt::DEFAULT.due_at(&self.made_up(n, before))
        {
            self.latest = self.latest.max(after.duration_since(due));
        }
        if is_active && grant.failure.is_none() && grant.renewing_since.is_none() {
            self.changed.remove(&n);
        } else {
            self.changed.insert(n, grant.clone());
        }
        self.rows[n].renewed_at = renewed_at;
        self.rows[n].version += 1;
        self.set_secret(n, OwnSecret::Live);
        self.version(n)
    }

    /// Like [`Self::write`], over exactly the version that was `read`.
    pub(super) fn replace(&mut self, n: usize, grant: &Grant, read: &Version) -> Result<Version, StoreError> {
        if self.version(n) == *read { Ok(self.write(n, grant)) } else { Err(StoreError::Conflict) }
    }

    /// The place of a grant.
    pub(super) fn find(&self, id: &GrantId) -> Option<usize> {
        if id.app.as_str() != APP {
            return None;
        }
        Some(place_of(id.subject.org()?, self.rows.len()))
    }
}

fn place_of(org: &OrgId, grants: usize) -> usize {
    let number = u128::from_str_radix(&org.as_str().replace('-', ""), 16).unwrap_or_default();
    usize::try_from(number / (u128::MAX / grants as u128)).unwrap_or_default()
}
