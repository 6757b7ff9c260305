//! Secrets as types that cannot be printed, compared or serialised by accident.
//!
//! A secret leaves its type only through `expose`, which is called where it goes over the wire (the Webex client, the
//! secret documents, the answer of vend) and nowhere else; `tests/journeys/tests/tidy` lists those places.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::id::OrgId;

/// Characters of a UUID in the 8-4-4-4-12 form.
const UUID_LENGTH: usize = 36;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// ```compile_fail
        #[doc = concat!("println!(\"{}\", broker_core::token::", stringify!($name), "::new(\"x\"));")]
        /// ```
        /// ```compile_fail
        #[doc = concat!("serde_json::to_string(&broker_core::token::", stringify!($name), "::new(\"x\"));")]
        /// ```
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes the secret out of the open.
            pub fn new(value: impl Into<String>) -> Self {
                Self(SecretString::from(value.into()))
            }

            /// The secret itself, for the wire.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }

            /// Whether there is nothing in it.
            pub fn is_empty(&self) -> bool {
                self.expose().is_empty()
            }

            /// SHA-256 of the secret: what may be compared, logged in part, and said by callers.
            pub fn fingerprint(&self) -> Fingerprint {
                Fingerprint(Sha256::digest(self.expose()).into())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from).map(Self::new)
            }
        }
    };
}

secret! {
    /// An OAuth access token (RFC 6749 section 1.4). Opaque: some are JWTs, some end in the org's id.
    AccessToken
}
impl AccessToken {
    /// The organisation that Webex writes at the end of most tokens (`…_<cluster>_<organisation>`). The token is opaque
    /// otherwise, and some have no such end.
    pub fn org_suffix(&self) -> Option<OrgId> {
        let (_, suffix) = self.expose().rsplit_once('_')?;
        if suffix.len() == UUID_LENGTH { OrgId::parse(suffix).ok() } else { None }
    }
}

secret! {
    /// An OAuth refresh token (RFC 6749 section 1.5).
    RefreshToken
}
secret! {
    /// The secret of a Webex Service App or Integration; a regenerated one kills the old at once.
    ClientSecret
}
secret! {
    /// The key with which Webex signs the bodies it delivers.
    WebhookSecret
}
secret! {
    /// An authorization code (RFC 6749 section 4.1.2): single use.
    AuthorizationCode
}
secret! {
    /// A signed link for consenting to one grant: whoever opens it may consent.
    LinkToken
}
secret! {
    /// A device code (RFC 8628 section 3.2): worth a pair to whoever has the client secret as well.
    DeviceCode
}
secret! {
    /// A PKCE code verifier (RFC 7636 section 4.1).
    CodeVerifier
}
secret! {
    /// OAuth's `state` (RFC 6749 section 10.12): ties Webex's answer to the browser that asked.
    FlowState
}
secret! {
    /// What an operator types to open the consent page.
    OperatorKey
}

/// SHA-256 of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Reads 64 hexadecimal digits of either case; `None` for anything else.
    pub fn parse(hex_digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hex_digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// All 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The first 8 digits: enough to find a token in a log, too little to test a guess.
    pub fn prefix(&self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({}…)", self.prefix())
    }
}

impl<'de> serde::Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a SHA-256 as 64 hexadecimal digits"))
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_type_and_nothing_of_the_value() {
        assert_eq!(format!("{:?}", AccessToken::new("canary")), "AccessToken([redacted])");
    }

    #[test]
    fn org_suffix_is_read_where_there_is_one() {
        let org = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
        let suffix = |token: &str| AccessToken::new(token).org_suffix().map(|org| org.to_string());
        assert_eq!(suffix(&format!("NDFk_P0A1_{org}")).as_deref(), Some(org));
        for opaque in ["", "eyJhbGciOi.J9.x", "NDFk_P0A1_default", "NDFk_P0A1_"] {
            assert_eq!(suffix(opaque), None, "{opaque}");
        }
    }

    #[test]
    fn a_fingerprint_is_the_sha_256_of_the_text() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, "abc"
        let fingerprint = AccessToken::new("abc").fingerprint();
        assert_eq!(fingerprint.hex(), expected);
        assert_eq!(fingerprint.prefix(), "ba7816bf");
        assert_eq!(Fingerprint::parse(&expected.to_uppercase()), Some(fingerprint));
    }

    #[test]
    fn what_is_no_sha_256_is_no_fingerprint() {
        for wrong in ["", "ba7816bf", "zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong:?}");
        }
    }
}
