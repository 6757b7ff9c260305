//! The log: JSON, one event a line, with the fields beside the message.
//!
//! Only the crates of this workspace follow the configured level. Below `warn`, the SDK and the HTTP stack log bodies and
//! headers, and so secrets; no setting enables those events.

mod json;

use std::io;
use std::panic;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;

use crate::config::Lookup;

/// Sends the log to stdout. A panic is logged with its location, but without its message, which may quote data.
pub fn init(lookup: Lookup<'_>) {
    // Fails on a second call, which only tests make; the first subscriber stays.
    let _ = tracing::subscriber::set_global_default(subscriber(level(lookup), io::stdout));
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string);
        tracing::error!(outcome = "panicked", location, "the function panicked, which is a bug");
    }));
}

/// The level in `AWS_LAMBDA_LOG_LEVEL`, else in `RUST_LOG`, else `info`. A malformed value counts as absent.
fn level(lookup: Lookup<'_>) -> LevelFilter {
    for variable in ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"] {
        let value = lookup(variable).unwrap_or_default();
        if let Some(level) = parse_level(&value) {
            return level;
        }
    }
    LevelFilter::INFO
}

fn parse_level(value: &str) -> Option<LevelFilter> {
    match value.to_ascii_lowercase().as_str() {
        "" => None, // would parse as `error`
        "fatal" => Some(LevelFilter::ERROR),
        name => name.parse().ok(),
    }
}

/// The subscriber that [`init`] installs, with another writer.
pub fn subscriber<W, O>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: Fn() -> O + Send + Sync + 'static,
    O: io::Write,
{
    json::JsonSubscriber::new(level, writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for SharedBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LevelFilter, log: impl FnOnce()) -> String {
        let buffer = SharedBuffer::default();
        let writer = buffer.clone();
        tracing::subscriber::with_default(subscriber(level, move || writer.clone()), log);
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn event_is_one_line_with_its_fields_on_top() {
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
    fn line_begins_with_time_and_level_and_ends_with_target() {
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
    fn sdk_is_silent_at_every_level() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::debug!(target: "aws_smithy_runtime::client", "canary");
            tracing::trace!(target: "hyper_util", "canary");
        });
        assert_eq!(lines, "");
    }

    #[test]
    fn audit_lines_are_written_at_every_level() {
        let lines = logged(LevelFilter::ERROR, || {
            tracing::info!(target: "vend::audit", "who got what");
            tracing::warn!(target: "vend::handler", "canary");
        });
        assert!(lines.contains("who got what") && !lines.contains("canary"), "{lines}");
    }

    #[test]
    fn level_is_lambdas_then_rust_logs_then_info() {
        let of = |lambda: &str, rust: &str| {
            let values = [("AWS_LAMBDA_LOG_LEVEL", lambda.to_owned()), ("RUST_LOG", rust.to_owned())];
            level(&|name| values.iter().find(|(known, _)| *known == name).map(|(_, v)| v.clone()))
        };
        assert_eq!(of("DEBUG", "error"), LevelFilter::DEBUG);
        assert_eq!(of("FATAL", "trace"), LevelFilter::ERROR);
        assert_eq!(of("", "trace"), LevelFilter::TRACE);
        assert_eq!(of("", "hyper=trace"), LevelFilter::INFO);
    }

    #[test]
    fn every_crate_of_the_workspace_follows_the_level() {
        let manifest = include_str!("../../../Cargo.toml");
        let folders = manifest.lines().filter_map(|line| line.split_once(" = { path = "));
        let crates: Vec<_> = folders.map(|(name, _)| name.replace('-', "_")).collect();
        for ours in json::OUR_CRATES {
            assert!(crates.contains(&ours.to_owned()), "{ours} is not a crate of the workspace");
        }
        for name in crates.iter().filter(|name| !["client", "simulator", "wtb"].contains(&name.as_str())) {
            assert!(json::OUR_CRATES.contains(&name.as_str()), "{name} is silent below warn");
        }
    }
}
