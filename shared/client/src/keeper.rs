//! Tokens, held.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::authorize::Authorize;
use crate::http::Http;
use crate::{Clock, Error, SystemClock, Token};

/// Life that a token has at least when it is given out: time for the longest call to Webex.
const LEAST_LIFE: Duration = Duration::from_mins(5);

/// One grant.
#[derive(Default)]
struct Slot {
    /// The newest answer. Locked while the broker is asked: whoever comes meanwhile waits for the same.
    held: AsyncMutex<Option<Answer>>,
    /// How many answers there were.
    answers: AtomicU64,
}

type Answer = Result<Token, Error>;

/// Asks the broker for tokens, and holds them. Make one and share it.
pub struct Client<A, C = SystemClock> {
    http: Http,
    authorize: A,
    clock: C,
    slots: Mutex<HashMap<(String, String), Arc<Slot>>>,
}

impl<A: Authorize> Client<A> {
    /// A client of the broker at `base`, as whom `authorize` says.
    pub fn new(base: &str, authorize: A) -> Result<Self, Error> {
        Self::with_clock(base, authorize, SystemClock)
    }
}

impl<A: Authorize, C: Clock> Client<A, C> {
    /// The same by another clock.
    pub fn with_clock(base: &str, authorize: A, clock: C) -> Result<Self, Error> {
        Ok(Self { http: Http::new(base)?, authorize, clock, slots: Mutex::default() })
    }

    /// A token of the grant of `subject` to `app`, which lives for another five minutes at least; for less only while
    /// the broker does not answer.
    pub async fn token(&self, app: &str, subject: &str) -> Result<Token, Error> {
        let slot = self.slot(app, subject);
        let (mut held, came) = slot.wait().await;
        let lives_for = |answer: &Answer, least| answer.as_ref().is_ok_and(|token| self.lives_for(token, least));
        if let Some(answer) = held.as_ref().filter(|answer| came || lives_for(answer, LEAST_LIFE)) {
            return answer.clone();
        }
        let query = format!("min_ttl={}", LEAST_LIFE.as_secs());
        let url = self.http.url(app, subject, &["token"], &query)?;
        let asked = self.http.ask(url, String::new(), &self.authorize, self.clock.now()).await;
        let alive = held.take().filter(|answer| lives_for(answer, Duration::ZERO));
        let answer = match (asked, alive) {
            (Err(error), Some(alive)) if error.says_nothing_about_the_grant() => alive,
            (asked, _) => asked,
        };
        slot.keep(&mut held, answer)
    }

    /// The token to use after Webex answered 401 to `token`. However many say so of the same one, the broker is told
    /// once.
    pub async fn rejected(&self, app: &str, subject: &str, token: &Token) -> Result<Token, Error> {
        let slot = self.slot(app, subject);
        let (mut held, came) = slot.wait().await;
        let sha256 = token.sha256();
        let helps = |answer: &&Answer| match answer {
            Ok(newer) => newer.sha256() != sha256 && (came || self.lives_for(newer, LEAST_LIFE)),
            Err(_) => came,
        };
        if let Some(answer) = held.as_ref().filter(helps) {
            return answer.clone();
        }
        *held = None;
        let url = self.http.url(app, subject, &["token", "rejected"], "")?;
        let body = json!({"access_token_sha256": sha256}).to_string();
        let asked = self.http.ask(url, body, &self.authorize, self.clock.now()).await;
        slot.keep(&mut held, asked)
    }

    fn lives_for(&self, token: &Token, least: Duration) -> bool {
        token.expires_at.duration_since(self.clock.now()).is_ok_and(|left| left > least)
    }

    fn slot(&self, app: &str, subject: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((app.to_owned(), subject.to_owned())).or_default())
    }
}

impl Slot {
    /// Waits until nobody asks the broker: the newest answer, and whether it came meanwhile.
    async fn wait(&self) -> (MutexGuard<'_, Option<Answer>>, bool) {
        let before = self.answers.load(Ordering::Acquire);
        let held = self.held.lock().await;
        let came = self.answers.load(Ordering::Acquire) != before;
        (held, came)
    }

    fn keep(&self, held: &mut Option<Answer>, answer: Answer) -> Answer {
        self.answers.fetch_add(1, Ordering::Release);
        held.insert(answer).clone()
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
