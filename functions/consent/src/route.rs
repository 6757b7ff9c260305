//! What there is.

use lambda_http::Request;
use lambda_http::http::Method;
use lambda_kit::http_function;

use crate::Refusal;
use crate::assets::Asset;

/// One address of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /`: the apps and their scopes.
    Home,
    /// `POST /key`: the operator key.
    Key,
    /// `POST /lock`: the operator leaves.
    Lock,
    /// `GET /review`: what is about to be asked for.
    Review,
    /// `GET /start`: off to Webex.
    Start,
    /// `GET /callback`: back from Webex.
    Callback,
    /// `GET /assets/…`: style, script and mark.
    Asset(Asset),
}

impl Route {
    /// Which address this request is for.
    pub(crate) fn of(request: &Request) -> Result<Self, Refusal> {
        let segments = http_function::segments(request);
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let route = match segments[..] {
            [""] => Self::Home,
            ["key"] => Self::Key,
            ["lock"] => Self::Lock,
            ["review"] => Self::Review,
            ["start"] => Self::Start,
            ["callback"] => Self::Callback,
            ["assets", name] => Self::Asset(Asset::named(name).ok_or(Refusal::NoSuchPage)?),
            _ => return Err(Refusal::NoSuchPage),
        };
        let wanted = match route {
            Self::Key | Self::Lock => Method::POST,
            _ => Method::GET,
        };
        let is_right = *request.method() == wanted || (wanted == Method::GET && *request.method() == Method::HEAD);
        let allowed = if wanted == Method::POST { "POST" } else { "GET, HEAD" };
        is_right.then_some(route).ok_or(Refusal::Method(allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn of(method: &str, path: &str) -> Result<Route, String> {
        let request = lambda_http::http::Request::builder().method(method);
        let request = request.uri(format!("http://x{path}")).body(Body::Empty).unwrap();
        Route::of(&request).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn each_page_has_its_address_and_method() {
        for (method, path, route) in [
            ("GET", "/", Route::Home),
            ("HEAD", "/", Route::Home),
            ("GET", "/?scope=x", Route::Home),
            ("POST", "/key", Route::Key),
            ("POST", "/lock", Route::Lock),
            ("GET", "/review", Route::Review),
            ("GET", "/start", Route::Start),
            ("GET", "/callback", Route::Callback),
        ] {
            assert_eq!(of(method, path).ok(), Some(route), "{method} {path}");
        }
        for (method, path) in
            [("GET", "/key"), ("POST", "/"), ("POST", "/start"), ("GET", "/x"), ("GET", "/assets/../x")]
        {
            assert!(of(method, path).is_err(), "{method} {path}");
        }
    }
}
