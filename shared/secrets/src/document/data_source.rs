//! The record of a data source as the value of a tag: words `name=value`, at most 256 characters of those that AWS
//! takes in a tag. It holds no secret, because tags are shown to anyone who may list secrets.

use std::fmt::Write as _;

use broker_core::data_sources::{DataSourceFailure, DataSourceRecord};
use jiff::Timestamp;

/// Most characters of a tag's value: the service's limit.
const LONGEST_VALUE: usize = 256;
/// Longest word that is stored. An id of Webex's has 36 characters or about 80.
const LONGEST_WORD: usize = 90;
/// The value for a data source that there is no record of. Removing a tag would take another permission.
const FORGOTTEN: &str = "none";
/// Comes before the message, which may hold blanks and is last.
const MESSAGE: &str = " message=";

/// The value of the tag for a record.
pub(crate) fn write(record: Option<&DataSourceRecord>) -> String {
    let Some(record) = record else { return FORGOTTEN.to_owned() };
    let state = if record.is_disabled { "disabled" } else { "active" };
    let mut value = format!("state={state} looked={}", record.looked_at.as_second());
    if let Some(ends) = record.expires_at {
        let _ = write!(value, " ends={}", ends.as_second());
    }
    push(&mut value, "wanted", Some(&record.wanted_digest));
    push(&mut value, "id", record.id.as_deref());
    push(&mut value, "nonce", record.nonce_digest.as_deref());
    if let Some(failure) = &record.failure {
        let _ = write!(value, " since={} attempts={}", failure.since.as_second(), failure.attempts);
        if failure.is_refusal {
            push(&mut value, "refused", Some("yes"));
        }
        push(&mut value, "code", Some(&failure.code));
        push(&mut value, "tracking", failure.tracking_id.as_deref());
    }
    if let Some(message) = &record.message {
        let message: String = message.chars().map(|c| if is_allowed(c) || c == ' ' { c } else { ' ' }).collect();
        let room = LONGEST_VALUE.saturating_sub(value.chars().count() + MESSAGE.len());
        let _ = write!(value, "{MESSAGE}{}", message.chars().take(room).collect::<String>());
    }
    value.chars().take(LONGEST_VALUE).collect()
}

/// Adds a word if it fits and can be stored. What is missing is found out again from Webex.
fn push(value: &mut String, name: &str, word: Option<&str>) {
    let Some(word) = word else { return };
    let fits = word.len() <= LONGEST_WORD && value.len() + name.len() + word.len() + 2 <= LONGEST_VALUE;
    if fits && !word.is_empty() && word.chars().all(is_allowed) {
        let _ = write!(value, " {name}={word}");
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.:/=+-@".contains(c)
}

/// The record in the value of a tag; `None` if there is none or it is not of this form.
pub(crate) fn read(value: &str) -> Option<DataSourceRecord> {
    let (words, message) = match value.split_once(MESSAGE) {
        Some((words, message)) => (words, Some(message.to_owned())),
        None => (value, None),
    };
    Some(DataSourceRecord {
        id: word(words, "id").map(str::to_owned),
        expires_at: time(words, "ends"),
        looked_at: time(words, "looked")?,
        is_disabled: word(words, "state")? == "disabled",
        message,
        nonce_digest: word(words, "nonce").map(str::to_owned),
        wanted_digest: word(words, "wanted")?.to_owned(),
        failure: failure(words),
    })
}

fn failure(words: &str) -> Option<DataSourceFailure> {
    Some(DataSourceFailure {
        since: time(words, "since")?,
        attempts: word(words, "attempts")?.parse().ok()?,
        code: word(words, "code").unwrap_or("unknown").to_owned(),
        tracking_id: word(words, "tracking").map(str::to_owned),
        is_refusal: word(words, "refused").is_some(),
    })
}

fn word<'v>(words: &'v str, name: &str) -> Option<&'v str> {
    words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn time(words: &str, name: &str) -> Option<Timestamp> {
    Timestamp::from_second(word(words, name)?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn record() -> DataSourceRecord {
        DataSourceRecord {
            id: Some("85895e47-3096-4c47-aae8-f5a52f7b7870".to_owned()),
            expires_at: Some(at(1_795_780_800)),
            looked_at: at(1_795_694_400),
            is_disabled: false,
            message: None,
            nonce_digest: Some("0a1b2c3d".to_owned()),
            wanted_digest: "ba7816bf".to_owned(),
            failure: None,
        }
    }

    #[test]
    fn record_is_read_as_it_was_written() {
        let failure = DataSourceFailure {
            since: at(1_795_000_000),
            attempts: 3,
            code: "http_403".to_owned(),
            tracking_id: Some("ROUTERGW_85895e47-3096-4c47-aae8-f5a52f7b7870".to_owned()),
            is_refusal: true,
        };
        let disabled = DataSourceRecord { is_disabled: true, message: Some("out of order".to_owned()), ..record() };
        let unregistered = DataSourceRecord { id: None, expires_at: None, nonce_digest: None, ..record() };
        for written in [record(), disabled, unregistered, DataSourceRecord { failure: Some(failure), ..record() }] {
            let value = write(Some(&written));
            assert_eq!(read(&value), Some(written), "{value}");
            assert!(value.len() <= LONGEST_VALUE, "{value}");
        }
        assert_eq!(read(&write(None)), None);
    }

    #[test]
    fn value_holds_only_what_a_tag_may_hold() {
        let long = DataSourceRecord {
            id: Some("x".repeat(500)),
            message: Some("<p>\"é\"; ends=1".repeat(40)),
            nonce_digest: Some("a b".to_owned()),
            ..record()
        };
        let value = write(Some(&long));
        assert_eq!(value.chars().count(), LONGEST_VALUE);
        assert!(value.chars().all(|c| is_allowed(c) || c == ' '), "{value}");
        let read = read(&value).unwrap();
        assert_eq!((read.id, read.nonce_digest, read.expires_at), (None, None, record().expires_at));
    }

    #[test]
    fn value_of_another_form_is_no_record() {
        for value in ["", "none", "state=active", "looked=x state=active wanted=a", "something else"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
