//! Tables and lists for people.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width};

/// How tables look on this terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Whether it takes colours.
    pub(crate) colors: bool,
}

/// The width from which tables have their additional columns.
const WIDE: usize = 120;
/// Longest line of a list.
const LONGEST_LINE: usize = 120;

impl Look {
    /// Whether there is room for additional columns.
    pub(crate) fn is_wide(self) -> bool {
        self.width >= WIDE
    }

    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        console::style(text).bold().force_styling(self.colors).to_string()
    }

    /// A table with a line of column names. Only the last column wraps.
    pub(crate) fn table(self, columns: &[&str], rows: Vec<Vec<String>>) -> String {
        let mut table = self.plain_table();
        table.set_header(columns.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
        for row in rows {
            table.add_row(row.into_iter().map(cell));
        }
        finish(table, columns.len())
    }

    /// Names and values, one a line.
    pub(crate) fn list(self, rows: Vec<(&str, String)>) -> String {
        let mut table = self.plain_table();
        table.set_width(self.columns(LONGEST_LINE));
        for (name, value) in rows {
            table.add_row([Cell::new(format!("  {name}")), cell(value)]);
        }
        finish(table, 2)
    }

    fn plain_table(self) -> Table {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.columns(usize::MAX));
        if self.colors {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    fn columns(self, most: usize) -> u16 {
        self.width.min(most).try_into().unwrap_or(u16::MAX)
    }
}

/// Lets only the last column wrap, and removes the blanks that end the lines.
fn finish(mut table: Table, columns: usize) -> String {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index + 1 < columns {
            column.set_constraint(ColumnConstraint::ContentWidth);
        } else {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(8)));
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A cell whose first word may have a colour.
fn cell(text: String) -> Cell {
    let color = match text.split([' ', ',']).next().unwrap_or_default() {
        "active" | "ok" | "registered" => Some(Color::Green),
        "failing" | "wrong" | "unreadable" | "fail" | "ended" => Some(Color::Red),
        "pending" | "fenced" | "blocked" | "warn" | "unknown" => Some(Color::Yellow),
        _ => None,
    };
    match color {
        Some(color) => Cell::new(text).fg(color),
        None => Cell::new(text),
    }
}
