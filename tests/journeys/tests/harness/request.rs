//! Requests to the doors, down to the last header, and what every answer of theirs must be like.

use serde_json::{Value, json};
use simulator::webex::Delivery;
use vend::Vend;

use super::events::addressed;
use super::{Answer, Deployment, ManualClock, answered, event, logged, to_request};

/// A request as Lambda delivers it, to be changed before it is sent.
#[derive(Clone)]
pub(crate) struct TestRequest(pub(crate) Value);

impl TestRequest {
    /// A delivery to the webhook of `app`; the body travels in base64.
    pub(crate) fn delivery(app: &str, delivery: &Delivery) -> Self {
        let path = format!("/webhooks/{app}");
        let request = Self(addressed(event("webhook"), "POST", &path, Some(&delivery.body)));
        let headers = delivery.headers.iter();
        headers.fold(request.without("x-spark-signature"), |request, (name, value)| request.header(name, value))
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

    /// Another method, the rest as it is.
    pub(crate) fn method(mut self, method: &str) -> Self {
        self.0["requestContext"]["http"]["method"] = method.into();
        self
    }

    /// Another path, as it stands in the URL.
    pub(crate) fn path(mut self, path: &str) -> Self {
        self.0["rawPath"] = path.into();
        self.0["requestContext"]["http"]["path"] = path.into();
        self
    }

    /// With a header, its name as it is written here.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = value.into();
        self
    }

    /// Without a header, however its name is written.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let headers = self.0["headers"].as_object_mut().unwrap();
        headers.retain(|known, _| !known.eq_ignore_ascii_case(name));
        self
    }

    /// With a body that travels as text.
    pub(crate) fn text(mut self, body: &str) -> Self {
        self.0["body"] = body.into();
        self.0["isBase64Encoded"] = false.into();
        self
    }

    /// Through an API Gateway whose stage has a name, which is then the first segment of the path.
    pub(crate) fn stage(mut self, stage: &str) -> Self {
        self.0["requestContext"]["stage"] = stage.into();
        let path = format!("/{stage}{}", self.0["rawPath"].as_str().unwrap());
        self.path(&path)
    }

    /// By somebody else; `None` is nobody that IAM knows.
    pub(crate) fn caller(mut self, arn: Option<&str>) -> Self {
        self.0["requestContext"]["authorizer"] = match arn {
            Some(arn) => json!({"iam": {"userArn": arn}}),
            None => Value::Null,
        };
        self
    }
}

impl Deployment {
    /// Posts to the webhook.
    pub(crate) async fn at_webhook(&self, request: &TestRequest) -> Answer {
        let answer = answered(self.webhook.handle(to_request(&request.0)).await);
        answer.is_well_formed();
        answer
    }

    /// Calls one environment of vend.
    pub(crate) async fn at(&self, vend: &Vend<ManualClock>, request: &TestRequest) -> Answer {
        let answer = answered(vend.handle(to_request(&request.0)).await);
        answer.is_well_formed();
        answer
    }
}

impl Answer {
    /// What is true of every answer of every door: nobody may store it, and an error is a problem of RFC 9457.
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
            assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {self:?}");
        }
        assert!(problem["type"].as_str().unwrap().starts_with("urn:webex-token-broker:problem:"), "{self:?}");
        assert_eq!(matches!(self.status, 409 | 429 | 503), !self.header("retry-after").is_empty(), "{self:?}");
        assert_eq!(self.status == 405, !self.header("allow").is_empty(), "{self:?}");
    }

    /// The last word of the problem's type.
    pub(crate) fn problem(&self) -> String {
        let problem = self.json();
        let kind = problem["type"].as_str().unwrap_or_default();
        kind.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Seconds to wait, as the answer says.
    pub(crate) fn retry_after(&self) -> u64 {
        self.header("retry-after").parse().unwrap_or(0)
    }
}

/// The log's lines about `subject`, by any test: let it be a subject of your own.
pub(crate) fn lines_about(subject: &str) -> Vec<Value> {
    let lines = logged();
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["subject"] == subject).collect()
}
