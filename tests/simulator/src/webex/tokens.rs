//! Token pairs: issued, refreshed, expired, forgotten (sections 1 to 3).

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::problem::{Outcome, Problem};
use super::world::World;
use super::{Rotation, random};
use crate::clock::later;

/// Whom a token speaks for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The user's, machine's or guest's own id.
    pub(crate) account: String,
    /// The user's name; `None` for machines and guests.
    pub(crate) user: Option<String>,
    pub(crate) org: String,
    /// The client that the token was given to; `None` for a personal access token.
    pub(crate) client: Option<String>,
}

/// An access token's meaning.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) holder: Holder,
    /// `None` stands for everything that the user may do (personal access tokens).
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) expires_at: Timestamp,
}

/// A refresh token's meaning.
#[derive(Clone)]
struct Refresh {
    holder: Holder,
    scopes: Vec<String>,
    expires_at: Timestamp,
    /// The last access token given for it, and when.
    last: (String, Timestamp),
}

/// What goes out.
pub(crate) struct Pair {
    pub(crate) access_token: String,
    pub(crate) access_expires_at: Timestamp,
    pub(crate) refresh: Option<(String, Timestamp)>,
    pub(crate) scopes: Vec<String>,
}

/// All tokens.
#[derive(Default)]
pub(crate) struct Tokens {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    /// Access tokens by account, for the limit.
    by_account: BTreeMap<String, Vec<String>>,
}

impl Tokens {
    /// The meaning of a token that is alive.
    pub(crate) fn access(&self, token: &str, now: Timestamp) -> Option<&Access> {
        self.access.get(token).filter(|access| access.expires_at > now)
    }

    pub(crate) fn live(&self, account: &str, now: Timestamp) -> usize {
        let tokens = self.by_account.get(account).into_iter().flatten();
        tokens.filter(|token| self.access(token, now).is_some()).count()
    }

    pub(crate) fn refresh_alive(&self, token: &str, now: Timestamp) -> bool {
        self.refresh.get(token).is_some_and(|refresh| refresh.expires_at > now)
    }

    pub(crate) fn insert(&mut self, token: String, access: Access) {
        let account = access.holder.account.clone();
        self.by_account.entry(account).or_default().push(token.clone());
        self.access.insert(token, access);
    }

    /// Kills one token, access or refresh.
    pub(crate) fn kill(&mut self, token: &str) -> bool {
        self.access.remove(token).is_some() | self.refresh.remove(token).is_some()
    }

    /// Kills all tokens of an account.
    pub(crate) fn forget(&mut self, account: &str) {
        for token in self.by_account.remove(account).unwrap_or_default() {
            self.access.remove(&token);
        }
        self.refresh.retain(|_, refresh| refresh.holder.account != account);
    }
}

impl World {
    /// A new access token, within the account's limit.
    pub(crate) fn issue_access(&mut self, access: Access, now: Timestamp) -> Outcome<String> {
        if self.tokens.live(&access.holder.account, now) >= self.settings.token_limit {
            return Err(Problem::token_limit());
        }
        let token = random::token(&mut self.rng, self.settings.token_shape, &access.holder.org);
        self.tokens.insert(token.clone(), access);
        Ok(token)
    }

    /// A new pair; earlier pairs go on.
    pub(crate) fn issue_pair(
        &mut self,
        holder: Holder,
        scopes: Vec<String>,
        with_refresh: bool,
        now: Timestamp,
    ) -> Outcome<Pair> {
        let access_expires_at = later(now, self.settings.access_lifetime);
        let access = Access { holder: holder.clone(), scopes: Some(scopes.clone()), expires_at: access_expires_at };
        let access_token = self.issue_access(access, now)?;
        let refresh = Refresh {
            holder,
            scopes: scopes.clone(),
            expires_at: later(now, self.settings.refresh_lifetime),
            last: (access_token.clone(), now),
        };
        let refresh = with_refresh.then(|| self.add_refresh(refresh));
        Ok(Pair { access_token, access_expires_at, refresh, scopes })
    }

    fn add_refresh(&mut self, refresh: Refresh) -> (String, Timestamp) {
        let shape = self.settings.token_shape;
        let token = random::token(&mut self.rng, shape, &refresh.holder.org);
        let expires_at = refresh.expires_at;
        self.tokens.refresh.insert(token.clone(), refresh);
        (token, expires_at)
    }

    /// Trades a refresh token in. The previous access token lives on.
    pub(crate) fn refresh(&mut self, client_id: &str, token: &str, now: Timestamp) -> Outcome<Pair> {
        let known = self.tokens.refresh.get(token).cloned();
        let known = known
            .filter(|known| known.expires_at > now)
            .filter(|known| known.holder.client.as_deref() == Some(client_id));
        let Some(mut refresh) = known else {
            let text = "The refresh token is invalid, expired or revoked.";
            let status = self.settings.dead_refresh_status;
            return Err(Problem::oauth(status, "invalid_grant", text));
        };
        if let Some(pair) = self.reuse(token, &refresh, now) {
            return Ok(pair);
        }
        let scopes = refresh.scopes.clone();
        let mut pair = self.issue_pair(refresh.holder.clone(), scopes, false, now)?;
        if self.settings.refresh_renews {
            refresh.expires_at = later(now, self.settings.refresh_lifetime);
        }
        refresh.last = (pair.access_token.clone(), now);
        pair.refresh = self.rotate(token, refresh);
        Ok(pair)
    }

    fn rotate(&mut self, token: &str, refresh: Refresh) -> Option<(String, Timestamp)> {
        if self.settings.rotation == Rotation::Rotating {
            self.tokens.refresh.remove(token);
            return Some(self.add_refresh(refresh));
        }
        let same = (token.to_owned(), refresh.expires_at);
        self.tokens.refresh.insert(token.to_owned(), refresh);
        (self.settings.rotation == Rotation::Stable).then_some(same)
    }

    /// The pair given last, if the settings say that it is to be given again.
    fn reuse(&self, token: &str, refresh: &Refresh, now: Timestamp) -> Option<Pair> {
        let (last, at) = &refresh.last;
        let window = self.settings.reuse_within?;
        let access = self.tokens.access(last, now)?;
        (now < later(*at, window)).then(|| Pair {
            access_token: last.clone(),
            access_expires_at: access.expires_at,
            refresh: Some((token.to_owned(), refresh.expires_at)),
            scopes: refresh.scopes.clone(),
        })
    }
}

impl Pair {
    /// The body of a mint's answer, which has no `scope`.
    pub(crate) fn minted(&self, now: Timestamp) -> Value {
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

    /// The body of the token endpoint's answer.
    pub(crate) fn granted(&self, now: Timestamp) -> Value {
        let mut body = self.minted(now);
        body["scope"] = json!(self.scopes.join(" "));
        body
    }
}

/// Whole seconds from `now` to `then`.
pub(crate) fn seconds(now: Timestamp, then: Timestamp) -> i64 {
    then.duration_since(now).as_secs()
}
