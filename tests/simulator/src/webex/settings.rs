//! Where the public sources disagree or are silent, a switch.

use jiff::SignedDuration;

/// What a refresh does to the refresh token (section 3: it "may or may not differ").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The same refresh token comes back.
    Stable,
    /// A new one comes back and the old one is dead.
    Rotating,
    /// None comes back; the old one goes on.
    Omitted,
}

/// How the token endpoint spells its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthErrors {
    /// `{"message","errors":[{"description"}],"trackingId"}`, the code at the start of the description.
    Envelope,
    /// `{"message","trackingId"}` and no code at all.
    BareEnvelope,
    /// `{"error","error_description"}`; the tracking id is in the header only.
    Rfc6749,
}

/// What tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShape {
    /// `<64 characters>_<cluster>_<org uuid>`.
    Suffixed,
    /// Three dotted parts, over 2,000 characters, no suffix.
    Long,
}

/// The behaviour of the simulated Webex. Starts from what is documented, or else most often reported.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What a refresh does to the refresh token.
    pub rotation: Rotation,
    /// How long an access token lives: 1209599 s, as live answers say.
    pub access_lifetime: SignedDuration,
    /// How long a refresh token lives: 7775999 s.
    pub refresh_lifetime: SignedDuration,
    /// Whether a refresh gives the refresh token its full life again; one Cisco log shows otherwise.
    pub refresh_renews: bool,
    /// Whether a mint comes with a refresh token ("if applicable").
    pub mint_gives_refresh_token: bool,
    /// Asked again within this long, a refresh answers with the access token it gave last, its expiry unchanged.
    pub reuse_within: Option<SignedDuration>,
    /// How the token endpoint spells its errors.
    pub oauth_errors: OAuthErrors,
    /// 400 or 401 for a dead refresh token; both are reported.
    pub dead_refresh_status: u16,
    /// 400 or 401 for a wrong client secret.
    pub wrong_secret_status: u16,
    /// Live access tokens that one account may have.
    pub token_limit: usize,
    /// What tokens look like.
    pub token_shape: TokenShape,
    /// How long an authorization code lives.
    pub code_lifetime: SignedDuration,
    /// The error that the consent page sends every browser back with, such as `server_error`, or `access_denied`
    /// where the org's policy refuses integrations.
    pub consent_error: Option<&'static str>,
    /// How long a device code lives.
    pub device_lifetime: SignedDuration,
    /// How long a guest's token lives.
    pub guest_lifetime: SignedDuration,
    /// Whether deliveries carry `X-Webex-Signature` beside `X-Spark-Signature`.
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
