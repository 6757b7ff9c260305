//! Removes secrets from text that a server sent.

use url::form_urlencoded;

/// Replaces a secret.
const MARK: &str = "[redacted]";

/// Shortest unbroken run of token characters that counts as an unknown secret. Webex's tokens have 64 characters and
/// more, and its messages have no such words.
const SUSPICIOUS_RUN: usize = 40;

/// Removes the secrets of one request, in every form in which a server is likely to echo them.
pub(crate) struct Redactor {
    /// Longest first, so that a secret is replaced before a part of it.
    forms: Vec<String>,
}

impl Redactor {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all_forms = Vec::new();
        for secret in secrets {
            if !secret.is_empty() {
                all_forms.extend(forms(secret));
            }
        }
        all_forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all_forms.dedup();
        Self { forms: all_forms }
    }

    /// Removes the known secrets from `text`.
    pub(crate) fn strip(&self, text: &str) -> String {
        let mut stripped = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(form) = self.forms.iter().find(|form| rest.starts_with(form.as_str())) {
                stripped.push_str(MARK);
                rest = &rest[form.len()..];
            } else {
                stripped.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        stripped
    }

    /// Removes the known secrets from `text`, and everything that looks like a secret.
    pub(crate) fn strip_and_mask(&self, text: &str) -> String {
        self.strip(text).split_inclusive(|c| !is_token_character(c)).map(mask_long_run).collect()
    }
}

/// Masks the run at the start of `piece` if it is long enough to be a secret, and keeps the delimiter after it.
fn mask_long_run(piece: &str) -> String {
    let run = piece.trim_end_matches(|c| !is_token_character(c));
    if run.len() < SUSPICIOUS_RUN {
        return piece.to_owned();
    }
    format!("{MARK}{}", &piece[run.len()..])
}

/// A character of `token68` (RFC 9110 section 11.2), or the percent sign that escapes the others.
fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=%".contains(c)
}

/// The secret as it is, percent-encoded (with `+` or `%20`, digits of either case), and escaped in a JSON string.
fn forms(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let uri = form.replace('+', "%20");
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or(&json).to_owned();
    vec![secret.to_owned(), lower_escapes(&form), lower_escapes(&uri), json.replace('/', "\\/"), form, uri, json]
}

/// Writes percent escapes in lower case: `%2B` becomes `%2b`.
fn lower_escapes(encoded: &str) -> String {
    let mut since_percent = 3;
    let lowered = encoded.chars().map(|c| {
        since_percent = if c == '%' { 0 } else { since_percent + 1 };
        if since_percent <= 2 { c.to_ascii_lowercase() } else { c }
    });
    lowered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "pa/ss+wo rd\"é%";

    #[test]
    fn secret_is_removed_in_every_form() {
        let redactor = Redactor::new([SECRET, ""]);
        for echoed in [
            SECRET,
            "pa%2Fss%2Bwo+rd%22%C3%A9%25",
            "pa%2Fss%2Bwo%20rd%22%C3%A9%25",
            "pa%2fss%2bwo%20rd%22%c3%a9%25",
            r#"pa/ss+wo rd\"é%"#,
            r#"pa\/ss+wo rd\"é%"#,
        ] {
            assert_eq!(redactor.strip(&format!("<{echoed}>")), "<[redacted]>", "{echoed}");
        }
    }

    #[test]
    fn longer_secret_is_removed_before_a_part_of_it() {
        let redactor = Redactor::new(["abc", "abcdef"]);
        assert_eq!(redactor.strip("abcdef abcd é xabc"), "[redacted] [redacted]d é x[redacted]");
    }

    #[test]
    fn run_as_long_as_a_token_is_masked() {
        let (short, long) = ("x".repeat(39), "Zm9v.-_~+/=%".repeat(4));
        let text = format!("({long}) {short}, {long}");
        let expected = format!("([redacted]) {short}, [redacted]");
        assert_eq!(Redactor::new([]).strip_and_mask(&text), expected);
    }
}
