//! HTTP, as the operator, the scheduler and other functions speak it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::functions::Functions;

/// Longer than any answer takes.
const TIME_OUT: Duration = Duration::from_mins(1);

/// An answer.
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The body; null if it is no JSON.
    pub(crate) body: Value,
}

impl Reply {
    /// A field of the body as text.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }
}

/// One client for everybody outside.
pub(crate) struct Calls {
    client: Client,
    functions: String,
    refresher: String,
    secrets: String,
}

impl Calls {
    /// To these functions and this Secrets Manager.
    pub(crate) fn new(functions: &Functions, secrets: String) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::builder().no_proxy().timeout(TIME_OUT).build()?,
            functions: functions.url.clone(),
            refresher: functions.invocations("refresher"),
            secrets,
        })
    }

    /// Invokes the refresher and waits, as Lambda would for us.
    pub(crate) async fn refresher(&self, payload: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(&self.refresher).body(payload.to_string());
        let reply = send(request, "the refresher").await?;
        if reply.status != 200 {
            bail!("the refresher failed: {} {}", reply.status, reply.body);
        }
        Ok(reply.body)
    }

    /// Asks vend, as another function would.
    pub(crate) async fn vend(&self, path: &str) -> anyhow::Result<Reply> {
        send(self.client.get(format!("{}{path}", self.functions)), "vend").await
    }

    /// Tells vend that Webex did not take `token`.
    pub(crate) async fn rejected(&self, path: &str, token: &str) -> anyhow::Result<Reply> {
        let body = json!({ "access_token_sha256": hex::encode(Sha256::digest(token)) });
        let request = self.client.post(format!("{}{path}", self.functions)).body(body.to_string());
        send(request.header("content-type", "application/json"), "vend").await
    }

    /// Creates a secret, as an operator with the AWS command line does; gives the version's id.
    pub(crate) async fn create_secret(&self, name: &str, document: &Value) -> anyhow::Result<String> {
        self.write("CreateSecret", "Name", name, document).await
    }

    /// Gives a secret a new version in the same way.
    pub(crate) async fn put_secret_value(&self, name: &str, document: &Value) -> anyhow::Result<String> {
        self.write("PutSecretValue", "SecretId", name, document).await
    }

    /// The simulator asks for no signature.
    async fn write(&self, operation: &str, key: &str, name: &str, document: &Value) -> anyhow::Result<String> {
        let body = json!({
            key: name,
            "SecretString": document.to_string(),
            "ClientRequestToken": Uuid::new_v4().to_string(),
        });
        let request = self.client.post(&self.secrets).body(body.to_string());
        let request = request.header("x-amz-target", format!("secretsmanager.{operation}"));
        let reply = send(request.header("content-type", "application/x-amz-json-1.1"), operation).await?;
        if reply.status != 200 {
            bail!("{operation} was refused: {} {}", reply.status, reply.body);
        }
        Ok(reply.text("VersionId").to_owned())
    }
}

async fn send(request: RequestBuilder, whom: &str) -> anyhow::Result<Reply> {
    let answer = request.send().await.with_context(|| format!("{whom} did not answer"))?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.with_context(|| format!("{whom} did not finish its answer"))?;
    Ok(Reply { status, body: serde_json::from_slice(&body).unwrap_or_default() })
}
