//! The changes of a grant as a table.

use jiff::Timestamp;

use crate::fleet::Transition;
use crate::format;
use crate::table::Look;

/// The transitions as a table.
pub(crate) fn timeline(history: &[Transition], look: Look, now: Timestamp) -> String {
    if history.is_empty() {
        return "  Nothing is recorded yet.\n".to_owned();
    }
    let mut columns = vec!["TIME", "AGO", "WHAT", "CODE", "BY"];
    if look.is_wide() {
        columns.push("TRACKING ID");
    }
    let rows = history.iter().map(|entry| row(entry, look.is_wide(), now)).collect();
    look.table(&columns, rows)
}

fn row(entry: &Transition, is_wide: bool, now: Timestamp) -> Vec<String> {
    let at = entry.at.map(format::time);
    let ago = format::ago(entry.at, now).replace(" ago", "");
    let mut row = vec![
        at.unwrap_or_else(|| format::NONE.to_owned()),
        ago,
        entry.what.clone(),
        entry.code.clone().unwrap_or_default(),
        if is_wide { entry.by.clone() } else { short(&entry.by) },
    ];
    if is_wide {
        row.push(entry.tracking_id.clone().unwrap_or_default());
    }
    row
}

/// `operator arn:aws:sts::123456789012:assumed-role/ops/alex` is `operator ops/alex` where there is little room.
fn short(by: &str) -> String {
    let Some((kind, arn)) = by.split_once(" arn:") else {
        return by.to_owned();
    };
    let name = arn.rsplit(':').next().unwrap_or(arn);
    format!("{kind} {}", name.trim_start_matches("assumed-role/"))
}
