//! What a webhook delivery says, read no further than it is needed.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::id::{ApplicationId, OrgId};
use crate::port::AppEvent;

/// What the reader of a delivery knows about the app that it came for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// The Service App's id; `None` if the operator has not written it down.
    pub application_id: Option<&'a ApplicationId>,
    /// Whether the envelope's `orgId` may stand in for a missing `data.authorizerOrgId`. Documents disagree on whose
    /// org that is; taken silently it would onboard the developer's own.
    pub allow_envelope_org: bool,
}

/// A signed delivery, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing for us to do.
    Ignored {
        /// Why, for the log.
        reason: &'static str,
    },
    /// A data source of an org has changed.
    DataSource {
        /// Which org.
        org: OrgId,
    },
    /// An org's authorisation of our app has changed.
    About {
        /// In which way.
        event: AppEvent,
        /// Which org.
        org: OrgId,
        /// `data.authorizationDate`. On `deauthorized` it can still be the original date, so the two events are never
        /// ordered by it alone.
        authorized_at: Option<Timestamp>,
    },
}

/// A signed delivery that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The body is not a JSON object.
    #[error("the body is not a JSON object")]
    NotJson,
    /// There is no org in it.
    #[error("data.authorizerOrgId is missing")]
    NoOrg,
    /// The org is not an org id.
    #[error("data.authorizerOrgId is not an organisation id")]
    InvalidOrg,
}

/// The envelope as it came: every field may be missing or of another type than it should be.
struct Envelope(Map<String, Value>);

impl Delivery {
    /// Reads a body whose signature has been verified. The order is the contract's: resource, event, application id,
    /// and only then the org, so that what is not ours is never refused.
    pub fn parse(body: &[u8], expected: Expected<'_>) -> Result<Self, EventError> {
        let envelope = Envelope(serde_json::from_slice(body).map_err(|_| EventError::NotJson)?);
        if envelope.text("resource") == Some("dataSources") {
            return envelope.data_source(expected);
        }
        if envelope.text("resource") != Some("serviceApp") {
            return Ok(Self::Ignored { reason: "another resource" });
        }
        let event = match envelope.text("event") {
            Some("authorized") => AppEvent::Authorized,
            Some("deauthorized") => AppEvent::Deauthorized,
            _ => {
                return Ok(Self::Ignored { reason: "another event" });
            }
        };
        if envelope.is_about_another_app(expected) {
            return Ok(Self::Ignored { reason: "another application id" });
        }
        Ok(Self::About { event, org: envelope.org(expected)?, authorized_at: envelope.authorized_at() })
    }
}

impl Envelope {
    fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field)?.as_str()
    }

    fn data(&self, field: &str) -> Option<&Value> {
        self.0.get("data")?.get(field)
    }

    /// An event about a data source. Webex delivers it to a webhook that the org's own machine account has registered, so
    /// the org is that of the data source or else of the webhook. It is a hint to look at a grant that exists.
    fn data_source(&self, expected: Expected<'_>) -> Result<Delivery, EventError> {
        let application = self.data("applicationId").and_then(Value::as_str).map(ApplicationId::new);
        if let (Some(said), Some(ours)) = (application, expected.application_id)
            && said != *ours
        {
            return Ok(Delivery::Ignored { reason: "another application id" });
        }
        let org = self.data("orgId").or(self.0.get("orgId")).and_then(Value::as_str);
        match OrgId::parse(org.ok_or(EventError::NoOrg)?) {
            Ok(org) => Ok(Delivery::DataSource { org }),
            Err(_) => Err(EventError::InvalidOrg),
        }
    }

    /// A delivery without an application id is taken for ours: the secret that signed it is our app's.
    fn is_about_another_app(&self, expected: Expected<'_>) -> bool {
        let said = self.data("id").and_then(Value::as_str).map(ApplicationId::new);
        said.is_some_and(|said| expected.application_id.is_some_and(|ours| *ours != said))
    }

    fn org(&self, expected: Expected<'_>) -> Result<OrgId, EventError> {
        let envelope = self.0.get("orgId").filter(|_| expected.allow_envelope_org);
        let said = [self.data("authorizerOrgId"), envelope].into_iter().flatten().find(|value| !value.is_null());
        let org = said.ok_or(EventError::NoOrg)?.as_str().unwrap_or_default();
        OrgId::parse(org).map_err(|_| EventError::InvalidOrg)
    }

    fn authorized_at(&self) -> Option<Timestamp> {
        self.data("authorizationDate")?.as_str()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

    fn body() -> Value {
        json!({
            "id": "webhook", "resource": "serviceApp", "event": "authorized", "orgId": "not-the-customer", "appId": "x",
            "data": { "id": "Cours", "authorizerOrgId": ORG, "authorizationDate": "2026-11-20T10:00:00.123Z" }
        })
    }

    fn parse(body: &Value) -> Result<Delivery, EventError> {
        let ours = ApplicationId::of_client("Cours");
        let expected = Expected { application_id: Some(&ours), allow_envelope_org: false };
        Delivery::parse(body.to_string().as_bytes(), expected)
    }

    #[test]
    fn the_customer_is_the_authorizer_and_never_the_envelopes_org() {
        let about = Delivery::About {
            event: AppEvent::Authorized,
            org: OrgId::parse(ORG).unwrap(),
            authorized_at: Some("2026-11-20T10:00:00.123Z".parse().unwrap()),
        };
        assert_eq!(parse(&body()), Ok(about));
    }

    #[test]
    fn a_missing_authorizer_is_an_error_unless_the_envelope_may_stand_in() {
        let mut body = body();
        body["data"]["authorizerOrgId"].take();
        assert_eq!(parse(&body), Err(EventError::NoOrg));
        body["orgId"] = ORG.into();
        let lenient = Expected { application_id: None, allow_envelope_org: true };
        assert!(matches!(Delivery::parse(body.to_string().as_bytes(), lenient), Ok(Delivery::About { .. })));
    }

    #[test]
    fn what_is_not_ours_is_ignored_before_its_org_is_looked_at() {
        for (pointer, value) in
            [("/resource", json!("messages")), ("/event", json!("created")), ("/data/id", json!("Cother"))]
        {
            let mut body = body();
            *body.pointer_mut(pointer).unwrap() = value;
            body["data"]["authorizerOrgId"] = json!(42);
            assert!(matches!(parse(&body), Ok(Delivery::Ignored { .. })), "{pointer}");
        }
    }

    #[test]
    fn an_org_that_is_none_is_refused() {
        for org in [json!("default"), json!(42), json!(""), json!({})] {
            let mut body = body();
            body["data"]["authorizerOrgId"] = org;
            assert_eq!(parse(&body), Err(EventError::InvalidOrg));
        }
    }

    #[test]
    fn a_date_that_is_none_is_left_out() {
        for date in [json!("yesterday"), json!(7), json!(null)] {
            let mut body = body();
            body["data"]["authorizationDate"] = date;
            assert!(matches!(parse(&body), Ok(Delivery::About { authorized_at: None, .. })));
        }
    }

    #[test]
    fn what_is_no_json_object_is_an_error() {
        for body in ["", "[]", "1", "{", "null", "\u{feff}{}"] {
            assert_eq!(Delivery::parse(body.as_bytes(), Expected::default()), Err(EventError::NotJson), "{body}");
        }
    }

    #[test]
    fn event_of_a_data_source_names_its_org_or_the_webhooks() {
        let mut body = json!({"resource": "dataSources", "event": "updated", "orgId": ORG, "data": {"id": "1"}});
        let org = OrgId::parse(ORG).unwrap();
        assert_eq!(parse(&body), Ok(Delivery::DataSource { org: org.clone() }));
        body["orgId"] = json!("of the webhook");
        body["data"]["orgId"] = ORG.into();
        assert_eq!(parse(&body), Ok(Delivery::DataSource { org }));
        body["data"]["applicationId"] = json!("Cother");
        assert_eq!(parse(&body), Ok(Delivery::Ignored { reason: "another application id" }));
        assert_eq!(parse(&json!({"resource": "dataSources"})), Err(EventError::NoOrg));
        assert_eq!(parse(&json!({"resource": "dataSources", "orgId": "x"})), Err(EventError::InvalidOrg));
    }
}
