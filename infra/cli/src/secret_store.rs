//! The secrets that operators own: `apps/{app}` and `webhooks/{app}`.

use aws_sdk_secretsmanager::Client;
use broker_core::id::AppName;
use serde_json::{Map, Value};

use crate::aws_error::{self, Attempt};
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Days in which a deleted secret can be restored; the longest that Secrets Manager takes.
const RECOVERY_DAYS: i64 = 30;

/// A secret's document. It holds secrets: it must not be printed or logged.
pub(crate) type Document = Map<String, Value>;

/// Secrets Manager, under the prefix of one deployment.
pub(crate) struct SecretStore {
    client: Client,
    prefix: String,
}

/// What is known about a secret without its value.
pub(crate) enum Presence {
    /// It is there.
    Present,
    /// It is scheduled for deletion.
    Deleted,
    /// There is none.
    Absent,
}

impl SecretStore {
    pub(crate) fn new(session: &Session<'_>, deployment: &Deployment) -> Result<Self, Failure> {
        Ok(Self { client: Client::new(session.sdk()?), prefix: deployment.secret_prefix.clone() })
    }

    /// The name of the secret with an app's credentials.
    pub(crate) fn app(&self, app: &AppName) -> String {
        format!("{}apps/{app}", self.prefix)
    }

    /// The name of the secret with an app's webhook secrets.
    pub(crate) fn webhooks(&self, app: &AppName) -> String {
        format!("{}webhooks/{app}", self.prefix)
    }

    /// Reads a document.
    pub(crate) async fn read(&self, name: &str) -> Result<Document, Failure> {
        let what = format!("read the secret {name}");
        let attempt = Attempt { what: &what, permission: "secretsmanager:GetSecretValue" };
        let response = self.client.get_secret_value().secret_id(name).send().await;
        let value = response.map_err(|error| {
            if !aws_error::is(&error, "ResourceNotFoundException") {
                return aws_error::explain(attempt, &error);
            }
            Failure::new(Exit::Failed, "not_found", format!("there is no secret {name}"))
                .advise("check the app's name and --secret-prefix; wtb app add stores a new app")
        })?;
        // serde's message would quote a part of the value.
        let text = value.secret_string.unwrap_or_default();
        let text = text.trim_start_matches('\u{feff}');
        serde_json::from_str(text).map_err(|_| {
            Failure::new(Exit::Failed, "unreadable", format!("the secret {name} holds no JSON object"))
                .advise("store it again as functions/README.md, \"Secrets\", describes")
        })
    }

    /// Stores a new version of a document.
    pub(crate) async fn put(&self, name: &str, document: &Document) -> Result<(), Failure> {
        let what = format!("store the secret {name}");
        let attempt = Attempt { what: &what, permission: "secretsmanager:PutSecretValue" };
        let put = self.client.put_secret_value().secret_id(name).secret_string(to_text(document));
        put.send().await.map_err(|error| aws_error::explain(attempt, &error))?;
        Ok(())
    }

    /// Creates a secret. Returns whether it is new: an existing one stays as it is.
    pub(crate) async fn create(&self, name: &str, document: &Document, key: Option<&str>) -> Result<bool, Failure> {
        let what = format!("create the secret {name}");
        let attempt = Attempt { what: &what, permission: "secretsmanager:CreateSecret" };
        let create = self.client.create_secret().name(name).secret_string(to_text(document));
        match create.set_kms_key_id(key.map(str::to_owned)).send().await {
            Ok(_) => Ok(true),
            Err(error) if aws_error::is(&error, "ResourceExistsException") => Ok(false),
            Err(error) if aws_error::is(&error, "InvalidRequestException") => {
                let advice =
                    format!("if it waits for its deletion: aws secretsmanager restore-secret --secret-id {name}");
                Err(aws_error::explain(attempt, &error).advise(advice))
            }
            Err(error) => Err(aws_error::explain(attempt, &error)),
        }
    }

    /// Looks whether a secret is there.
    pub(crate) async fn presence(&self, name: &str) -> Result<Presence, Failure> {
        let what = format!("describe the secret {name}");
        let attempt = Attempt { what: &what, permission: "secretsmanager:DescribeSecret" };
        match self.client.describe_secret().secret_id(name).send().await {
            Ok(secret) if secret.deleted_date.is_some() => Ok(Presence::Deleted),
            Ok(_) => Ok(Presence::Present),
            Err(error) if aws_error::is(&error, "ResourceNotFoundException") => Ok(Presence::Absent),
            Err(error) => Err(aws_error::explain(attempt, &error)),
        }
    }

    /// Schedules a secret for deletion. One that is not there counts as deleted.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), Failure> {
        let what = format!("delete the secret {name}");
        let attempt = Attempt { what: &what, permission: "secretsmanager:DeleteSecret" };
        let delete = self.client.delete_secret().secret_id(name).recovery_window_in_days(RECOVERY_DAYS);
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if aws_error::is(&error, "ResourceNotFoundException") => Ok(()),
            Err(error) => Err(aws_error::explain(attempt, &error)),
        }
    }
}

fn to_text(document: &Document) -> String {
    Value::Object(document.clone()).to_string()
}
