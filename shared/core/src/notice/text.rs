//! Words in notices.

use super::MOST_NAMES;
use crate::id::GrantId;

/// Longest text, in characters. Texts of Webex's errors can be long.
const LONGEST: usize = 1000;

/// The text without the characters that would end a JSON string around it, or that would be markup in an e-mail or a
/// Webex message.
pub(crate) fn readable(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().take(LONGEST) {
        plain.push(match c {
            '"' | '`' => '\'',
            '\\' => '/',
            '<' => '(',
            '>' => ')',
            c if c.is_control() => ' ',
            c => c,
        });
    }
    plain
}

/// The first grants by name, and how many more there are.
pub(crate) fn names(grants: &[GrantId]) -> String {
    let first: Vec<String> = grants.iter().take(MOST_NAMES).map(ToString::to_string).collect();
    let more = grants.len().saturating_sub(MOST_NAMES);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_text_needs_no_escape_in_json() {
        let text = readable("Webex said \"no\"\\\n<b>`why`</b>\u{7}");
        assert_eq!(serde_json::to_string(&text).unwrap(), format!("\"{text}\""));
        assert_eq!(text, "Webex said 'no'/ (b)'why'(/b) ");
    }

    #[test]
    fn names_are_five_at_most() {
        let grant = |n: usize| GrantId::parse(&format!("reports/g{n}")).unwrap();
        let grants: Vec<GrantId> = (0..7).map(grant).collect();
        assert_eq!(names(&grants[..2]), "reports/g0, reports/g1");
        assert!(names(&grants).ends_with("reports/g4 and 2 more"), "{}", names(&grants));
    }
}
