//! Events as lines of JSON.
//!
//! Ours instead of `tracing-subscriber`'s, whose spans, layers and formats none of our lines uses: the same line in a
//! tenth of the time, and a warm vend writes one for each answer.

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
const OURS: [&str; 8] = ["broker_core", "edge", "vault", "webex", "webhook", "refresher", "vend", "consent"];
/// Room for a line as vend's are, so that it is made in one piece.
const USUAL_LINE: usize = 768;

/// Writes each event that is let through as one line, in one write, so that no other line ends up inside it.
pub(super) struct Lines<W> {
    level: LevelFilter,
    writer: W,
}

impl<W> Lines<W> {
    pub(super) fn new(level: LevelFilter, writer: W) -> Self {
        Self { level, writer }
    }

    /// Only our own crates follow the configured level. Who got which token is written whatever it is.
    fn level_of(&self, target: &str) -> LevelFilter {
        if target.ends_with("::audit") {
            return self.level.max(LevelFilter::INFO);
        }
        let of = target.split("::").next().unwrap_or_default();
        if OURS.contains(&of) { self.level } else { self.level.min(LevelFilter::WARN) }
    }
}

/// Spans are never shown, and so there are none.
impl<W, O> Subscriber for Lines<W>
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
        // A closed stdout is nothing to fail for.
        let _ = (self.writer)().write_all(&line(event));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn line(event: &Event<'_>) -> Vec<u8> {
    let (metadata, mut line) = (event.metadata(), Vec::with_capacity(USUAL_LINE));
    // A `Vec` takes whatever is written to it.
    let _ = write!(line, "{{\"timestamp\":\"{}\",\"level\":\"{}\"", SystemClock.now(), metadata.level());
    let mut fields = Fields(line);
    event.record(&mut fields);
    fields.add("target", metadata.target());
    fields.0.extend_from_slice(b"}\n");
    fields.0
}

/// A line, to which each field is added.
struct Fields(Vec<u8>);

impl Fields {
    /// Names are identifiers of ours or of the SDK's, with dots, and need no escapes.
    fn add(&mut self, name: &str, value: impl Serialize) {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
        // Strings and numbers always serialise.
        let _ = serde_json::to_writer(&mut self.0, &value);
    }
}

impl Visit for Fields {
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
