//! The figures as Markdown, JSON and SVG.

mod picture;

use std::fmt::Write as _;

use serde::Serialize;

pub use picture::PICTURE_STYLE;

use crate::cold::ColdFigures;
use crate::spread::Spread;
use crate::sweep::SweepFigures;
use crate::warm::WarmFigures;

/// All tables.
#[derive(Default, Serialize)]
pub struct Report {
    /// What a reader must know about the run.
    pub notes: Vec<String>,
    tables: Vec<ReportTable>,
}

#[derive(Serialize)]
struct ReportTable {
    title: String,
    unit: &'static str,
    rows: Vec<ReportRow>,
}

#[derive(Serialize)]
struct ReportRow {
    label: String,
    spread: Spread,
    /// In multiples of the empty function in the same round.
    ratio: Option<Spread>,
    remark: String,
}

impl Report {
    /// Adds the tables of starts, first answers, sizes and memory.
    pub fn add_starts(&mut self, figures: &[ColdFigures]) {
        self.add("Start, to the first request for an event", "ms", figures, |figures| {
            (figures.start, Some(figures.start_ratio), String::new())
        });
        self.add("Start, time on a processor", "ms", figures, |figures| {
            (figures.start_processor, Some(figures.start_processor_ratio), String::new())
        });
        self.add("First answer, with a whole processor", "ms", figures, |figures| {
            (figures.first, None, format!("{:.2} ms of a processor", figures.processor.p50))
        });
        for (index, (megabytes, held, _)) in
            figures.iter().flat_map(|figures| figures.throttled.iter().enumerate()).take(2)
        {
            let how = if *held { "held by a control group" } else { "time on a processor, multiplied" };
            self.add(&format!("First answer, with {megabytes} MB ({how})"), "ms", figures, |figures| {
                (figures.throttled[index].2, None, String::new())
            });
        }
        self.add("Start and first answer, with 128 MB: what the first caller waits", "ms", figures, |figures| {
            (figures.together, None, String::new())
        });
        self.add("Binary", "MB", figures, |figures| (single(figures.bytes, 1_000_000.0), None, String::new()));
        self.add("Resident memory after the first answer", "MB", figures, |figures| {
            (single(figures.resident, 1_024.0), None, String::new())
        });
    }

    /// Adds the table of warm invocations.
    pub fn add_warm(&mut self, figures: &[WarmFigures]) {
        self.add("Warm answer", "µs", figures, |figures| {
            (figures.took, Some(figures.ratio), format!("{:.2} calls", figures.calls))
        });
    }

    /// Adds the table of sweeps.
    pub fn add_sweeps(&mut self, figures: &[SweepFigures]) {
        self.add("Sweep of the refresher, between simulators without latency", "ms", figures, |figures| {
            let SweepFigures { processor, store_calls, versions, webex_calls, .. } = figures;
            let remark = format!(
                "{:.0} ms of a processor, {store_calls} calls to the store, {versions} versions, {webex_calls} calls to Webex",
                processor.p50
            );
            (figures.took, None, remark)
        });
    }

    fn add<F: Labelled>(
        &mut self,
        title: &str,
        unit: &'static str,
        figures: &[F],
        row: impl Fn(&F) -> (Spread, Option<Spread>, String),
    ) {
        let rows = figures.iter().map(|figures| {
            let (spread, ratio, remark) = row(figures);
            ReportRow { label: figures.label().to_owned(), spread, ratio, remark }
        });
        self.tables.push(ReportTable { title: title.to_owned(), unit, rows: rows.collect() });
    }

    /// The tables as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        for note in &self.notes {
            text.push_str(note);
            text.push_str("\n\n");
        }
        for table in &self.tables {
            table.write(&mut text);
        }
        text
    }

    /// Everything, for programs.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Starts and warm answers as bars, in multiples of the empty function.
    pub fn svg(&self) -> String {
        picture::draw(self)
    }
}

impl ReportTable {
    fn write(&self, text: &mut String) {
        let unit = self.unit;
        let _ = write!(
            text,
            "### {}\n\n| | median, {unit} | 10 to 90 %, {unit} | most, {unit} | times the empty function | |\n\
             |---|---|---|---|---|---|\n",
            self.title
        );
        for ReportRow { label, spread, ratio, remark } in &self.rows {
            let ratio = match ratio {
                Some(ratio) => format!("{:.2} ({:.2} to {:.2})", ratio.p50, ratio.p10, ratio.p90),
                None => String::new(),
            };
            let Spread { p10, p50, p90, max } = spread;
            let _ = writeln!(text, "| {label} | {p50:.2} | {p10:.2} to {p90:.2} | {max:.2} | {ratio} | {remark} |");
        }
        text.push('\n');
    }
}

/// What a row of figures is called.
trait Labelled {
    fn label(&self) -> &str;
}

impl Labelled for ColdFigures {
    fn label(&self) -> &str {
        self.label
    }
}

impl Labelled for WarmFigures {
    fn label(&self) -> &str {
        self.label
    }
}

impl Labelled for SweepFigures {
    fn label(&self) -> &str {
        &self.label
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files and processes")]
fn single(value: u64, unit: f64) -> Spread {
    let value = value as f64 / unit;
    Spread { p10: value, p50: value, p90: value, max: value }
}
