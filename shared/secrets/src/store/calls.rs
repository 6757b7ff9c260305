//! The calls to Secrets Manager, each with the parameters that we give it, and nothing decided.

use aws_sdk_secretsmanager::operation::batch_get_secret_value::BatchGetSecretValueOutput as Batch;
use aws_sdk_secretsmanager::operation::list_secrets::ListSecretsOutput as Listed;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, Tag};
use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;

use super::SecretsManagerStore;
use super::patience::Patience;
use crate::client::once;
use crate::document::Document;
use crate::error::Failure;

/// The label of what everybody reads.
pub(super) const CURRENT: &str = "AWSCURRENT";

/// Our own label for a version that has been put and is not current yet. Constant, so that a new one takes it from the
/// old and versions that lost their race run out by themselves.
pub(super) const NEXT: &str = "WTB_NEXT";

/// Days in which a retired grant can be restored: the fewest that the service takes.
const RECOVERY_DAYS: i64 = 7;

/// Secrets in one batch: the most that the service takes.
pub(super) const BATCH: i32 = 20;

/// Names in one list: the most that the service takes.
pub(super) const LIST: i32 = 100;

/// A call that [`Patience`] can make again, with the same parameters and without the SDK's own retries.
macro_rules! repeatable {
    ($call:ident) => {
        || $call.clone().customize().config_override(once()).send()
    };
}

impl<C: Clock> SecretsManagerStore<C> {
    fn writing(&self, deadline: Deadline) -> Patience<'_, C> {
        Patience { clock: &self.clock, pace: &self.writes, deadline }
    }

    fn reading(&self, deadline: Deadline) -> Patience<'_, C> {
        Patience { clock: &self.clock, pace: &self.reads, deadline }
    }

    /// `CreateSecret`; the id of the version that it made.
    pub(super) async fn create_secret(
        &self,
        id: &GrantId,
        document: &Document,
        token: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, Failure> {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        let call = self
            .client
            .create_secret()
            .name(self.names.grant(id))
            .secret_string(document.text())
            .client_request_token(token)
            .set_kms_key_id(self.key.clone())
            .tags(tag("app", id.app.as_str()))
            .tags(tag("subject", id.subject.as_str()))
            .tags(tag("managed-by", "webex-token-broker"));
        let make = repeatable!(call);
        let created = self.writing(deadline).call("CreateSecret", make).await?;
        Ok(created.version_id)
    }

    /// `PutSecretValue` under [`NEXT`]; the id of the version, which some emulators choose themselves.
    pub(super) async fn put_secret_value(
        &self,
        name: &str,
        document: &Document,
        token: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, Failure> {
        let call = self
            .client
            .put_secret_value()
            .secret_id(name)
            .secret_string(document.text())
            .client_request_token(token)
            .version_stages(NEXT);
        let make = repeatable!(call);
        let put = self.writing(deadline).call("PutSecretValue", make).await?;
        Ok(put.version_id)
    }

    /// `UpdateSecretVersionStage`: [`CURRENT`] to the version `to`, if it is at `from`.
    pub(super) async fn move_current(
        &self,
        name: &str,
        from: &str,
        to: &str,
        deadline: Deadline,
    ) -> Result<(), Failure> {
        let call = self
            .client
            .update_secret_version_stage()
            .secret_id(name)
            .version_stage(CURRENT)
            .remove_from_version_id(from)
            .move_to_version_id(to);
        let make = repeatable!(call);
        self.writing(deadline).call("UpdateSecretVersionStage", make).await?;
        Ok(())
    }

    /// `DeleteSecret`, with a way back.
    pub(super) async fn delete_secret(&self, name: &str, deadline: Deadline) -> Result<(), Failure> {
        let call = self.client.delete_secret().secret_id(name).recovery_window_in_days(RECOVERY_DAYS);
        let make = repeatable!(call);
        self.writing(deadline).call("DeleteSecret", make).await?;
        Ok(())
    }

    /// `RestoreSecret`.
    pub(super) async fn restore_secret(&self, name: &str, deadline: Deadline) -> Result<(), Failure> {
        let call = self.client.restore_secret().secret_id(name);
        let make = repeatable!(call);
        self.writing(deadline).call("RestoreSecret", make).await?;
        Ok(())
    }

    /// `DescribeSecret`: which version is current, scheduled for deletion or not.
    pub(super) async fn current_version(&self, name: &str) -> Result<Option<String>, Failure> {
        let answer = self.client.describe_secret().secret_id(name).send().await;
        let secret = answer.map_err(|error| Failure::of("DescribeSecret", &error))?;
        let mut versions = secret.version_ids_to_stages.into_iter().flatten();
        let current = versions.find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        Ok(current.map(|(version, _)| version))
    }

    /// `BatchGetSecretValue` of what has a name that starts with `prefix`, one page.
    pub(super) async fn batch_by_prefix(
        &self,
        prefix: &str,
        next: Option<String>,
        deadline: Deadline,
    ) -> Result<Batch, Failure> {
        let call = self.client.batch_get_secret_value().filters(named(prefix)).max_results(BATCH).set_next_token(next);
        let make = repeatable!(call);
        self.reading(deadline).call("BatchGetSecretValue", make).await
    }

    /// `BatchGetSecretValue` of up to [`BATCH`] names.
    pub(super) async fn batch_by_name(&self, names: &[String], deadline: Deadline) -> Result<Batch, Failure> {
        let call = self.client.batch_get_secret_value().set_secret_id_list(Some(names.to_vec()));
        let make = repeatable!(call);
        self.reading(deadline).call("BatchGetSecretValue", make).await
    }

    /// `ListSecrets`, one page of at most `most` names, without what is scheduled for deletion.
    pub(super) async fn list_secrets(
        &self,
        prefix: &str,
        most: i32,
        next: Option<String>,
        deadline: Deadline,
    ) -> Result<Listed, Failure> {
        let call = self.client.list_secrets().filters(named(prefix)).max_results(most).set_next_token(next);
        let make = repeatable!(call);
        self.reading(deadline).call("ListSecrets", make).await
    }
}

/// The service matches names by their beginning.
fn named(prefix: &str) -> Filter {
    Filter::builder().key(FilterNameStringType::Name).values(prefix).build()
}
