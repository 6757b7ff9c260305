//! What may be asked.

use broker_core::id::{AppName, GrantId, InvalidName, Subject};
use lambda_http::Request;
use lambda_kit::http_function;

use crate::{Action, Refusal};

/// A request by its method and path. What is wrong with a name is kept: it is told only to callers that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /healthz`
    Health,
    /// `GET /openapi.json`
    OpenApi,
    /// `GET /v1/apps/{app}/grants`
    Grants { app: Result<AppName, InvalidName> },
    /// Something about one grant.
    Grant { id: Result<GrantId, InvalidName>, wish: Wish },
}

/// What is asked about one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// `GET …/token`
    Token,
    /// `POST …/token/rejected`
    Rejected,
    /// `POST …/guests`
    Guest,
}

impl Wish {
    /// What a policy calls it.
    pub(crate) fn action(self) -> Action {
        match self {
            Self::Token => Action::Vend,
            Self::Rejected => Action::Reject,
            Self::Guest => Action::Guest,
        }
    }
}

impl Route {
    /// The route of a request, or that there is none.
    pub(crate) fn of(request: &Request) -> Result<Self, Refusal> {
        let segments = http_function::segments(request);
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let grant = |app, subject, wish| Self::Grant { id: grant(app, subject), wish };
        let (method, route) = match segments[..] {
            ["healthz"] => ("GET", Self::Health),
            ["openapi.json"] => ("GET", Self::OpenApi),
            ["v1", "apps", app, "grants"] => ("GET", Self::Grants { app: AppName::parse(app) }),
            ["v1", "apps", app, "grants", subject, "token"] => ("GET", grant(app, subject, Wish::Token)),
            ["v1", "apps", app, "grants", subject, "token", "rejected"] => {
                ("POST", grant(app, subject, Wish::Rejected))
            }
            ["v1", "apps", app, "grants", subject, "guests"] => ("POST", grant(app, subject, Wish::Guest)),
            _ => return Err(Refusal::NoSuchRoute),
        };
        let fits = *request.method() == method;
        fits.then_some(route).ok_or(Refusal::Method(method))
    }
}

/// Reads a grant's two names.
fn grant(app: &str, subject: &str) -> Result<GrantId, InvalidName> {
    let subject = Subject::parse(subject)?;
    Ok(GrantId::new(AppName::parse(app)?, subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn route(method: &str, path: &str) -> Result<Route, u16> {
        let request = lambda_http::http::Request::builder().method(method).uri(path);
        Route::of(&request.body(Body::Empty).unwrap())
            .map_err(|refusal| lambda_kit::problem::Problem::from(&refusal).kind.status().as_u16())
    }

    fn wish(method: &str, path: &str) -> Option<Wish> {
        match route(method, path) {
            Ok(Route::Grant { wish, .. }) => Some(wish),
            _ => None,
        }
    }

    #[test]
    fn every_route_of_the_contract_is_known() {
        assert_eq!(route("GET", "/healthz"), Ok(Route::Health));
        assert_eq!(route("GET", "/openapi.json"), Ok(Route::OpenApi));
        assert_eq!(route("GET", "/v1/apps/a/grants?next=x"), Ok(Route::Grants { app: AppName::parse("a") }));
        assert_eq!(wish("GET", "/v1/apps/a/grants/s/token?min_ttl=5"), Some(Wish::Token));
        assert_eq!(wish("POST", "/v1/apps/a/grants/s/token/rejected"), Some(Wish::Rejected));
        assert_eq!(wish("POST", "/v1/apps/a/grants/s/guests"), Some(Wish::Guest));
    }

    #[test]
    fn other_paths_are_404_and_other_methods_405() {
        for path in ["/", "/v1", "/v1/apps/a/grants/s", "/v1/apps/a/grants/", "/v2/apps/a/grants", "/healthz/"] {
            assert_eq!(route("GET", path), Err(404), "{path}");
        }
        for (method, path) in [
            ("POST", "/healthz"),
            ("HEAD", "/healthz"),
            ("POST", "/v1/apps/a/grants/s/token"),
            ("GET", "/v1/apps/a/grants/s/token/rejected"),
            ("GET", "/v1/apps/a/grants/s/guests"),
            ("DELETE", "/v1/apps/a/grants"),
        ] {
            assert_eq!(route(method, path), Err(405), "{method} {path}");
        }
    }
}
