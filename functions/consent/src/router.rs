//! Which page a request is for.

use broker_core::id::GrantId;
use lambda_http::Request;
use lambda_http::http::Method;
use lambda_kit::http_function;

use crate::assets::Asset;
use crate::error::Error;
use crate::grant_act::GrantAct;
use crate::grant_request::GrantRequestError;

/// An endpoint of this function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConsentRoute {
    /// `GET /`: the Integrations and their scopes.
    Home,
    /// `POST /key`: signs an operator in.
    Key,
    /// `POST /lock`: signs the operator out.
    Lock,
    /// `GET /review`: what Webex will be asked for.
    Review,
    /// `GET /start`: redirects to Webex.
    Start,
    /// `GET /callback`: the redirect from Webex.
    Callback,
    /// `GET /fleet`: what needs a person, and the grants.
    Fleet,
    /// `GET /fleet/{app}/{subject}`: one grant.
    Grant(GrantId),
    /// `GET /fleet/{app}/{subject}/confirm`: what ending the grant leads to.
    Confirm(GrantId),
    /// `POST /fleet/{app}/{subject}/{act}`: acts on the grant.
    Act(GrantId, GrantAct),
    /// `GET /apps`: the apps.
    Apps,
    /// `GET /minter`: the minter's grant.
    Minter,
    /// `POST /link`: makes a link with which a person consents to a grant.
    Link,
    /// `GET /invited`: what a link asks for.
    Invited,
    /// `GET /invited/start`: redirects to Webex, for a link.
    InvitedStart,
    /// `GET /assets/{file}`: style, script and mark.
    Asset(Asset),
}

impl ConsentRoute {
    /// Finds the endpoint by path and method.
    pub(crate) fn find(request: &Request) -> Result<Self, Error> {
        let segments = http_function::segments(request);
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let route = match segments[..] {
            [""] => Self::Home,
            ["key"] => Self::Key,
            ["lock"] => Self::Lock,
            ["review"] => Self::Review,
            ["start"] => Self::Start,
            ["callback"] => Self::Callback,
            ["fleet"] => Self::Fleet,
            ["fleet", app, subject] => Self::Grant(grant_id(app, subject)?),
            ["fleet", app, subject, "confirm"] => Self::Confirm(grant_id(app, subject)?),
            ["fleet", app, subject, act] => {
                let act = GrantAct::find(act).ok_or(Error::PageNotFound)?;
                Self::Act(grant_id(app, subject)?, act)
            }
            ["apps"] => Self::Apps,
            ["minter"] => Self::Minter,
            ["link"] => Self::Link,
            ["invited"] => Self::Invited,
            ["invited", "start"] => Self::InvitedStart,
            ["assets", name] => Self::Asset(Asset::find(name).ok_or(Error::PageNotFound)?),
            _ => return Err(Error::PageNotFound),
        };
        route.check_method(request.method())?;
        Ok(route)
    }

    /// Whether it is a page that a person may open by its address.
    pub(crate) fn is_page(&self) -> bool {
        !self.is_form() && !self.is_for_guests() && !matches!(self, Self::Callback | Self::Asset(_))
    }

    /// Whether a person who came by a link is served without an operator key.
    pub(crate) fn is_for_guests(&self) -> bool {
        matches!(self, Self::Invited | Self::InvitedStart)
    }

    /// Whether a form sends it.
    fn is_form(&self) -> bool {
        matches!(self, Self::Key | Self::Lock | Self::Link | Self::Act(..))
    }

    fn check_method(&self, method: &Method) -> Result<(), Error> {
        match self {
            _ if self.is_form() && *method != Method::POST => Err(Error::MethodNotAllowed { allowed: "POST" }),
            _ if self.is_form() => Ok(()),
            _ if *method != Method::GET && *method != Method::HEAD => {
                Err(Error::MethodNotAllowed { allowed: "GET, HEAD" })
            }
            _ => Ok(()),
        }
    }
}

fn grant_id(app: &str, subject: &str) -> Result<GrantId, GrantRequestError> {
    let id = GrantId::parse(&format!("{app}/{subject}"));
    id.map_err(|error| GrantRequestError::InvalidName(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn id() -> GrantId {
        GrantId::parse("reports/default").unwrap()
    }

    fn find(method: &str, path: &str) -> Result<ConsentRoute, String> {
        let request = lambda_http::http::Request::builder().method(method);
        let request = request.uri(format!("http://x{path}")).body(Body::Empty).unwrap();
        ConsentRoute::find(&request).map_err(|error| error.to_string())
    }

    #[test]
    fn each_page_has_its_path_and_method() {
        for (method, path, route) in [
            ("GET", "/", ConsentRoute::Home),
            ("HEAD", "/", ConsentRoute::Home),
            ("GET", "/?scope=x", ConsentRoute::Home),
            ("POST", "/key", ConsentRoute::Key),
            ("POST", "/lock", ConsentRoute::Lock),
            ("GET", "/review", ConsentRoute::Review),
            ("GET", "/start", ConsentRoute::Start),
            ("GET", "/callback", ConsentRoute::Callback),
            ("GET", "/fleet?q=x", ConsentRoute::Fleet),
            ("GET", "/fleet/reports/default", ConsentRoute::Grant(id())),
            ("GET", "/fleet/reports/default/confirm", ConsentRoute::Confirm(id())),
            ("POST", "/fleet/reports/default/renew", ConsentRoute::Act(id(), GrantAct::Renew)),
            ("POST", "/link", ConsentRoute::Link),
            ("GET", "/invited?link=x", ConsentRoute::Invited),
            ("GET", "/invited/start?link=x", ConsentRoute::InvitedStart),
            ("GET", "/apps", ConsentRoute::Apps),
            ("GET", "/minter", ConsentRoute::Minter),
        ] {
            assert_eq!(find(method, path).ok(), Some(route), "{method} {path}");
        }
        let unknown = [
            ("GET", "/key"),
            ("GET", "/link"),
            ("POST", "/invited"),
            ("POST", "/"),
            ("POST", "/start"),
            ("GET", "/x"),
            ("GET", "/assets/../x"),
            ("POST", "/fleet"),
            ("GET", "/fleet/reports/default/renew"),
            ("POST", "/fleet/reports/default/confirm"),
            ("POST", "/fleet/reports/default/sweep"),
            ("GET", "/fleet/REPORTS/default"),
            ("GET", "/fleet/reports"),
        ];
        for (method, path) in unknown {
            assert!(find(method, path).is_err(), "{method} {path}");
        }
    }
}
