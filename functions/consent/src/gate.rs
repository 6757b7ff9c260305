//! Who may use the page: an operator, or where there is no operator key, this machine.
//!
//! Not even the callback is open to strangers. Whoever could bring a code of their own with a `state` of their own would
//! put their grant in the minter's place.

use broker_core::token::{Fingerprint, OperatorKey};
use jiff::{SignedDuration, Timestamp};
use lambda_http::Request;
use lambda_http::http::HeaderValue;
use lambda_kit::http_function;
use subtle::ConstantTimeEq as _;

use crate::Refusal;
use crate::cookie::Cookie;
use crate::query::Parameters;
use crate::seal::Seal;
use crate::throttle::Throttle;

/// How long an operator may go on without showing the key again.
const SESSION: SignedDuration = SignedDuration::from_mins(30);
/// What the session's cookie is sealed for.
const PURPOSE: &str = "session";

/// The gate before every page.
pub(crate) struct Gate {
    key: Option<Fingerprint>,
    throttle: Throttle,
}

impl Gate {
    pub(crate) fn new(key: Option<Fingerprint>) -> Self {
        Self { key, throttle: Throttle::default() }
    }

    /// Whether operators open it with a key.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// What the browser keeps goes under this seal.
    pub(crate) fn seal(&self) -> Seal {
        self.key.as_ref().map_or_else(Seal::of_environment, Seal::of_deployment)
    }

    /// Lets operators in, or this machine.
    pub(crate) fn admit(&self, request: &Request, seal: &Seal, now: Timestamp) -> Result<(), Refusal> {
        if self.key.is_none() {
            return from_here(request);
        }
        let session = Cookie::Session.read(request);
        let ends = session.and_then(|sealed| seal.open(PURPOSE, &sealed));
        let ends = ends.and_then(|ends| std::str::from_utf8(&ends).ok()?.parse::<Timestamp>().ok());
        let stands = ends.is_some_and(|ends| now < ends && ends <= now + SESSION);
        if stands { Ok(()) } else { Err(Refusal::KeyNeeded) }
    }

    /// Lets those in who come back from Webex. Where there is a key, the flow's own seal says that an operator began it.
    pub(crate) fn admit_back(&self, request: &Request) -> Result<(), Refusal> {
        if self.key.is_some() { Ok(()) } else { from_here(request) }
    }

    /// The session's cookie for whoever shows the right key.
    pub(crate) fn open(&self, request: &Request, seal: &Seal, now: Timestamp) -> Result<HeaderValue, Refusal> {
        let Some(key) = &self.key else {
            return from_here(request).and(Err(Refusal::NoSuchPage));
        };
        self.throttle.take(now).map_err(Refusal::Throttled)?;
        let shown = OperatorKey::new(Parameters::of_form(request).one("key").unwrap_or_default().trim());
        if !same(&shown.fingerprint(), key) {
            return Err(Refusal::WrongKey);
        }
        self.throttle.forgive();
        let sealed = seal.close(PURPOSE, (now + SESSION).to_string().as_bytes());
        let cookie = sealed.and_then(|sealed| Cookie::Session.set(&sealed, SESSION));
        cookie.ok_or(Refusal::NoRandomness)
    }
}

fn from_here(request: &Request) -> Result<(), Refusal> {
    http_function::is_from_this_machine(request).then_some(()).ok_or(Refusal::ThisMachineOnly)
}

/// Compares digests in constant time.
pub(crate) fn same(one: &Fingerprint, other: &Fingerprint) -> bool {
    one.hex().as_bytes().ct_eq(other.hex().as_bytes()).into()
}

/// Whether another site sent the browser here. All browsers say so (Fetch Metadata), what is no browser need not.
pub(crate) fn sent_by_another_site(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}
