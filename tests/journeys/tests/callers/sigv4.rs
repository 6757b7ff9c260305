//! AWS Signature Version 4, checked as AWS does it: from the documentation, not by the SDK that also signs.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

/// Whose signatures hold.
pub(super) const ACCESS_KEY: &str = "AKIAEXAMPLE";
/// The access key of another role, with the same secret.
pub(super) const STRANGER_KEY: &str = "ASIASTRANGER";
pub(super) const SECRET_KEY: &str = "not/a+secret";

/// The sessions of the two keys.
const SESSIONS: [(&str, &str); 2] = [
    (ACCESS_KEY, "arn:aws:sts::123456789012:assumed-role/reporting/snippet"),
    (STRANGER_KEY, "arn:aws:sts::123456789012:assumed-role/stranger/prober"),
];

/// What was signed.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    /// The ARN of the session whose signature the `Authorization` header holds, for a Function URL; `None` if it does not.
    pub(super) fn signer(&self) -> Option<&'static str> {
        let header = self.headers.get("authorization")?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let (key, scope) = part("Credential")?.split_once('/')?;
        let (_, session) = SESSIONS.iter().find(|(known, _)| *known == key)?;
        let names = part("SignedHeaders")?;
        let [date, region, "lambda", "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
            return None;
        };
        let time = self.headers.get("x-amz-date")?.to_str().ok()?;
        let has_host = names.split(';').any(|name| name == "host");
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(self.canonical(names)?.as_bytes()));
        let first = format!("AWS4{SECRET_KEY}").into_bytes();
        let key = [date, region, "lambda", "aws4_request"].iter().fold(first, |key, part| hmac(&key, part));
        let holds = has_host && time.starts_with(date) && part("Signature")? == hex::encode(hmac(&key, &to_sign));
        if holds { Some(session) } else { None }
    }

    fn canonical(&self, names: &str) -> Option<String> {
        let value = |name: &str| self.headers.get(name)?.to_str().ok();
        let lines: Option<String> =
            names.split(';').map(|name| Some(format!("{name}:{}\n", value(name)?.trim()))).collect();
        // For all services but S3 the path, as it stands in the URL, is encoded once more.
        let path: Vec<_> = self.path.split('/').map(encoded).collect();
        let mut query: Vec<_> = form_urlencoded::parse(self.query.as_bytes())
            .map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)))
            .collect();
        query.sort();
        let (path, query, body) = (path.join("/"), query.join("&"), sha256(self.body));
        Some(format!("{}\n{path}\n{query}\n{}\n{names}\n{body}", self.method, lines?))
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
