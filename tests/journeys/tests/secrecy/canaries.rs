//! What must not be seen, in every form in which it might be.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use simulator::SecretsManager;
use url::form_urlencoded;

/// Shorter ones could be found by chance.
const SHORTEST: usize = 12;
/// So much of a long secret gives it away as well.
const HEAD: usize = 24;

/// Forms of secrets, and what each is a form of.
#[derive(Default)]
pub(super) struct Canaries {
    forms: BTreeMap<String, String>,
    /// Versions of documents that were looked through already.
    known: BTreeSet<String>,
}

impl Canaries {
    pub(super) fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= SHORTEST, "{what} is too short to be looked for");
        for form in forms(secret) {
            self.forms.insert(form, what.to_owned());
        }
    }

    /// All secrets in all versions of all documents that the store has.
    pub(super) fn add_all_of(&mut self, store: &SecretsManager) {
        for name in store.names() {
            for version in store.versions(&name) {
                if self.known.insert(format!("{name} {}", version.id)) {
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

    /// How many forms are looked for.
    pub(super) fn len(&self) -> usize {
        self.forms.len()
    }

    /// What is found in `text`, and where.
    pub(super) fn found_in(&self, text: &str) -> Vec<String> {
        let found = self.forms.iter().filter_map(|(form, what)| {
            let line = text.lines().find(|line| line.contains(form.as_str()))?;
            let line: String = line.chars().take(400).collect();
            Some(format!("{what} in: {line}"))
        });
        found.collect()
    }
}

/// The secret as it is, escaped for a URL or a JSON string, in base64, and cut off.
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
    let cut_off = |form: &String| (form.len() >= 2 * HEAD).then(|| form.chars().take(HEAD).collect());
    let heads: Vec<String> = forms.iter().filter_map(cut_off).collect();
    forms.extend(heads);
    forms
}
