//! Calls that read and write what lies beside a secret's value: its description and its tags.

use aws_sdk_secretsmanager::types::Tag;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::AppName;

use super::super::SecretsManagerStore;
use super::{current_of, repeatable};
use crate::client::without_retries;
use crate::error::CallError;

/// The part of a secret's metadata that decisions need.
#[derive(Debug)]
pub(in crate::store) struct SecretMetadata {
    /// The id of the current version.
    pub(in crate::store) current: Option<String>,
    pub(in crate::store) description: Option<String>,
    pub(in crate::store) is_scheduled_for_deletion: bool,
    pub(in crate::store) tags: Vec<Tag>,
}

impl<C: Clock> SecretsManagerStore<C> {
    /// `CreateSecret` of an app's index, whose description is all that it holds.
    pub(in crate::store) async fn create_index(
        &self,
        app: &AppName,
        name: &str,
        description: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), CallError> {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        let call = self
            .client
            .create_secret()
            .name(name)
            .set_description(description.map(str::to_owned))
            .secret_string("{}")
            .set_kms_key_id(self.kms_key.clone())
            .tags(tag("app", app.as_str()))
            .tags(tag("managed-by", "webex-token-broker"));
        let send = repeatable!(call);
        self.retry(&self.writes.versions, deadline).call("CreateSecret", send).await?;
        Ok(())
    }

    /// `UpdateSecret` of the description alone, which makes no version.
    pub(in crate::store) async fn update_description(
        &self,
        name: &str,
        description: &str,
        deadline: Deadline,
    ) -> Result<(), CallError> {
        let call = self.client.update_secret().secret_id(name).description(description);
        let send = repeatable!(call);
        self.retry(&self.writes.versions, deadline).call("UpdateSecret", send).await?;
        Ok(())
    }

    /// `TagResource` with one tag, which makes no version.
    pub(in crate::store) async fn tag_secret(&self, name: &str, tag: Tag, deadline: Deadline) -> Result<(), CallError> {
        let call = self.client.tag_resource().secret_id(name).tags(tag);
        let send = repeatable!(call);
        self.retry(&self.writes.tags, deadline).call("TagResource", send).await?;
        Ok(())
    }

    /// `DescribeSecret`, which also answers for a secret that is scheduled for deletion.
    pub(in crate::store) async fn describe_secret(&self, name: &str) -> Result<SecretMetadata, CallError> {
        let answer = self.client.describe_secret().secret_id(name).send().await;
        let secret = answer.map_err(|error| CallError::new("DescribeSecret", &error))?;
        Ok(SecretMetadata {
            current: current_of(secret.version_ids_to_stages.unwrap_or_default()),
            description: secret.description,
            is_scheduled_for_deletion: secret.deleted_date.is_some(),
            tags: secret.tags.unwrap_or_default(),
        })
    }
}
