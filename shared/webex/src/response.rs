//! Parses the bodies of successful responses.

use broker_core::port::WebexError;
use serde_json::Value;

use crate::error;
use crate::http::RawResponse;
use crate::request::WebexRequest;

/// Converts a JSON body. The error names what is missing and never quotes a value.
pub(crate) type BodyParser<T> = fn(Value) -> Result<T, &'static str>;

/// Parses the body of a successful response.
pub(crate) fn parse<T>(
    request: &WebexRequest<'_>,
    response: &RawResponse,
    parser: BodyParser<T>,
) -> Result<T, WebexError> {
    // The error of serde_json is dropped because it quotes values.
    let result = match serde_json::from_slice(&response.body) {
        Ok(json) => parser(json),
        Err(_) => Err("the body is not JSON"),
    };
    result.map_err(|reason| error::foreign_answer(request, response, reason))
}
