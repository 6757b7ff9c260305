//! Requests to the HTTP functions in every detail, and the rules that each of their responses follows.

use serde_json::{Value, json};
use simulator::webex::Delivery;
use vend::Vend;

use super::events::addressed;
use super::{Answer, Deployment, ManualClock, answered, event, logged, to_request};

/// A request as Lambda delivers it. A test changes it before sending it.
#[derive(Clone)]
pub(crate) struct TestRequest(pub(crate) Value);

impl TestRequest {
    /// A delivery to the webhook of `app`, its body in base64.
    pub(crate) fn delivery(app: &str, delivery: &Delivery) -> Self {
        let path = format!("/webhooks/{app}");
        let request = Self(addressed(event("webhook"), "POST", &path, Some(&delivery.body)));
        let mut request = request.without("x-spark-signature");
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        request
    }

    /// A call of vend by a role of the deployment's own account.
    pub(crate) fn call(method: &str, path: &str, body: Option<&Value>) -> Self {
        let body = body.map(|body| body.to_string().into_bytes());
        Self(addressed(event("vend-token"), method, path, body.as_deref()))
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::call("GET", path, None)
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self::call("POST", path, Some(body))
    }

    /// The request with another method.
    pub(crate) fn method(mut self, method: &str) -> Self {
        self.0["requestContext"]["http"]["method"] = method.into();
        self
    }

    /// The request with another path, escaped as in the URL.
    pub(crate) fn path(mut self, path: &str) -> Self {
        self.0["rawPath"] = path.into();
        self.0["requestContext"]["http"]["path"] = path.into();
        self
    }

    /// The request with a header, whose name keeps its case.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = value.into();
        self
    }

    /// The request without a header, whatever the case of its name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let headers = self.0["headers"].as_object_mut().unwrap();
        headers.retain(|known, _| !known.eq_ignore_ascii_case(name));
        self
    }

    /// The request with a body as text.
    pub(crate) fn text(mut self, body: &str) -> Self {
        self.0["body"] = body.into();
        self.0["isBase64Encoded"] = false.into();
        self
    }

    /// The request through an API Gateway stage with a name, which becomes the first segment of the path.
    pub(crate) fn stage(mut self, stage: &str) -> Self {
        self.0["requestContext"]["stage"] = stage.into();
        let path = format!("/{stage}{}", self.0["rawPath"].as_str().unwrap());
        self.path(&path)
    }

    /// The request from another caller; `None` is a caller without an IAM identity.
    pub(crate) fn caller(mut self, arn: Option<&str>) -> Self {
        self.0["requestContext"]["authorizer"] = match arn {
            Some(arn) => json!({"iam": {"userArn": arn}}),
            None => Value::Null,
        };
        self
    }
}

impl Deployment {
    /// Sends a request to webhook.
    pub(crate) async fn at_webhook(&self, request: &TestRequest) -> Answer {
        let answer = answered(self.webhook.handle(to_request(&request.0)).await);
        answer.is_well_formed();
        answer
    }

    /// Sends a request to one environment of vend.
    pub(crate) async fn at(&self, vend: &Vend<ManualClock>, request: &TestRequest) -> Answer {
        let answer = answered(vend.handle(to_request(&request.0)).await);
        answer.is_well_formed();
        answer
    }
}

impl Answer {
    /// Asserts the rules of every response: it may not be stored, and an error is a problem document of RFC 9457.
    #[track_caller]
    fn is_well_formed(&self) {
        assert_eq!(self.header("cache-control"), "no-store", "{self:?}");
        if self.status < 400 {
            assert_eq!(self.header("content-type"), "application/json", "{self:?}");
            return;
        }
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        let fields = problem.as_object().unwrap();
        let known = ["type", "title", "status", "detail", "tracking_id"];
        assert!(fields.keys().all(|name| known.contains(&name.as_str())), "{self:?}");
        assert_eq!(problem["status"], self.status, "{self:?}");
        for name in ["type", "title", "detail"] {
            let text = problem[name].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} is missing: {self:?}");
        }
        assert!(problem["type"].as_str().unwrap().starts_with("urn:webex-token-broker:problem:"), "{self:?}");
        assert_eq!(matches!(self.status, 409 | 429 | 503), !self.header("retry-after").is_empty(), "{self:?}");
        assert_eq!(self.status == 405, !self.header("allow").is_empty(), "{self:?}");
    }

    /// The last part of the problem's `type`.
    pub(crate) fn problem(&self) -> String {
        let problem = self.json();
        let kind = problem["type"].as_str().unwrap_or_default();
        kind.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// The seconds in `Retry-After`; 0 if there is none.
    pub(crate) fn retry_after(&self) -> u64 {
        self.header("retry-after").parse().unwrap_or(0)
    }
}

/// The log lines about `subject`, from all tests: use a subject that no other test uses.
pub(crate) fn lines_about(subject: &str) -> Vec<Value> {
    let lines = logged();
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["subject"] == subject).collect()
}
