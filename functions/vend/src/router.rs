//! Which endpoint a request is for.

use broker_core::id::{AppName, GrantId, InvalidName, Subject};
use lambda_http::Request;
use lambda_kit::http_function;

use crate::access::policy::Action;
use crate::error::Error;

/// The endpoint by method and path. An invalid name is kept as its error, which only a known caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VendRoute {
    /// `GET /healthz`
    Health,
    /// `GET /openapi.json`
    OpenApi,
    /// `GET /v1/apps/{app}/grants`
    List { app: Result<AppName, InvalidName> },
    /// An endpoint below `/v1/apps/{app}/grants/{subject}/`.
    Grant { id: Result<GrantId, InvalidName>, endpoint: GrantEndpoint },
}

/// The endpoints of one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantEndpoint {
    /// `GET …/token`
    Token,
    /// `POST …/token/rejected`
    Rejected,
    /// `POST …/guests`
    Guests,
}

impl GrantEndpoint {
    /// The action that a policy must permit.
    pub(crate) fn action(self) -> Action {
        match self {
            Self::Token => Action::Vend,
            Self::Rejected => Action::Reject,
            Self::Guests => Action::Guest,
        }
    }
}

impl VendRoute {
    /// The endpoint that `request` is for.
    pub(crate) fn parse(request: &Request) -> Result<Self, Error> {
        let segments = http_function::segments(request);
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let (method, route) = match segments[..] {
            ["healthz"] => ("GET", Self::Health),
            ["openapi.json"] => ("GET", Self::OpenApi),
            ["v1", "apps", app, "grants"] => ("GET", Self::List { app: AppName::parse(app) }),
            // A URN that was not escaped, or that a gateway has unescaped, some of them with one slash for two.
            ["v1", "apps", app, "grants", "ciscospark:", "", region, kind, id, ref endpoint @ ..]
            | ["v1", "apps", app, "grants", "ciscospark:", region, kind, id, ref endpoint @ ..] => {
                Self::of_grant(app, &format!("ciscospark://{region}/{kind}/{id}"), endpoint)?
            }
            ["v1", "apps", app, "grants", subject, ref endpoint @ ..] => Self::of_grant(app, subject, endpoint)?,
            _ => return Err(Error::UnknownPath),
        };
        if *request.method() == method { Ok(route) } else { Err(Error::Method(method)) }
    }

    /// The endpoint of a grant, after its path, and its method.
    fn of_grant(app: &str, subject: &str, endpoint: &[&str]) -> Result<(&'static str, Self), Error> {
        let (method, endpoint) = match endpoint {
            ["token"] => ("GET", GrantEndpoint::Token),
            ["token", "rejected"] => ("POST", GrantEndpoint::Rejected),
            ["guests"] => ("POST", GrantEndpoint::Guests),
            _ => return Err(Error::UnknownPath),
        };
        Ok((method, Self::Grant { id: parse_id(app, subject), endpoint }))
    }
}

fn parse_id(app: &str, subject: &str) -> Result<GrantId, InvalidName> {
    let subject = Subject::parse(subject)?;
    Ok(GrantId::new(AppName::parse(app)?, subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;
    use lambda_kit::problem::Problem;

    fn parse(method: &str, path: &str) -> Result<VendRoute, u16> {
        let request = lambda_http::http::Request::builder().method(method).uri(path).body(Body::Empty).unwrap();
        VendRoute::parse(&request).map_err(|error| Problem::from(&error).kind.status().as_u16())
    }

    fn endpoint(method: &str, path: &str) -> Option<GrantEndpoint> {
        match parse(method, path) {
            Ok(VendRoute::Grant { endpoint, .. }) => Some(endpoint),
            _ => None,
        }
    }

    #[test]
    fn parse_knows_every_endpoint() {
        assert_eq!(parse("GET", "/healthz"), Ok(VendRoute::Health));
        assert_eq!(parse("GET", "/openapi.json"), Ok(VendRoute::OpenApi));
        assert_eq!(parse("GET", "/v1/apps/a/grants?next=x"), Ok(VendRoute::List { app: AppName::parse("a") }));
        assert_eq!(endpoint("GET", "/v1/apps/a/grants/s/token?min_ttl=5"), Some(GrantEndpoint::Token));
        assert_eq!(endpoint("POST", "/v1/apps/a/grants/s/token/rejected"), Some(GrantEndpoint::Rejected));
        assert_eq!(endpoint("POST", "/v1/apps/a/grants/s/guests"), Some(GrantEndpoint::Guests));
    }

    #[test]
    fn slash_at_the_end_makes_no_difference() {
        assert_eq!(parse("GET", "/healthz/"), Ok(VendRoute::Health));
        assert_eq!(parse("GET", "/v1/apps/a/grants/"), Ok(VendRoute::List { app: AppName::parse("a") }));
        assert_eq!(endpoint("GET", "/v1/apps/a/grants/s/token/?min_ttl=5"), Some(GrantEndpoint::Token));
    }

    #[test]
    fn organisation_may_be_a_urn() {
        let uuid = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
        let expected = GrantId::parse(&format!("a/{uuid}")).unwrap();
        for urn in [
            format!("ciscospark%3A%2F%2Fus%2FORGANIZATION%2F{uuid}"),
            format!("ciscospark://us/ORGANIZATION/{uuid}"),
            format!("ciscospark:/us/ORGANIZATION/{uuid}"),
            uuid.replace('-', ""),
        ] {
            for (method, end) in [("GET", "token"), ("POST", "token/rejected"), ("POST", "guests")] {
                match parse(method, &format!("/v1/apps/a/grants/{urn}/{end}")) {
                    Ok(VendRoute::Grant { id, .. }) => assert_eq!(id.as_ref(), Ok(&expected), "{urn}"),
                    other => panic!("{urn}: {other:?}"),
                }
            }
        }
        assert_eq!(parse("GET", "/v1/apps/a/grants/ciscospark://us/ORGANIZATION/token"), Err(404));
    }

    #[test]
    fn unknown_paths_are_404_and_other_methods_405() {
        for path in ["/", "/v1", "/v1/apps/a/grants/s", "/v1/apps/a/grants//", "/v2/apps/a/grants", "/healthz//"] {
            assert_eq!(parse("GET", path), Err(404), "{path}");
        }
        for (method, path) in [
            ("POST", "/healthz"),
            ("HEAD", "/healthz"),
            ("POST", "/v1/apps/a/grants/s/token"),
            ("GET", "/v1/apps/a/grants/s/token/rejected"),
            ("GET", "/v1/apps/a/grants/s/guests"),
            ("DELETE", "/v1/apps/a/grants"),
        ] {
            assert_eq!(parse(method, path), Err(405), "{method} {path}");
        }
    }
}
