//! The records of grants: every read and every write of one goes through here.

mod announcement;
mod decision;
mod put_back;
mod transition_log;
mod write;

use jiff::SignedDuration;

use crate::clock::{Clock, Deadline};
use crate::error::BrokerError;
use crate::grant::{Grant, WriteRank};
use crate::id::GrantId;
use crate::invocation::Invocation;
use crate::port::{Found, Store, StoreError, Stored};

use decision::Writing;
pub(crate) use decision::{Decision, Updated};
pub(crate) use write::check_room;

/// How often a write that lost a race is tried again on what the winner wrote. Each round means that another writer
/// succeeded, so a handful is plenty.
const ROUNDS: usize = 8;

/// How long a claim that lost waits before it looks at the record again.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(250);

/// The records, for one invocation.
pub(crate) struct Records<'a, S, C> {
    store: &'a S,
    clock: &'a C,
    deadline: Deadline,
    /// The author of the writes, for the histories.
    author: String,
    invocation: &'a Invocation,
    /// Whether the access token that is about to be replaced is known to be dead.
    replaces_dead_token: bool,
}

impl<'a, S: Store, C: Clock> Records<'a, S, C> {
    /// The records in `store`; writes are tried until `deadline`, and their histories name the `author`.
    pub(crate) fn new(
        store: &'a S,
        clock: &'a C,
        deadline: Deadline,
        author: String,
        invocation: &'a Invocation,
        replaces_dead_token: bool,
    ) -> Self {
        Self { store, clock, deadline, author, invocation, replaces_dead_token }
    }

    /// The record as it stands.
    pub(crate) async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        self.store.load(id).await
    }

    /// The record as it stands, taken back from deletion first if it was retired.
    pub(crate) async fn restore(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        match self.store.load(id).await? {
            Found::Retired => self.restored(id).await,
            found => Ok(found),
        }
    }

    async fn restored(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        self.store.restore(id, self.deadline).await?;
        self.store.load(id).await
    }

    /// Writes what `decide` makes of the record. A retired record is taken back from deletion first. A lost race is
    /// decided again on what the winner wrote.
    pub(crate) async fn update<T: Send>(
        &self,
        id: &GrantId,
        rank: WriteRank,
        mut decide: impl FnMut(Option<&Grant>) -> Result<Decision<T>, BrokerError> + Send,
    ) -> Result<Updated<T>, BrokerError> {
        let found = self.load(id).await?;
        let was_retired = matches!(found, Found::Retired);
        let first = if was_retired { self.restored(id).await? } else { found };
        let decide = move |found: &Found<Stored>| match found {
            Found::Live(stored) => decide(Some(&stored.grant)),
            Found::Absent | Found::Retired => decide(None),
        };
        let updated = self.compare_and_swap(id, rank, first, true, decide).await;
        if was_retired && !matches!(updated, Ok(Updated::Written(_))) {
            self.put_back(id).await;
        }
        updated
    }

    /// Like [`Self::update`], but begins with a record that was `read` before, and restores nothing: for what must be
    /// decided on the state from which a refresh token was spent or a mint was asked for.
    pub(crate) async fn update_from<T: Send>(
        &self,
        read: &Stored,
        rank: WriteRank,
        decide: impl FnMut(&Found<Stored>) -> Result<Decision<T>, BrokerError> + Send,
    ) -> Result<Updated<T>, BrokerError> {
        let first = Found::Live(Box::new(read.clone()));
        self.compare_and_swap(&read.grant.id, rank, first, false, decide).await
    }

    /// Writes `grant` in the place of exactly the version that was `read`. If another writer was faster, what it wrote
    /// stands and is the result.
    pub(crate) async fn replace(
        &self,
        read: &Stored,
        grant: Grant,
        rank: WriteRank,
    ) -> Result<Updated<Found<Stored>>, BrokerError> {
        self.update_from(read, rank, |found| match found {
            Found::Live(current) if current.version == read.version => Ok(Decision::Write(Box::new(grant.clone()))),
            _ => Ok(Decision::Leave(found.clone())),
        })
        .await
    }

    /// Marks the record that was `read` as being renewed. If another writer was faster, what it wrote stands and is the
    /// result.
    pub(crate) async fn claim(&self, read: &Stored, rank: WriteRank) -> Result<Updated<Found<Stored>>, BrokerError> {
        self.update_from(read, rank, |found| match found {
            Found::Live(current) if current.version == read.version => {
                Ok(Decision::Claim(Box::new(current.grant.renewing(self.clock.now()))))
            }
            _ => Ok(Decision::Leave(found.clone())),
        })
        .await
    }

    /// Writes the record of a grant that has none. If there is one by now, retired ones included, that is the result.
    pub(crate) async fn create(&self, grant: Grant) -> Result<Updated<Found<Stored>>, BrokerError> {
        let id = grant.id.clone();
        let decide = |found: &Found<Stored>| match found {
            Found::Absent => Ok(Decision::Write(Box::new(grant.clone()))),
            Found::Live(_) | Found::Retired => Ok(Decision::Leave(found.clone())),
        };
        self.compare_and_swap(&id, WriteRank::Last, Found::Absent, false, decide).await
    }

    /// Schedules a revoked record for deletion. `false` if it is no longer revoked.
    pub(crate) async fn retire(&self, id: &GrantId) -> Result<bool, StoreError> {
        match self.store.retire(id, self.deadline).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The only loop of its kind: decide on what stands, write exactly over it, and begin again if another writer was
    /// faster.
    async fn compare_and_swap<T: Send>(
        &self,
        id: &GrantId,
        rank: WriteRank,
        first: Found<Stored>,
        restores: bool,
        mut decide: impl FnMut(&Found<Stored>) -> Result<Decision<T>, BrokerError> + Send,
    ) -> Result<Updated<T>, BrokerError> {
        let mut found = first;
        let mut lost_races = 0;
        while lost_races < ROUNDS {
            let attempt = match decide(&found)? {
                Decision::Leave(result) => return Ok(Updated::Left(result)),
                Decision::LookAgain => None,
                Decision::Claim(grant) => Some((grant, Writing::Claim)),
                Decision::Write(grant) => Some((grant, Writing::Change)),
            };
            let mut must_wait = true;
            if let Some((grant, writing)) = attempt {
                match self.write(*grant, &found, rank, writing).await {
                    Ok(stored) => return Ok(Updated::Written(stored)),
                    Err(BrokerError::Store(StoreError::Conflict)) if writing == Writing::Change => {
                        lost_races += 1;
                        must_wait = false;
                    }
                    Err(BrokerError::Store(StoreError::Conflict)) => {}
                    Err(error) => return Err(error),
                }
            }
            if must_wait && !self.wait().await {
                break;
            }
            found = if restores { self.restore(id).await? } else { self.load(id).await? };
        }
        Err(BrokerError::Contended(id.clone()))
    }

    /// Waits before the next look at the record. `false` if the deadline leaves no time for it.
    async fn wait(&self) -> bool {
        if !self.deadline.allows(self.clock.now(), LOOK_AGAIN) {
            return false;
        }
        self.clock.sleep(LOOK_AGAIN).await;
        true
    }
}
