//! HTTP requests of the operator, the scheduler and other functions.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::functions::Functions;

/// Longer than any response takes.
const TIME_OUT: Duration = Duration::from_mins(1);

/// A response.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The body; null if it is not JSON.
    pub(crate) body: Value,
}

impl Reply {
    /// A text field of the body; empty if there is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }
}

/// An HTTP client of the functions and of Secrets Manager.
pub(crate) struct ApiClient {
    client: Client,
    functions: String,
    refresher: String,
    prober: String,
    secrets: String,
}

impl ApiClient {
    pub(crate) fn new(functions: &Functions, secrets: String) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::builder().no_proxy().timeout(TIME_OUT).build()?,
            functions: functions.url.clone(),
            refresher: functions.invocation_url("refresher"),
            prober: functions.invocation_url("prober"),
            secrets,
        })
    }

    /// Invokes the refresher and returns its answer.
    pub(crate) async fn refresher(&self, payload: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(&self.refresher).body(payload.to_string());
        let reply = send(request, "the refresher").await?;
        if reply.status != 200 {
            bail!("the refresher failed: {} {}", reply.status, reply.body);
        }
        Ok(reply.body)
    }

    /// Invokes the prober for one grant and returns its answer.
    pub(crate) async fn prober(&self, grant: &str) -> anyhow::Result<Value> {
        let request = self.client.post(&self.prober).body(json!({"grant": grant}).to_string());
        let reply = send(request, "the prober").await?;
        if reply.status != 200 {
            bail!("the prober failed: {} {}", reply.status, reply.body);
        }
        Ok(reply.body)
    }

    /// Sends a `GET` to vend, as another function would.
    pub(crate) async fn vend(&self, path: &str) -> anyhow::Result<Reply> {
        send(self.client.get(format!("{}{path}", self.functions)), "vend").await
    }

    /// Reports to vend that Webex rejected `token`.
    pub(crate) async fn rejected(&self, path: &str, token: &str) -> anyhow::Result<Reply> {
        let body = json!({ "access_token_sha256": hex::encode(Sha256::digest(token)) });
        let request = self.client.post(format!("{}{path}", self.functions)).body(body.to_string());
        send(request.header("content-type", "application/json"), "vend").await
    }

    /// Creates a secret as an operator does with the AWS command line; returns the id of its version.
    pub(crate) async fn create_secret(&self, name: &str, document: &Value) -> anyhow::Result<String> {
        self.write_secret("CreateSecret", "Name", name, document).await
    }

    /// Writes a new version of a secret; returns the id of the version.
    pub(crate) async fn put_secret_value(&self, name: &str, document: &Value) -> anyhow::Result<String> {
        self.write_secret("PutSecretValue", "SecretId", name, document).await
    }

    /// Sends no signature, since the simulator checks none.
    async fn write_secret(&self, operation: &str, key: &str, name: &str, document: &Value) -> anyhow::Result<String> {
        let body = json!({
            key: name,
            "SecretString": document.to_string(),
            "ClientRequestToken": Uuid::new_v4().to_string(),
        });
        let request = self.client.post(&self.secrets).body(body.to_string());
        let request = request.header("x-amz-target", format!("secretsmanager.{operation}"));
        let reply = send(request.header("content-type", "application/x-amz-json-1.1"), operation).await?;
        if reply.status != 200 {
            bail!("{operation} of {name} failed: {} {}", reply.status, reply.body);
        }
        Ok(reply.text("VersionId").to_owned())
    }
}

async fn send(request: RequestBuilder, recipient: &str) -> anyhow::Result<Reply> {
    let response = request.send().await.with_context(|| format!("{recipient} did not answer"))?;
    let status = response.status().as_u16();
    let body = response.bytes().await.with_context(|| format!("{recipient} did not complete its answer"))?;
    Ok(Reply { status, body: serde_json::from_slice(&body).unwrap_or_default() })
}
