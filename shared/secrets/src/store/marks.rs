//! The marks of apps: a tag of the secrets `index/{app}`. A tag makes no version, and unlike the description beside it, two
//! writers cannot undo each other's.

use aws_sdk_secretsmanager::types::Tag;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::AppName;
use broker_core::mark::Mark;
use broker_core::port::StoreError;
use uuid::Uuid;

use super::SecretsManagerStore;
use crate::error::{CallError, CallErrorKind};

/// The tag's key.
const TAG: &str = "webex-token-broker:mark";

impl<C: Clock> SecretsManagerStore<C> {
    /// Implements [`broker_core::port::Store::mark`]. A secret that is scheduled for deletion cannot be tagged, so its mark
    /// stands still.
    pub(super) async fn read_mark(&self, app: &AppName) -> Result<Option<Mark>, CallError> {
        let secret = match self.describe_secret(&self.names.index(app)).await {
            Ok(secret) if secret.is_scheduled_for_deletion => return Ok(None),
            Ok(secret) => secret,
            Err(error) if error.is(CallErrorKind::Absent) => return Ok(None),
            Err(error) => return Err(error),
        };
        let tag = secret.tags.into_iter().find(|tag| tag.key() == Some(TAG));
        Ok(tag.and_then(|tag| tag.value).map(Mark))
    }

    /// Implements [`broker_core::port::Store::move_mark`]. The first move of an app creates the secret.
    pub(super) async fn tag_new_mark(&self, app: &AppName, deadline: Deadline) -> Result<(), StoreError> {
        let name = self.names.index(app);
        match self.tag_mark(&name, deadline).await {
            Err(error) if error.is(CallErrorKind::Absent) => {}
            result => return self.unless_scheduled_for_deletion(&name, result),
        }
        match self.create_index(app, &name, None, deadline).await {
            Ok(()) => {}
            Err(error) if error.is(CallErrorKind::Exists) => {}
            Err(error) => return self.unless_scheduled_for_deletion(&name, Err(error)),
        }
        let tagged = self.tag_mark(&name, deadline).await;
        self.unless_scheduled_for_deletion(&name, tagged)
    }

    pub(super) async fn tag_mark(&self, name: &str, deadline: Deadline) -> Result<(), CallError> {
        let tag = Tag::builder().key(TAG).value(Uuid::new_v4().to_string()).build();
        self.tag_secret(name, tag, deadline).await
    }

    /// Nobody trusts the mark of a secret that is scheduled for deletion, so it need not move.
    fn unless_scheduled_for_deletion(&self, name: &str, result: Result<(), CallError>) -> Result<(), StoreError> {
        match result {
            Err(error) if error.is(CallErrorKind::State) => {
                let secret = self.names.relative(name);
                tracing::warn!(secret, "the secret is scheduled for deletion; restore it, so that vend reads less");
                Ok(())
            }
            result => Ok(result?),
        }
    }
}
