//! Switches for what the public sources leave open or disagree about.

use jiff::SignedDuration;

/// What a refresh does to the refresh token (section 3: it "may or may not differ").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The response has the same refresh token.
    Stable,
    /// The response has a new refresh token, and the old one is dead.
    Rotating,
    /// The response has no refresh token, and the old one stays alive.
    Omitted,
}

/// The format of the token endpoints' errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthErrors {
    /// `{"message","errors":[{"description"}],"trackingId"}`, with the code at the start of the description.
    Envelope,
    /// `{"message","trackingId"}`, without any code.
    BareEnvelope,
    /// `{"error","error_description"}`, with the tracking id in the header only.
    Rfc6749,
    /// `{"error","error_description","trackingID"}` without a `trackingid` header, as the identity broker answers. The
    /// id has the journal's UUID after the prefix `CLIENT_`.
    IdentityBroker,
}

/// The form of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShape {
    /// `<64 characters>_<cluster>_<org UUID>`, the org being the account's.
    Suffixed,
    /// Three dotted parts, over 2,000 characters, no suffix.
    Long,
}

/// The behaviour of the simulated Webex. The defaults are what Cisco documents, or else what is reported most often.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What a refresh does to the refresh token.
    pub rotation: Rotation,
    /// The lifetime of access tokens; 1209599 s by default, as in live answers.
    pub access_lifetime: SignedDuration,
    /// The lifetime of refresh tokens; 7775999 s by default.
    pub refresh_lifetime: SignedDuration,
    /// Whether a refresh restores the refresh token's full lifetime. One Cisco log shows that it may not.
    pub refresh_renews: bool,
    /// Whether a mint returns a refresh token (documented as "if applicable").
    pub mint_gives_refresh_token: bool,
    /// A refresh within this time after the last one returns the same access token with the same expiry.
    pub reuse_within: Option<SignedDuration>,
    /// The format of the token endpoints' errors.
    pub oauth_errors: OAuthErrors,
    /// The status for a dead refresh token: 400 or 401, both are reported.
    pub dead_refresh_status: u16,
    /// The status for a wrong client secret: 400 or 401.
    pub wrong_secret_status: u16,
    /// The number of live access tokens that one account may have.
    pub token_limit: usize,
    /// The form of tokens.
    pub token_shape: TokenShape,
    /// The lifetime of authorization codes.
    pub code_lifetime: SignedDuration,
    /// The error with which `/authorize` redirects every browser back: `server_error`, or `access_denied` where the
    /// org's policy refuses integrations.
    pub consent_error: Option<&'static str>,
    /// The lifetime of device codes.
    pub device_lifetime: SignedDuration,
    /// The lifetime of guests' tokens.
    pub guest_lifetime: SignedDuration,
    /// Whether deliveries have `X-Webex-Signature` in addition to `X-Spark-Signature`.
    pub webex_signature: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rotation: Rotation::Stable,
            access_lifetime: SignedDuration::from_secs(1_209_599),
            refresh_lifetime: SignedDuration::from_secs(7_775_999),
            refresh_renews: true,
            mint_gives_refresh_token: true,
            reuse_within: None,
            oauth_errors: OAuthErrors::Envelope,
            dead_refresh_status: 400,
            wrong_secret_status: 401,
            token_limit: 750,
            token_shape: TokenShape::Suffixed,
            code_lifetime: SignedDuration::from_mins(10),
            consent_error: None,
            device_lifetime: SignedDuration::from_mins(5),
            guest_lifetime: SignedDuration::from_secs(64_799),
            webex_signature: false,
        }
    }
}
