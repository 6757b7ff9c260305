//! Events as lines of JSON.
//!
//! Replaces `tracing-subscriber`, whose spans, layers and formats no line of ours uses: the same line in a tenth of the
//! time, and a warm vend writes one for each answer.

use std::fmt;
use std::io::Write;

use broker_core::clock::Clock as _;
use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use crate::clock::SystemClock;

/// The crates of this workspace that log.
pub(super) const OUR_CRATES: [&str; 10] =
    ["broker_core", "webex", "secrets", "lambda_kit", "webhook", "refresher", "vend", "consent", "prober", "agent"];

/// Initial capacity of a line; enough for an audit line of vend.
const LINE_CAPACITY: usize = 768;

/// Writes each enabled event as one line, in one write, so that lines of several threads do not mix.
pub(super) struct JsonSubscriber<W> {
    level: LevelFilter,
    writer: W,
}

impl<W> JsonSubscriber<W> {
    pub(super) fn new(level: LevelFilter, writer: W) -> Self {
        Self { level, writer }
    }

    /// The level for a target. The audit trail is written at every configured level.
    fn level_of(&self, target: &str) -> LevelFilter {
        if target.ends_with("::audit") {
            return self.level.max(LevelFilter::INFO);
        }
        let crate_name = target.split("::").next().unwrap_or_default();
        if OUR_CRATES.contains(&crate_name) { self.level } else { self.level.min(LevelFilter::WARN) }
    }
}

/// Spans are disabled, so that their methods do nothing.
impl<W, O> Subscriber for JsonSubscriber<W>
where
    W: Fn() -> O + Send + Sync + 'static,
    O: Write,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level_of(metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.max(LevelFilter::INFO))
    }

    fn event(&self, event: &Event<'_>) {
        // A closed stdout must not fail the invocation.
        let _ = (self.writer)().write_all(&to_line(event));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn to_line(event: &Event<'_>) -> Vec<u8> {
    let metadata = event.metadata();
    let mut line = Vec::with_capacity(LINE_CAPACITY);
    // Writing to a `Vec` cannot fail.
    let _ = write!(line, "{{\"timestamp\":\"{}\",\"level\":\"{}\"", SystemClock.now(), metadata.level());
    let mut line = JsonLine(line);
    event.record(&mut line);
    line.add("target", metadata.target());
    line.0.extend_from_slice(b"}\n");
    line.0
}

/// An unfinished line, to which fields are added.
struct JsonLine(Vec<u8>);

impl JsonLine {
    /// Adds a field. Names of fields are identifiers with dots and need no escaping.
    fn add(&mut self, name: &str, value: impl Serialize) {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
        // Strings and numbers always serialise.
        let _ = serde_json::to_writer(&mut self.0, &value);
    }
}

impl Visit for JsonLine {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format_args!("{value:?}"));
    }
}
