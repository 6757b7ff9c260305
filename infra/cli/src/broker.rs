//! The client of the refresher.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use broker_core::id::GrantId;
use serde_json::{Map, Value, json};

use crate::aws_error::{self, Attempt};
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::operator;
use crate::session::Session;

/// Longest wait for an answer. A sweep of a large fleet may take 900 seconds.
const LONGEST: Duration = Duration::from_secs(910);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// One deployment's refresher.
pub(crate) struct Broker {
    /// The deployment.
    pub(crate) deployment: Deployment,
    client: Client,
    operator: Option<String>,
}

impl Broker {
    /// For commands that only read.
    pub(crate) async fn reader(session: &Session<'_>) -> Result<Self, Failure> {
        let deployment = Deployment::find(session).await?;
        Self::of(session, deployment)
    }

    /// For commands that change something: they carry who gave them.
    pub(crate) async fn operator(session: &Session<'_>) -> Result<Self, Failure> {
        let mut broker = Self::reader(session).await?;
        broker.operator = Some(operator::operator(session).await);
        Ok(broker)
    }

    /// For a deployment that is known.
    pub(crate) fn of(session: &Session<'_>, deployment: Deployment) -> Result<Self, Failure> {
        // The SDK repeats what Lambda throttled or did not accept. A sweep that is slow is not sent twice: there is no
        // time-out for one attempt.
        let config = Builder::from(session.sdk()?)
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(LONGEST).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Ok(Self { deployment, client: Client::from_conf(config), operator: None })
    }

    /// Sends one command and returns the answer.
    pub(crate) async fn ask(&self, command: &str, body: Value) -> Result<Value, Failure> {
        let mut payload = json!({ command: body });
        if let Some(operator) = &self.operator {
            payload["operator"] = operator.as_str().into();
        }
        let output = self.invoke(Blob::new(payload.to_string())).await?;
        let bytes = output.payload.map(Blob::into_inner).unwrap_or_default();
        let answer: Value = serde_json::from_slice(&bytes).map_err(|error| {
            let detail = format!("cannot read the answer of {} to {command}: {error}", self.deployment.refresher);
            Failure::new(Exit::Failed, "invalid_answer", detail)
        })?;
        if output.function_error.is_some() {
            return Err(self.crashed(command, &answer));
        }
        match answer.get("error") {
            Some(Value::Object(error)) => Err(refused(error)),
            _ => Ok(answer),
        }
    }

    /// Sends a command about one grant.
    pub(crate) async fn ask_about(&self, command: &str, grant: &GrantId) -> Result<Value, Failure> {
        self.ask(command, grant_body(grant)).await
    }

    async fn invoke(&self, payload: Blob) -> Result<InvokeOutput, Failure> {
        let function = &self.deployment.refresher;
        let call = self.client.invoke().function_name(function).payload(payload).send();
        call.await.map_err(|error| {
            let what = format!("invoke the function {function}");
            let mut failure = aws_error::explain(Attempt { what: &what, permission: "lambda:InvokeFunction" }, &error);
            if aws_error::is(&error, "ResourceNotFoundException") {
                failure.exit = Exit::Unreachable;
                "no_function".clone_into(&mut failure.code);
                failure = failure.advise("check --function, --stack and --region");
            }
            failure
        })
    }

    /// The failure of an invocation that ended without an answer.
    fn crashed(&self, command: &str, answer: &Value) -> Failure {
        let kind = text(answer, "errorType");
        let message = text(answer, "errorMessage");
        let detail = format!("{command} failed in the function {}: {kind}: {message}", self.deployment.refresher);
        let log = format!("read its log: aws logs tail /aws/lambda/{} --since 15m", self.deployment.refresher);
        Failure::new(Exit::Failed, kind, detail).advise(log)
    }
}

/// `{"app","subject"}`.
pub(crate) fn grant_body(grant: &GrantId) -> Value {
    json!({ "app": grant.app, "subject": grant.subject })
}

/// A text of an answer; empty if it is absent.
pub(crate) fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_default()
}

/// The failure of a command that the refresher refused.
fn refused(error: &Map<String, Value>) -> Failure {
    let field = |name: &str| error.get(name).and_then(Value::as_str);
    let code = field("code").unwrap_or("unknown");
    let detail = field("detail").unwrap_or("the refresher gave no reason");
    let mut failure = Failure::new(Exit::Failed, code, detail);
    failure.tracking_id = field("tracking_id").map(str::to_owned);
    failure.retry_after = error.get("retry_after").and_then(Value::as_u64);
    if code == "invalid_request" && detail.contains("exactly one of") {
        failure =
            failure.advise("the deployed refresher is older than this wtb: deploy again, or use the wtb of its commit");
    }
    if code == "not_allowed" {
        failure = failure.advise("name the function without an alias or version in --function");
    }
    failure
}
