//! Checks of a request that need no call: where it is addressed to, and its signature.

use broker_core::id::AppName;
use broker_core::signature::{self, SignatureError};
use broker_core::token::WebhookSecret;
use lambda_http::Request;
use lambda_http::http::{HeaderMap, Method};
use lambda_kit::http_function;

use crate::error::Error;

/// Largest body that is read. Webex's events have about 1 KiB.
const LARGEST_BODY: usize = 64 * 1024;

/// The app that the request is addressed to. Checks path, method and size, in this order.
pub(crate) fn addressed_app(request: &Request) -> Result<AppName, Error> {
    let segments = http_function::segments(request);
    let [first, app] = segments.as_slice() else {
        return Err(Error::UnknownPath);
    };
    if first != "webhooks" {
        return Err(Error::UnknownPath);
    }
    if request.method() != Method::POST {
        return Err(Error::MethodNotAllowed);
    }
    let bytes = request.body().len();
    if bytes > LARGEST_BODY {
        return Err(Error::TooLarge { bytes, limit: LARGEST_BODY });
    }
    AppName::parse(app).map_err(|_| Error::UnknownApp)
}

/// Checks that the signature is present and well formed, before anything is read for the request.
pub(crate) fn check_signature_form(request: &Request) -> Result<(), SignatureError> {
    match verify_signature(&[], request) {
        // Without a secret, every well-formed signature is wrong.
        Err(SignatureError::Wrong) => Ok(()),
        result => result,
    }
}

/// Verifies the signatures over the raw body with any of `secrets`.
pub(crate) fn verify_signature(secrets: &[WebhookSecret], request: &Request) -> Result<(), SignatureError> {
    let spark = single_header(request.headers(), "x-spark-signature");
    let webex = single_header(request.headers(), "x-webex-signature");
    signature::verify(secrets, spark, webex, request.body())
}

/// The value of a header. A repeated header and a value outside ASCII are returned as an empty, hence malformed, value.
fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some("");
    }
    Some(first.to_str().unwrap_or_default())
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
        match addressed_app(&request(method, path, bytes)) {
            Ok(_) => "addressed",
            Err(error) => error.outcome(),
        }
    }

    #[test]
    fn delivery_is_a_small_post_to_an_app() {
        assert_eq!(outcome("POST", "/webhooks/reports", LARGEST_BODY), "addressed");
        assert_eq!(outcome("POST", "/webhooks/reports", LARGEST_BODY + 1), "too_large");
        assert_eq!(outcome("GET", "/webhooks/reports", 0), "method_not_allowed");
        assert_eq!(outcome("POST", "/webhooks/reports/", 0), "addressed");
        for path in [
            "/",
            "/webhooks",
            "/webhooks/",
            "/webhooks/a//",
            "/webhooks/a/b",
            "/hooks/a",
            "/webhooks/A_B",
            "/webhooks/..%2Fa",
        ] {
            assert_eq!(outcome("POST", path, 0), "not_found", "{path}");
        }
    }

    #[test]
    fn repeated_header_is_malformed() {
        let mut headers = HeaderMap::new();
        assert_eq!(single_header(&headers, "x-spark-signature"), None);
        headers.append("X-Spark-Signature", "abc".parse().unwrap());
        assert_eq!(single_header(&headers, "x-spark-signature"), Some("abc"));
        headers.append("x-spark-signature", "abc".parse().unwrap());
        assert_eq!(single_header(&headers, "x-spark-signature"), Some(""));
    }
}
