//! What a success says.

use broker_core::port::WebexError;
use serde_json::Value;

use crate::call::Call;
use crate::failure;
use crate::http::Reply;

/// Makes sense of a JSON body; the error says what is missing, in our words.
pub(crate) type Reader<T> = fn(Value) -> Result<T, &'static str>;

/// Reads the body of a success. What the JSON parser says is dropped, since it quotes values.
pub(crate) fn body<T>(call: &Call<'_>, reply: &Reply, read: Reader<T>) -> Result<T, WebexError> {
    let json = serde_json::from_slice(&reply.body).map_err(|_| "the body is not JSON");
    let answer = json.and_then(read);
    answer.map_err(|reason| failure::unintelligible(call, reply, reason))
}
