//! Which page a request is for.

use lambda_http::Request;
use lambda_http::http::Method;
use lambda_kit::http_function;

use crate::error::Error;
use crate::routes::assets::Asset;

/// An endpoint of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            ["assets", name] => Self::Asset(Asset::find(name).ok_or(Error::PageNotFound)?),
            _ => return Err(Error::PageNotFound),
        };
        route.check_method(request.method())?;
        Ok(route)
    }

    fn check_method(self, method: &Method) -> Result<(), Error> {
        match self {
            Self::Key | Self::Lock if *method != Method::POST => Err(Error::MethodNotAllowed { allowed: "POST" }),
            Self::Key | Self::Lock => Ok(()),
            _ if *method != Method::GET && *method != Method::HEAD => {
                Err(Error::MethodNotAllowed { allowed: "GET, HEAD" })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

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
        ] {
            assert_eq!(find(method, path).ok(), Some(route), "{method} {path}");
        }
        for (method, path) in
            [("GET", "/key"), ("POST", "/"), ("POST", "/start"), ("GET", "/x"), ("GET", "/assets/../x")]
        {
            assert!(find(method, path).is_err(), "{method} {path}");
        }
    }
}
