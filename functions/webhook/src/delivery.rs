//! What makes a request a delivery: where it goes, and that Webex signed it.

use broker_core::app::WebhookSecrets;
use broker_core::id::AppName;
use broker_core::signature::{self, SignatureError};
use lambda_http::Request;
use lambda_http::http::{HeaderMap, Method};
use lambda_kit::http_function;

use crate::Refusal;

/// The most that is read of a body; Webex's events have about 1 KiB.
const LONGEST_BODY: usize = 64 * 1024;

/// The app that a request is for, if it could be a delivery at all.
pub(crate) fn addressed(request: &Request) -> Result<AppName, Refusal> {
    let segments = http_function::segments(request);
    let ["webhooks", app] = segments.iter().map(AsRef::as_ref).collect::<Vec<&str>>()[..] else {
        return Err(Refusal::NoSuchPath);
    };
    if request.method() != Method::POST {
        return Err(Refusal::NotPost);
    }
    if request.body().len() > LONGEST_BODY {
        return Err(Refusal::TooLarge { bytes: request.body().len(), limit: LONGEST_BODY });
    }
    AppName::parse(app).map_err(|_| Refusal::NoSuchApp)
}

/// Whether one of the app's secrets explains the signatures over the raw body.
pub(crate) fn explains(keys: &WebhookSecrets, request: &Request) -> Result<(), SignatureError> {
    let spark = header(request.headers(), "x-spark-signature");
    let webex = header(request.headers(), "x-webex-signature");
    signature::verify(&keys.secrets, spark, webex, request.body())
}

/// A header's value; of one that is there twice or is not text, something that is no signature.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    Some(first.to_str().ok().filter(|_| values.next().is_none()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn request(method: &str, path: &str, bytes: usize) -> Request {
        let request = lambda_http::http::Request::builder().method(method).uri(path);
        request.body(Body::from("x".repeat(bytes))).unwrap()
    }

    fn outcome(method: &str, path: &str, bytes: usize) -> &'static str {
        addressed(&request(method, path, bytes)).map_or_else(|why| why.outcome(), |_| "addressed")
    }

    #[test]
    fn a_delivery_is_a_small_post_to_an_app() {
        assert_eq!(outcome("POST", "/webhooks/reports", LONGEST_BODY), "addressed");
        assert_eq!(outcome("POST", "/webhooks/reports", LONGEST_BODY + 1), "too_large");
        assert_eq!(outcome("GET", "/webhooks/reports", 0), "method_not_allowed");
        for path in ["/", "/webhooks", "/webhooks/", "/webhooks/a/b", "/hooks/a", "/webhooks/A_B", "/webhooks/..%2Fa"] {
            assert_eq!(outcome("POST", path, 0), "not_found", "{path}");
        }
    }

    #[test]
    fn a_header_that_is_there_twice_is_no_signature() {
        let mut headers = HeaderMap::new();
        assert_eq!(header(&headers, "x-spark-signature"), None);
        headers.append("X-Spark-Signature", "abc".parse().unwrap());
        assert_eq!(header(&headers, "x-spark-signature"), Some("abc"));
        headers.append("x-spark-signature", "abc".parse().unwrap());
        assert_eq!(header(&headers, "x-spark-signature"), Some(""));
    }
}
