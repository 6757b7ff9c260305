//! Errors in words.

use std::error::Error;

/// An error and everything that caused it, outermost first, in one line: variants never repeat their source.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
