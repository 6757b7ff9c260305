//! The log: JSON, one event a line, fields beside the message.
//!
//! Only our own crates follow the configured level. What the SDK and the HTTP stack say below `warn` includes bodies
//! and headers, and so secrets; no setting lets it out.

mod json;

use std::io;
use std::panic;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;

use crate::config::Lookup;

/// Sends the log to stdout, and a panic's location (not its text, which may quote data) to the log.
pub fn init(lookup: Lookup<'_>) {
    // A second call, which only tests make, leaves the first in place.
    let _ = tracing::subscriber::set_global_default(subscriber(level(lookup), io::stdout));
    panic::set_hook(Box::new(|info| {
        let at = info.location().map(ToString::to_string);
        tracing::error!(outcome = "panicked", location = at, "a bug ended the function");
    }));
}

/// `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`; what is no level counts as none.
fn level(lookup: Lookup<'_>) -> LevelFilter {
    let read = |variable: &str| match lookup(variable)?.to_ascii_lowercase().as_str() {
        "" => None, // which would parse, as `error`
        "fatal" => Some(LevelFilter::ERROR),
        word => word.parse().ok(),
    };
    let found = read("AWS_LAMBDA_LOG_LEVEL").or_else(|| read("RUST_LOG"));
    found.unwrap_or(LevelFilter::INFO)
}

/// What [`init`] installs, for another writer.
pub fn subscriber<W, O>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: Fn() -> O + Send + Sync + 'static,
    O: io::Write,
{
    json::Lines::new(level, writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LevelFilter, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(level, move || writer.clone()), log);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn one_event_is_one_line_with_its_fields_on_top() {
        let line = logged(LevelFilter::INFO, || {
            tracing::info!(outcome = "accepted", webex.tracking_id = "ROUTER_1", "done");
        });
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["outcome"], "accepted");
        assert_eq!(line["webex.tracking_id"], "ROUTER_1");
        assert_eq!(line["message"], "done");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn a_line_begins_with_when_and_how_bad_and_ends_with_where() {
        let line = logged(LevelFilter::INFO, || {
            tracing::warn!(count = 3, ratio = 0.5, ok = true, absent = None::<i64>, seen = ?'"', "a \"line\"\nmore");
        });
        let (time, rest) = line.split_once(",\"level\"").unwrap();
        let time: jiff::Timestamp = serde_json::from_str(time.split_once(':').unwrap().1).unwrap();
        assert!(time > jiff::Timestamp::UNIX_EPOCH);
        let expected = r#":"WARN","message":"a \"line\"\nmore","count":3,"ratio":0.5,"ok":true,"seen":"'\"'","target":"lambda_kit::log::tests"}"#;
        assert_eq!(rest, format!("{expected}\n"));
    }

    #[test]
    fn no_level_lets_the_sdk_talk() {
        let said = logged(LevelFilter::TRACE, || {
            tracing::debug!(target: "aws_smithy_runtime::client", "canary");
            tracing::trace!(target: "hyper_util", "canary");
        });
        assert_eq!(said, "");
    }

    #[test]
    fn no_level_silences_the_audit_trail() {
        let said = logged(LevelFilter::ERROR, || {
            tracing::info!(target: "vend::audit", "who got what");
            tracing::warn!(target: "vend::handler", "canary");
        });
        assert!(said.contains("who got what") && !said.contains("canary"), "{said}");
    }

    #[test]
    fn the_level_is_lambdas_else_rust_logs_else_info() {
        let of = |lambda: &str, rust: &str| {
            let values = [("AWS_LAMBDA_LOG_LEVEL", lambda.to_owned()), ("RUST_LOG", rust.to_owned())];
            level(&|name| values.iter().find(|(known, _)| *known == name).map(|(_, v)| v.clone()))
        };
        assert_eq!(of("DEBUG", "error"), LevelFilter::DEBUG);
        assert_eq!(of("FATAL", "trace"), LevelFilter::ERROR);
        assert_eq!(of("", "trace"), LevelFilter::TRACE);
        assert_eq!(of("", "hyper=trace"), LevelFilter::INFO);
    }
}
