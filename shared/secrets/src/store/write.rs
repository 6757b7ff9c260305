//! Writes that create a record or replace exactly the version that was read.

use broker_core::clock::{Clock, Deadline};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId, Subject};
use broker_core::port::{Found, StoreError, Version};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::SecretsManagerStore;
use crate::document::{self, Defect, SecretText};
use crate::error::CallErrorKind;

/// Most bytes in a secret: the service's limit.
const LARGEST_DOCUMENT: usize = 65_536;

/// How often a write restores a secret that another writer retired meanwhile. The bound ends a fight between the two.
pub(super) const MOST_RESTORES: u32 = 3;

/// Start of the ids of versions that hold a revoked record. It tells a retirement from a deletion that hit a live
/// record, which cannot be read while it is scheduled for deletion.
const REVOKED_VERSION: &str = "revoked-";

/// Start of the ids of versions that mark a renewal that begins.
const CLAIM_VERSION: &str = "claim-";

/// How long a claim that crashed between its two calls keeps others from claiming the same version. It is far longer
/// than the two calls take, and shorter than a caller waits.
const CLAIM_WINDOW: SignedDuration = SignedDuration::from_secs(15);

impl<C: Clock> SecretsManagerStore<C> {
    /// Implements [`broker_core::port::Store::create`].
    pub(super) async fn create_record(&self, grant: &Grant, deadline: Deadline) -> Result<Version, StoreError> {
        let GrantId { app, subject } = &grant.id;
        let text = self.text_of(grant)?;
        let name = self.names.grant(&grant.id);
        self.create_named(&name, app, Some(subject), &text, new_version_id(grant), deadline).await
    }

    /// Creates a secret. [`StoreError::Conflict`] if there is one of that name by now.
    pub(super) async fn create_named(
        &self,
        name: &str,
        app: &AppName,
        subject: Option<&Subject>,
        text: &SecretText,
        token: String,
        deadline: Deadline,
    ) -> Result<Version, StoreError> {
        let created = self.create_secret(name, app, subject, text, &token, deadline).await;
        match created {
            Ok(version) => Ok(Version(version.unwrap_or(token))),
            Err(error) if error.is(CallErrorKind::Exists) => self.created_before(name, text, &token).await,
            // The name is scheduled for deletion.
            Err(error) if error.is(CallErrorKind::State) => Err(StoreError::Conflict),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the existing secret is the one that was to be created: an earlier attempt may have worked and lost its
    /// answer.
    async fn created_before(&self, name: &str, text: &SecretText, token: &str) -> Result<Version, StoreError> {
        match self.current(name).await? {
            Found::Live(it) if it.version == token => Ok(Version(it.version)),
            // ministack chooses version ids itself, so the content decides.
            Found::Live(it) if it.text() == Ok(text.as_str()) => Ok(Version(it.version)),
            _ => Err(StoreError::Conflict),
        }
    }

    /// Implements [`broker_core::port::Store::replace`].
    pub(super) async fn replace_record(
        &self,
        grant: &Grant,
        read: &Version,
        deadline: Deadline,
    ) -> Result<Version, StoreError> {
        let text = self.text_of(grant)?;
        let name = self.names.grant(&grant.id);
        let new = self.put_next(&name, &text, new_version_id(grant), deadline).await?;
        self.promote(&name, read, &new, &text, deadline).await?;
        Ok(Version(new))
    }

    /// Implements [`broker_core::port::Store::claim`]. All claims over `read` use one version id. The service takes it
    /// once and refuses it with other content, and a random mark makes the content of each claim another one.
    pub(super) async fn claim_record(
        &self,
        grant: &Grant,
        read: &Version,
        deadline: Deadline,
    ) -> Result<Version, StoreError> {
        let mark = Uuid::new_v4().to_string();
        let name = self.names.grant(&grant.id);
        let text = self.checked_text(&name, document::grant::write_claim(grant, &mark))?;
        let token = claim_version_id(read, self.clock.now());
        let new = match self.put_secret_value(&name, &text, &token, deadline).await {
            Ok(version) => version.unwrap_or(token),
            Err(error) if is_lost_race(error.kind) => return Err(StoreError::Conflict),
            Err(error) => return Err(error.into()),
        };
        self.promote(&name, read, &new, &text, deadline).await?;
        Ok(Version(new))
    }

    /// Puts a version under the private label. A record that was retired meanwhile is restored for it; the version that
    /// was read still decides whether this write wins.
    pub(super) async fn put_next(
        &self,
        name: &str,
        text: &SecretText,
        token: String,
        deadline: Deadline,
    ) -> Result<String, StoreError> {
        for _ in 0..MOST_RESTORES {
            match self.put_secret_value(name, text, &token, deadline).await {
                Ok(version) => return Ok(version.unwrap_or(token)),
                Err(error) if error.is(CallErrorKind::State) => self.restore_by_name(name, deadline).await?,
                Err(error) if error.is(CallErrorKind::Absent) => return Err(StoreError::Conflict),
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Makes the version `new`, which holds `text`, the current one in place of `read`.
    pub(super) async fn promote(
        &self,
        name: &str,
        read: &Version,
        new: &str,
        text: &SecretText,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        for _ in 0..MOST_RESTORES {
            let refused = match self.move_current(name, &read.0, new, deadline).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is(CallErrorKind::Absent) => return Err(StoreError::Conflict),
                Err(error) if error.is(CallErrorKind::Parameter) || error.is(CallErrorKind::State) => error,
                Err(error) => return Err(error.into()),
            };
            match self.current(name).await? {
                // The move had worked and its answer was lost. A first attempt that is refused has not worked, whatever
                // the version holds: ministack lets a second put with the same token change it.
                Found::Live(it) if refused.is_repeated && it.version == new && it.text() == Ok(text.as_str()) => {
                    return Ok(());
                }
                Found::Live(_) | Found::Absent => return Err(StoreError::Conflict),
                Found::Retired => self.restore_by_name(name, deadline).await?,
            }
        }
        Err(StoreError::Conflict)
    }

    fn text_of(&self, grant: &Grant) -> Result<SecretText, StoreError> {
        self.checked_text(&self.names.grant(&grant.id), document::grant::write(grant))
    }

    /// The document of the secret `name`, if it could be written and the service takes its size.
    pub(super) fn checked_text(
        &self,
        name: &str,
        written: Result<SecretText, Defect>,
    ) -> Result<SecretText, StoreError> {
        let text = written.map_err(|defect| StoreError::Unreadable(self.unreadable(name, defect)))?;
        let bytes = text.as_str().len();
        if bytes > LARGEST_DOCUMENT {
            let name = self.names.relative(name).to_owned();
            return Err(StoreError::TooLarge { name, bytes, limit: LARGEST_DOCUMENT });
        }
        Ok(text)
    }
}

/// The id of a new version, which is also the idempotency token of the write.
fn new_version_id(grant: &Grant) -> String {
    let id = Uuid::new_v4();
    match grant.state {
        State::Revoked => format!("{REVOKED_VERSION}{id}"),
        State::Pending | State::Active | State::Fenced => id.to_string(),
    }
}

/// The id of the version that a claim over `read` makes at `now`: the same for all claims of the same
/// [`CLAIM_WINDOW`]. A claim over another claim takes the id of the version below it.
fn claim_version_id(read: &Version, now: Timestamp) -> String {
    let window = now.as_second() / CLAIM_WINDOW.as_secs();
    let claimed = match read.0.strip_prefix(CLAIM_VERSION) {
        Some(rest) => rest.split_once('-').unwrap_or_default().1,
        None => &read.0,
    };
    format!("{CLAIM_VERSION}{window}-{claimed}")
}

/// Whether a claim came too late: another one has taken the version id, or the record was retired.
fn is_lost_race(kind: CallErrorKind) -> bool {
    matches!(kind, CallErrorKind::Exists | CallErrorKind::State | CallErrorKind::Absent)
}

/// Whether the version holds a revoked record.
pub(super) fn is_revoked_version(version: &str) -> bool {
    version.starts_with(REVOKED_VERSION)
}
