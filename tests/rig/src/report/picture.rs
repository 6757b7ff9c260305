//! The ratios as a picture, for light and dark screens.

use std::fmt::Write as _;

use super::{Report, ReportTable};

const WIDTH: f64 = 960.0;
/// Where bars begin.
const BARS: f64 = 330.0;
/// The length of one multiple.
const UNIT: f64 = 75.0;
/// The longest bar; a longer one is cut and says its figure.
const LONGEST: f64 = 7.4;
const LINE: f64 = 34.0;

/// The style of the pictures.
pub const PICTURE_STYLE: &str = r#"<style>
  svg { color-scheme: light dark; font: 15px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
  .ground { fill: #f4f6f5; } .name { font-weight: 700; fill: #17211f; } .text { fill: #17211f; } .small { font-size: 13px; fill: #4a5853; }
  .bar { fill: #0b6e5f; } .one { stroke: #55645f; stroke-width: 1.4; stroke-dasharray: 5 4; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0f1513; } .name, .text { fill: #e6edea; } .small { fill: #b3c2bd; }
    .bar { fill: #4cc3ad; } .one { stroke: #9fb0aa; }
  }
</style>
"#;

/// One group of bars for each table with ratios.
pub(super) fn draw(report: &Report) -> String {
    let tables: Vec<_> =
        report.tables.iter().filter(|table| table.rows.iter().any(|row| row.ratio.is_some())).collect();
    let mut body = String::new();
    let mut y = 36.0;
    for table in &tables {
        y = draw_table(table, y, &mut body);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y:.0}\" role=\"img\" \
         aria-labelledby=\"title description\">\n<title id=\"title\">The functions beside an empty function</title>\n\
         <desc id=\"description\">{}</desc>\n{PICTURE_STYLE}<rect class=\"ground\" width=\"{WIDTH}\" height=\"{y:.0}\" rx=\"14\"/>\n\
         {body}</svg>\n",
        description(&tables)
    )
}

fn description(tables: &[&ReportTable]) -> String {
    let mut text = String::from("Multiples of an empty function in the same run.");
    for table in tables {
        let _ = write!(text, " {}:", table.title);
        for row in &table.rows {
            if let Some(ratio) = row.ratio {
                let _ = write!(text, " {} {:.2};", row.label, ratio.p50);
            }
        }
    }
    text
}

/// Returns where the next table begins.
fn draw_table(table: &ReportTable, mut y: f64, body: &mut String) -> f64 {
    let _ = writeln!(body, "<text class=\"name\" x=\"30\" y=\"{y:.0}\">{}</text>", table.title);
    let _ = writeln!(
        body,
        "<text class=\"small\" x=\"{:.0}\" y=\"{y:.0}\" text-anchor=\"end\">times the empty function; the thin line: \
         10 to 90 % of the rounds</text>",
        WIDTH - 30.0
    );
    let top = y + 10.0;
    y += LINE;
    for row in &table.rows {
        let Some(ratio) = row.ratio else { continue };
        let length = ratio.p50.min(LONGEST) * UNIT;
        let (from, to) = (BARS + ratio.p10.min(LONGEST) * UNIT, BARS + ratio.p90.min(LONGEST) * UNIT);
        let _ = writeln!(
            body,
            "<text class=\"text\" x=\"{:.0}\" y=\"{y:.0}\" text-anchor=\"end\">{}</text>\
             <rect class=\"bar\" x=\"{BARS}\" y=\"{:.0}\" width=\"{length:.1}\" height=\"18\" rx=\"3\"/>\
             <path class=\"one\" style=\"stroke-dasharray:none\" d=\"M{from:.1} {:.0}H{to:.1}\"/>\
             <text class=\"small\" x=\"{:.1}\" y=\"{y:.0}\">{:.2}</text>",
            BARS - 12.0,
            row.label,
            y - 14.0,
            y - 5.0,
            BARS + length.max(ratio.p90.min(LONGEST) * UNIT) + 8.0,
            ratio.p50
        );
        y += LINE;
    }
    let one = BARS + UNIT;
    let _ = writeln!(body, "<path class=\"one\" d=\"M{one} {top:.0}V{:.0}\"/>", y - LINE + 8.0);
    y + 14.0
}
