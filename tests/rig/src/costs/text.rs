//! The costs as Markdown and as a picture.

use std::fmt::Write as _;

use super::{HOURS_ALONE, Layout, MeasuredLoad, MonthlyCost};

const HEAD: &str = "| organisations | storage | sweeps | vend's reads | Lambda | logs | metrics | alarms | in all | storage and sweeps an organisation | in all an organisation |\n|---|---|---|---|---|---|---|---|---|---|---|\n";

/// The sizes and layouts that are shown.
const SIZES: [f64; 6] = [10.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0];
const LAYOUTS: [(&str, Layout); 2] =
    [("a secret each", Layout::Single), ("packed", Layout::Packed { hours_alone: HOURS_ALONE })];

/// A table for each layout, in dollars a month.
pub fn cost_tables(measured: MeasuredLoad) -> String {
    let mut text = String::new();
    for (title, layout) in LAYOUTS {
        let _ = write!(text, "### {title}\n\n{HEAD}");
        for size in SIZES {
            let cost = MonthlyCost::of(size, layout, measured);
            let _ = write!(text, "| {size:.0} |");
            for part in [cost.storage, cost.sweeps, cost.vend, cost.lambda, cost.logs, cost.metrics, cost.alarms] {
                let _ = write!(text, " {part:.2} |");
            }
            let each = cost.total() / size;
            let _ = writeln!(text, " **{:.2}** | {:.4} | {each:.4} |", cost.total(), cost.storage_and_sweeps());
        }
        text.push('\n');
    }
    text
}

const WIDTH: f64 = 960.0;
const BARS: f64 = 390.0;
const LINE: f64 = 26.0;
/// The length of a factor of ten, and the cost at the left, in dollars.
const DECADE: f64 = 165.0;
const LEAST: f64 = 0.001;

/// Storage and sweeps of an organisation in each layout, on a logarithmic scale.
pub fn cost_picture(style: &str, measured: MeasuredLoad) -> String {
    let mut body = String::from(
        "<text class=\"name\" x=\"30\" y=\"36\">Storage and sweeps, dollars an organisation and month</text>\n",
    );
    let mut y = 70.0;
    for size in [100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0] {
        for (title, layout) in LAYOUTS {
            let cost = MonthlyCost::of(size, layout, measured).storage_and_sweeps();
            let length = ((cost / LEAST).log10() * DECADE).max(1.0);
            let _ = writeln!(
                body,
                "<text class=\"text\" x=\"{:.0}\" y=\"{y:.0}\" text-anchor=\"end\">{size:.0}, {title}</text>\
                 <rect class=\"bar\" x=\"{BARS}\" y=\"{:.0}\" width=\"{length:.1}\" height=\"16\" rx=\"3\"/>\
                 <text class=\"small\" x=\"{:.1}\" y=\"{y:.0}\">{cost:.4}</text>",
                BARS - 12.0,
                y - 13.0,
                BARS + length + 8.0
            );
            y += LINE;
        }
        y += 12.0;
    }
    let goal = BARS + (0.01_f64 / LEAST).log10() * DECADE;
    let _ = writeln!(body, "<path class=\"one\" d=\"M{goal:.1} 50V{:.0}\"/>", y - 30.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y:.0}\" role=\"img\" \
         aria-labelledby=\"title description\">\n<title id=\"title\">What an organisation costs</title>\n\
         <desc id=\"description\">Dollars a month for storage and sweeps, on a logarithmic scale, by number of organisations and \
         layout; the dashed line is one cent.</desc>\n{style}<rect class=\"ground\" width=\"{WIDTH}\" height=\"{y:.0}\" \
         rx=\"14\"/>\n{body}</svg>\n"
    )
}
