//! The calls to Secrets Manager with their parameters. Decisions are elsewhere.

mod metadata;

use std::collections::HashMap;

use aws_sdk_secretsmanager::operation::batch_get_secret_value::BatchGetSecretValueOutput as Batch;
use aws_sdk_secretsmanager::operation::list_secrets::ListSecretsOutput as Listed;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, Tag};
use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, Subject};

use super::SecretsManagerStore;
use super::retry::CallRetry;
use crate::client::without_retries;
use crate::document::SecretText;
use crate::error::{CallError, PUT_SECRET_VALUE};
use crate::rate_limit::CallRateLimit;

/// The label of the version that readers get.
pub(super) const CURRENT: &str = "AWSCURRENT";

/// The label of the version before. The service moves it together with [`CURRENT`].
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// The private label of a version that was put and is not current yet. It is constant: a new version takes it from the
/// one before, so the service prunes versions that lost their race.
pub(super) const NEXT: &str = "WTB_NEXT";

/// Days in which a retired grant can be restored: the fewest that the service takes.
const RECOVERY_DAYS: i64 = 7;

/// Secrets in one batch: the most that the service takes.
pub(super) const BATCH: i32 = 20;

/// Names in one list: the most that the service takes.
pub(super) const LIST: i32 = 100;

/// A call that [`CallRetry`] can send again, with the same parameters and without the SDK's own retries.
macro_rules! repeatable {
    ($call:ident) => {
        || $call.clone().customize().config_override(without_retries()).send()
    };
}
use repeatable;

impl<C: Clock> SecretsManagerStore<C> {
    pub(super) fn retry<'a>(&'a self, rate_limit: &'a CallRateLimit<C>, deadline: Deadline) -> CallRetry<'a, C> {
        CallRetry { clock: &self.clock, rate_limit, deadline }
    }

    /// `CreateSecret` of a grant, which has a `subject`, or of a pack. Returns the id of the version.
    pub(super) async fn create_secret(
        &self,
        name: &str,
        app: &AppName,
        subject: Option<&Subject>,
        text: &SecretText,
        token: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, CallError> {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        let mut call = self
            .client
            .create_secret()
            .name(name)
            .secret_string(text.as_str())
            .client_request_token(token)
            .set_kms_key_id(self.kms_key.clone())
            .tags(tag("app", app.as_str()))
            .tags(tag("managed-by", "webex-token-broker"));
        if let Some(subject) = subject {
            call = call.tags(tag("subject", subject.as_str()));
        }
        let send = repeatable!(call);
        let created = self.retry(&self.writes.versions, deadline).call("CreateSecret", send).await?;
        Ok(created.version_id)
    }

    /// `PutSecretValue` under [`NEXT`]. Returns the id of the version, which some emulators choose themselves.
    pub(super) async fn put_secret_value(
        &self,
        name: &str,
        text: &SecretText,
        token: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, CallError> {
        let call = self
            .client
            .put_secret_value()
            .secret_id(name)
            .secret_string(text.as_str())
            .client_request_token(token)
            .version_stages(NEXT);
        let send = repeatable!(call);
        let put = self.retry(&self.writes.versions, deadline).call(PUT_SECRET_VALUE, send).await?;
        Ok(put.version_id)
    }

    /// `UpdateSecretVersionStage`: moves [`CURRENT`] to the version `to`, if it is on `from`.
    pub(super) async fn move_current(
        &self,
        name: &str,
        from: &str,
        to: &str,
        deadline: Deadline,
    ) -> Result<(), CallError> {
        let call = self
            .client
            .update_secret_version_stage()
            .secret_id(name)
            .version_stage(CURRENT)
            .remove_from_version_id(from)
            .move_to_version_id(to);
        let send = repeatable!(call);
        self.retry(&self.writes.versions, deadline).call("UpdateSecretVersionStage", send).await?;
        Ok(())
    }

    /// `DeleteSecret` after [`RECOVERY_DAYS`].
    pub(super) async fn delete_secret(&self, name: &str, deadline: Deadline) -> Result<(), CallError> {
        let call = self.client.delete_secret().secret_id(name).recovery_window_in_days(RECOVERY_DAYS);
        let send = repeatable!(call);
        self.retry(&self.writes.deletions, deadline).call("DeleteSecret", send).await?;
        Ok(())
    }

    /// `RestoreSecret`.
    pub(super) async fn restore_secret(&self, name: &str, deadline: Deadline) -> Result<(), CallError> {
        let call = self.client.restore_secret().secret_id(name);
        let send = repeatable!(call);
        self.retry(&self.writes.restorations, deadline).call("RestoreSecret", send).await?;
        Ok(())
    }

    /// `BatchGetSecretValue` of the names that start with `prefix`, one page.
    pub(super) async fn batch_by_prefix(
        &self,
        prefix: &str,
        next: Option<String>,
        deadline: Deadline,
    ) -> Result<Batch, CallError> {
        let call =
            self.client.batch_get_secret_value().filters(name_filter(prefix)).max_results(BATCH).set_next_token(next);
        let send = repeatable!(call);
        self.retry(&self.reads, deadline).call("BatchGetSecretValue", send).await
    }

    /// `BatchGetSecretValue` of up to [`BATCH`] names.
    pub(super) async fn batch_by_name(&self, names: &[String], deadline: Deadline) -> Result<Batch, CallError> {
        let call = self.client.batch_get_secret_value().set_secret_id_list(Some(names.to_vec()));
        let send = repeatable!(call);
        self.retry(&self.reads, deadline).call("BatchGetSecretValue", send).await
    }

    /// `ListSecrets`, one page of at most `most` names. Secrets scheduled for deletion are not listed.
    pub(super) async fn list_secrets(
        &self,
        prefix: &str,
        most: i32,
        next: Option<String>,
        deadline: Deadline,
    ) -> Result<Listed, CallError> {
        let call = self.client.list_secrets().filters(name_filter(prefix)).max_results(most).set_next_token(next);
        let send = repeatable!(call);
        self.retry(&self.reads, deadline).call("ListSecrets", send).await
    }

    /// `ListSecrets`, one page. Secrets scheduled for deletion are listed as well.
    pub(super) async fn list_with_scheduled(
        &self,
        prefix: &str,
        next: Option<String>,
        deadline: Deadline,
    ) -> Result<Listed, CallError> {
        let call = self.client.list_secrets().filters(name_filter(prefix)).max_results(LIST).set_next_token(next);
        let call = call.include_planned_deletion(true);
        let send = repeatable!(call);
        self.retry(&self.reads, deadline).call("ListSecrets", send).await
    }
}

/// The version that has the label [`CURRENT`].
pub(super) fn current_of(versions: HashMap<String, Vec<String>>) -> Option<String> {
    let mut versions = versions.into_iter();
    let (version, _) = versions.find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT))?;
    Some(version)
}

/// A filter that matches names by their prefix.
fn name_filter(prefix: &str) -> Filter {
    Filter::builder().key(FilterNameStringType::Name).values(prefix).build()
}
