//! The pair: what OAuth gives, and what is kept of it.

use jiff::{SignedDuration, Timestamp};

use crate::token::{AccessToken, RefreshToken};

/// A successful token response (RFC 6749 section 5.1) from a mint, a refresh or an exchange, lifetimes still relative.
#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// The new access token.
    pub access_token: AccessToken,
    /// Lifetime of the access token from the moment of the answer.
    pub expires_in: SignedDuration,
    /// A refresh token, where one came along: it "may or may not differ" from the one sent.
    pub refresh_token: Option<RefreshToken>,
    /// Lifetime of the refresh token from the moment of the answer.
    pub refresh_token_expires_in: Option<SignedDuration>,
    /// The granted scopes, space separated (RFC 6749 section 3.3); minting does not say them.
    pub scope: Option<String>,
}

/// An access token and the refresh token that came with it, lifetimes absolute.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What is vended.
    pub access_token: AccessToken,
    /// When the access token ends.
    pub access_token_expires_at: Timestamp,
    /// What renews it; a personal access token has none.
    pub refresh_token: Option<RefreshToken>,
    /// When the refresh token ends, if Webex said so.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// The granted scopes, space separated.
    pub scope: Option<String>,
}

impl Pair {
    /// The pair that `issued` makes when it arrived at `now`. What a refresh answer left out is as it was before: RFC
    /// 6749 section 6 lets it omit the refresh token, section 5.1 the scope.
    pub fn from_response(response: TokenResponse, before: Option<&Self>, now: Timestamp) -> Self {
        let lives = |lifetime| now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let same_refresh_token = response.refresh_token.is_none();
        let ends_as_before = before.filter(|_| same_refresh_token).and_then(|pair| pair.refresh_token_expires_at);
        Self {
            access_token: response.access_token,
            access_token_expires_at: lives(response.expires_in),
            refresh_token: response.refresh_token.or_else(|| before?.refresh_token.clone()),
            refresh_token_expires_at: response.refresh_token_expires_in.map(lives).or(ends_as_before),
            scope: response.scope.or_else(|| before?.scope.clone()),
        }
    }

    /// Life left in the access token at `now`; zero once it has ended.
    pub fn remaining(&self, now: Timestamp) -> SignedDuration {
        self.access_token_expires_at.duration_since(now).max(SignedDuration::ZERO)
    }

    /// Whether both are one and the same pair: an answer of Webex's that nobody has replaced since.
    pub fn is_the_same_as(&self, other: &Self) -> bool {
        let refresh_token = |pair: &Self| pair.refresh_token.as_ref().map(RefreshToken::fingerprint);
        self.vends_the_same(other) && refresh_token(self) == refresh_token(other)
    }

    /// Whether both pairs hold the same access token.
    pub fn vends_the_same(&self, other: &Self) -> bool {
        self.access_token.fingerprint() == other.access_token.fingerprint()
    }
}
