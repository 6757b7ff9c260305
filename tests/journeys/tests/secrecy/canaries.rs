//! The secrets to search for, in every encoding in which they might appear.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use simulator::SecretsManager;
use url::form_urlencoded;

/// The shortest secret to search for, in bytes: a shorter one could be found by chance.
const SHORTEST: usize = 12;
/// Length of the prefix of a long secret that is searched for too, in bytes.
const HEAD: usize = 24;

/// Encoded secrets, each with a description of its secret.
#[derive(Default)]
pub(super) struct Canaries {
    forms: BTreeMap<String, String>,
    /// Versions of documents whose secrets have been added.
    seen_versions: BTreeSet<String>,
}

impl Canaries {
    /// Adds a secret; `what` describes it in a failed assertion.
    pub(super) fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= SHORTEST, "{what} is too short to search for");
        self.forms.extend(forms(secret).into_iter().map(|form| (form, what.to_owned())));
    }

    /// Adds the secrets in every version of every document in the store.
    pub(super) fn add_all_of(&mut self, store: &SecretsManager) {
        for name in store.names() {
            for version in store.versions(&name) {
                if self.seen_versions.insert(format!("{name} {}", version.id)) {
                    let text = store.version_text(&name, &version.id).unwrap_or_default();
                    self.add_document(&name, &serde_json::from_str(&text).unwrap_or_default());
                }
            }
        }
    }

    fn add_document(&mut self, name: &str, document: &Value) {
        for field in ["access_token", "refresh_token", "client_secret"] {
            if let Some(secret) = document[field].as_str() {
                self.add(&format!("{field} of {name}"), secret);
            }
        }
        for secret in document["secrets"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.add(&format!("secret of {name}"), secret);
        }
    }

    /// The number of encoded secrets.
    pub(super) fn len(&self) -> usize {
        self.forms.len()
    }

    /// Descriptions of the secrets found in `text`, with the line of each.
    pub(super) fn found_in(&self, text: &str) -> Vec<String> {
        let starts: BTreeSet<&str> = self.forms.keys().filter_map(|form| form.get(..SHORTEST)).collect();
        let search = AhoCorasick::new(starts).unwrap();
        let mut found = BTreeMap::new();
        for line in text.lines() {
            for start in search.find_overlapping_iter(line).map(|start| &line[start.start()..]) {
                let sharing_start = self.forms.range(start[..SHORTEST].to_owned()..=start.to_owned());
                for (form, what) in sharing_start.filter(|(form, _)| start.starts_with(form.as_str())) {
                    found.entry(form).or_insert((what, line));
                }
            }
        }
        let describe =
            |(what, line): (&String, &str)| format!("{what} in: {}", line.chars().take(400).collect::<String>());
        found.into_values().map(describe).collect()
    }
}

/// The secret itself, escaped for JSON and for URLs, in base64, and the prefix of each of these if it is long.
fn forms(secret: &str) -> Vec<String> {
    let json = Value::from(secret).to_string();
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms = vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        form.replace('+', "%20"),
        form,
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    let long = forms.iter().filter(|form| form.len() >= 2 * HEAD);
    let heads: Vec<String> = long.map(|form| form.chars().take(HEAD).collect()).collect();
    forms.extend(heads);
    forms
}
