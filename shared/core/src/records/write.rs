//! One write of a record.

use jiff::Timestamp;

use super::Records;
use super::announcement::LAST_ATTEMPT;
use super::decision::Writing;
use super::transition_log;
use crate::clock::{Clock, Deadline};
use crate::error::BrokerError;
use crate::grant::{Grant, WriteRank};
use crate::port::{Found, Store, StoreError, Stored, Version};

impl<S: Store, C: Clock> Records<'_, S, C> {
    /// Writes `grant` exactly over what was read, with its history and its count of writes.
    pub(super) async fn write(
        &self,
        grant: Grant,
        over: &Found<Stored>,
        rank: WriteRank,
        writing: Writing,
    ) -> Result<Stored, BrokerError> {
        let now = self.clock.now();
        let previous = match over {
            Found::Live(read) => Some(&read.grant),
            Found::Absent | Found::Retired => None,
        };
        let is_change = grant.has_change();
        let must_announce = self.must_announce(previous, &grant);
        let grant = grant.keeping_block(previous).map_err(BrokerError::Blocked)?;
        let grant = grant.counting_write(previous, now).with_history(previous, &self.author, now);
        if let Some(previous) = previous {
            check_room(previous, rank, now)?;
        }
        let version = if must_announce {
            self.put_announced(&grant, over, writing).await?
        } else {
            self.put(&grant, over, writing, self.deadline).await?
        };
        if is_change {
            transition_log::record(self.invocation, previous, &grant);
        }
        Ok(Stored { grant, version })
    }

    /// Puts the record while the mark of its app covers it: again after another move of the mark, if the store does not
    /// answer for so long.
    async fn put_announced(
        &self,
        grant: &Grant,
        over: &Found<Stored>,
        writing: Writing,
    ) -> Result<Version, StoreError> {
        loop {
            let until = self.announce(&grant.id.app).await?;
            match self.put(grant, over, writing, until).await {
                Err(StoreError::Unavailable { .. })
                    if until < self.deadline && self.deadline.allows(self.clock.now(), LAST_ATTEMPT) => {}
                result => return result,
            }
        }
    }

    async fn put(
        &self,
        grant: &Grant,
        over: &Found<Stored>,
        writing: Writing,
        until: Deadline,
    ) -> Result<Version, StoreError> {
        match (over, writing) {
            (Found::Absent | Found::Retired, _) => self.store.create(grant, until).await,
            (Found::Live(read), Writing::Change) => self.store.replace(grant, &read.version, until).await,
            (Found::Live(read), Writing::Claim) => self.store.claim(grant, &read.version, until).await,
        }
    }
}

/// Refuses a write of `rank` that would take the room of higher ranks.
pub(crate) fn check_room(grant: &Grant, rank: WriteRank, now: Timestamp) -> Result<(), BrokerError> {
    if grant.has_room_for(rank, now) {
        return Ok(());
    }
    Err(BrokerError::WriteBudget { id: grant.id.clone(), room_at: grant.room_again_at(now) })
}
