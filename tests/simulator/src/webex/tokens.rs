//! Token pairs: issue, refresh, expiry and removal (sections 1 to 3).

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{WebexError, WebexResult};
use super::world::World;
use super::{Rotation, random};
use crate::clock::later;

/// The account that a token belongs to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The id of the user, machine account or guest.
    pub(crate) account: String,
    /// The user's name; `None` for machine accounts and guests.
    pub(crate) user: Option<String>,
    pub(crate) org: String,
    /// The client that the token was issued to; `None` for a personal access token.
    pub(crate) client: Option<String>,
}

/// What Webex knows about an access token.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) holder: Holder,
    /// `None` means all scopes of the user (personal access tokens).
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) expires_at: Timestamp,
}

/// What Webex knows about a refresh token.
#[derive(Clone)]
struct RefreshToken {
    holder: Holder,
    scopes: Vec<String>,
    expires_at: Timestamp,
    /// The newest access token issued for it, and when.
    newest_access: (String, Timestamp),
}

/// A pair as it is issued.
pub(crate) struct IssuedPair {
    pub(crate) access_token: String,
    pub(crate) access_expires_at: Timestamp,
    pub(crate) refresh: Option<(String, Timestamp)>,
    pub(crate) scopes: Vec<String>,
}

/// All tokens.
#[derive(Default)]
pub(crate) struct TokenStore {
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    /// The access tokens of each account, for its limit.
    by_account: BTreeMap<String, Vec<String>>,
}

impl TokenStore {
    /// The access token, if it is alive.
    pub(crate) fn access(&self, token: &str, now: Timestamp) -> Option<&AccessToken> {
        self.access.get(token).filter(|access| access.expires_at > now)
    }

    /// The number of live access tokens of an account.
    pub(crate) fn live_count(&self, account: &str, now: Timestamp) -> usize {
        let tokens = self.by_account.get(account).into_iter().flatten();
        tokens.filter(|token| self.access(token, now).is_some()).count()
    }

    pub(crate) fn is_refresh_alive(&self, token: &str, now: Timestamp) -> bool {
        match self.refresh.get(token) {
            Some(refresh) => refresh.expires_at > now,
            None => false,
        }
    }

    pub(crate) fn insert(&mut self, token: String, access: AccessToken) {
        let account = access.holder.account.clone();
        self.by_account.entry(account).or_default().push(token.clone());
        self.access.insert(token, access);
    }

    /// Removes one token, access or refresh; false if there is no such token.
    pub(crate) fn remove(&mut self, token: &str) -> bool {
        self.access.remove(token).is_some() | self.refresh.remove(token).is_some()
    }

    /// Removes all tokens of an account.
    pub(crate) fn remove_account(&mut self, account: &str) {
        for token in self.by_account.remove(account).unwrap_or_default() {
            self.access.remove(&token);
        }
        self.refresh.retain(|_, refresh| refresh.holder.account != account);
    }
}

impl World {
    /// Issues an access token, within the account's limit.
    pub(crate) fn issue_access(&mut self, access: AccessToken, now: Timestamp) -> WebexResult<String> {
        if self.tokens.live_count(&access.holder.account, now) >= self.settings.token_limit {
            return Err(WebexError::token_limit());
        }
        let token = random::token(&mut self.rng, self.settings.token_shape, &access.holder.org);
        self.tokens.insert(token.clone(), access);
        Ok(token)
    }

    /// Issues a pair; earlier pairs stay alive.
    pub(crate) fn issue_pair(
        &mut self,
        holder: Holder,
        scopes: Vec<String>,
        with_refresh: bool,
        now: Timestamp,
    ) -> WebexResult<IssuedPair> {
        let access_expires_at = later(now, self.settings.access_lifetime);
        let access =
            AccessToken { holder: holder.clone(), scopes: Some(scopes.clone()), expires_at: access_expires_at };
        let access_token = self.issue_access(access, now)?;
        let mut pair = IssuedPair { access_token, access_expires_at, refresh: None, scopes };
        if with_refresh {
            pair.refresh = Some(self.add_refresh(RefreshToken {
                holder,
                scopes: pair.scopes.clone(),
                expires_at: later(now, self.settings.refresh_lifetime),
                newest_access: (pair.access_token.clone(), now),
            }));
        }
        Ok(pair)
    }

    fn add_refresh(&mut self, refresh: RefreshToken) -> (String, Timestamp) {
        let shape = self.settings.token_shape;
        let token = random::token(&mut self.rng, shape, &refresh.holder.org);
        let expires_at = refresh.expires_at;
        self.tokens.refresh.insert(token.clone(), refresh);
        (token, expires_at)
    }

    /// Issues a new access token for a refresh token. The previous access token stays alive.
    pub(crate) fn refresh(&mut self, client_id: &str, token: &str, now: Timestamp) -> WebexResult<IssuedPair> {
        let known = self.tokens.refresh.get(token).cloned();
        let known = known.filter(|known| known.expires_at > now);
        let Some(mut refresh) = known.filter(|known| known.holder.client.as_deref() == Some(client_id)) else {
            let message = "The refresh token is invalid, expired or revoked.";
            let status = self.settings.dead_refresh_status;
            return Err(WebexError::oauth(status, "invalid_grant", message));
        };
        if let Some(pair) = self.repeated_pair(token, &refresh, now) {
            return Ok(pair);
        }
        let scopes = refresh.scopes.clone();
        let mut pair = self.issue_pair(refresh.holder.clone(), scopes, false, now)?;
        if self.settings.refresh_renews {
            refresh.expires_at = later(now, self.settings.refresh_lifetime);
        }
        refresh.newest_access = (pair.access_token.clone(), now);
        pair.refresh = self.rotate(token, refresh);
        Ok(pair)
    }

    /// Stores the refresh token after its use, and returns what the response says of it.
    fn rotate(&mut self, token: &str, refresh: RefreshToken) -> Option<(String, Timestamp)> {
        if self.settings.rotation == Rotation::Rotating {
            self.tokens.refresh.remove(token);
            return Some(self.add_refresh(refresh));
        }
        let same = (token.to_owned(), refresh.expires_at);
        self.tokens.refresh.insert(token.to_owned(), refresh);
        match self.settings.rotation {
            Rotation::Stable => Some(same),
            _ => None,
        }
    }

    /// The pair issued last, if the settings let Webex answer with it again.
    fn repeated_pair(&self, token: &str, refresh: &RefreshToken, now: Timestamp) -> Option<IssuedPair> {
        let (newest, at) = &refresh.newest_access;
        let window = self.settings.reuse_within?;
        let access = self.tokens.access(newest, now)?;
        if now >= later(*at, window) {
            return None;
        }
        Some(IssuedPair {
            access_token: newest.clone(),
            access_expires_at: access.expires_at,
            refresh: Some((token.to_owned(), refresh.expires_at)),
            scopes: refresh.scopes.clone(),
        })
    }
}

impl IssuedPair {
    /// The body of a mint's response, which has no `scope`.
    pub(crate) fn mint_body(&self, now: Timestamp) -> Value {
        let mut body = json!({
            "access_token": self.access_token,
            "expires_in": seconds(now, self.access_expires_at),
            "token_type": "Bearer",
        });
        if let Some((token, expires_at)) = &self.refresh {
            body["refresh_token"] = json!(token);
            body["refresh_token_expires_in"] = json!(seconds(now, *expires_at));
        }
        body
    }

    /// The body of the token endpoint's response.
    pub(crate) fn token_body(&self, now: Timestamp) -> Value {
        let mut body = self.mint_body(now);
        body["scope"] = json!(self.scopes.join(" "));
        body
    }
}

/// Whole seconds from `now` to `then`.
pub(crate) fn seconds(now: Timestamp, then: Timestamp) -> i64 {
    then.duration_since(now).as_secs()
}
