//! Sealed values in forms and links of the console.
//!
//! A form that acts carries a token which only this function can make, for the operator who loaded the page, one grant
//! and one act. A site that makes the operator's browser send a form does not have it, whatever cookies the browser
//! adds. The result of an act travels in the address of the next page in the same way, so that no link can put words
//! into a page.

use broker_core::id::GrantId;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::act::ActResult;
use crate::grant_act::GrantAct;
use crate::grant_request::GrantRequest;
use crate::seal::{CookieSeal, CryptoError};

/// How long an operator may look at a page before acting. The session is no longer.
const FORM_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// How long the address with a result shows it.
const RESULT_LIFETIME: SignedDuration = SignedDuration::from_mins(2);

/// The content of a sealed value.
#[derive(Serialize, Deserialize)]
struct SealedValue<T> {
    #[serde(flatten)]
    id: GrantId,
    ends_at: Timestamp,
    value: T,
}

/// The scopes of a link. The field's name tells it from the other sealed values.
#[derive(Serialize, Deserialize)]
struct LinkScopes {
    link_scopes: Vec<String>,
}

/// The token of a form.
pub(crate) fn form_token(
    seal: &CookieSeal,
    id: &GrantId,
    act: GrantAct,
    now: Timestamp,
) -> Result<String, CryptoError> {
    sealed(seal, id, act, now + FORM_LIFETIME)
}

/// Whether `token` allows `act` on the grant.
pub(crate) fn allows(seal: &CookieSeal, id: &GrantId, act: GrantAct, token: &str, now: Timestamp) -> bool {
    opened::<GrantAct>(seal, id, token, now) == Some(act)
}

/// The result of an act for the address of the next page.
pub(crate) fn sealed_result(
    seal: &CookieSeal,
    id: &GrantId,
    result: &ActResult,
    now: Timestamp,
) -> Result<String, CryptoError> {
    sealed(seal, id, result, now + RESULT_LIFETIME)
}

/// The result in an address; `None` if this function did not put it there, or some time ago.
pub(crate) fn opened_result(seal: &CookieSeal, id: &GrantId, sealed: &str, now: Timestamp) -> Option<ActResult> {
    opened(seal, id, sealed, now)
}

/// The token of the form that makes a link for the grant that was reviewed.
pub(crate) fn link_form(seal: &CookieSeal, request: &GrantRequest, now: Timestamp) -> Result<String, CryptoError> {
    let scopes = LinkScopes { link_scopes: request.scopes.clone() };
    sealed(seal, &request.id, scopes, now + FORM_LIFETIME)
}

/// The grant and the scopes of such a form; `None` if this function did not make it for this operator, or too long ago.
pub(crate) fn opened_link_form(seal: &CookieSeal, token: &str, now: Timestamp) -> Option<(GrantId, Vec<String>)> {
    let opened: SealedValue<LinkScopes> = serde_json::from_slice(&seal.open(token)?).ok()?;
    if now < opened.ends_at { Some((opened.id, opened.value.link_scopes)) } else { None }
}

fn sealed(seal: &CookieSeal, id: &GrantId, value: impl Serialize, ends_at: Timestamp) -> Result<String, CryptoError> {
    let value = SealedValue { id: id.clone(), ends_at, value };
    seal.seal(&serde_json::to_vec(&value).map_err(|_| CryptoError)?)
}

fn opened<T: DeserializeOwned>(seal: &CookieSeal, id: &GrantId, text: &str, now: Timestamp) -> Option<T> {
    let opened: SealedValue<T> = serde_json::from_slice(&seal.open(text)?).ok()?;
    if opened.id == *id && now < opened.ends_at { Some(opened.value) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_token_allows_one_act_on_one_grant_for_a_while() {
        let seal = CookieSeal::derive(b"secret", "console").unwrap();
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let id = GrantId::parse("reports/default").unwrap();
        let token = form_token(&seal, &id, GrantAct::Remove, now).unwrap();
        assert!(allows(&seal, &id, GrantAct::Remove, &token, now));
        assert!(!allows(&seal, &id, GrantAct::Block, &token, now));
        assert!(!allows(&seal, &GrantId::parse("reports/other").unwrap(), GrantAct::Remove, &token, now));
        assert!(!allows(&seal, &id, GrantAct::Remove, &token, now + FORM_LIFETIME));
        let other = CookieSeal::derive(b"other", "console").unwrap();
        assert!(!allows(&other, &id, GrantAct::Remove, &token, now));
        let result = ActResult { is_good: true, text: "Done.".to_owned() };
        let sealed = sealed_result(&seal, &id, &result, now).unwrap();
        assert!(!allows(&seal, &id, GrantAct::Remove, &sealed, now), "a result is no form token");
        assert_eq!(opened_result(&seal, &id, &sealed, now).unwrap().text, "Done.");
        assert!(opened_result(&seal, &id, &token, now).is_none());
        for other in [token, sealed] {
            assert!(opened_link_form(&seal, &other, now).is_none());
        }
        let request = GrantRequest::new(id.clone(), vec!["spark:all".to_owned()], false).unwrap();
        let form = link_form(&seal, &request, now).unwrap();
        assert_eq!(opened_link_form(&seal, &form, now), Some((id, request.scopes)));
        assert!(opened_link_form(&seal, &form, now + FORM_LIFETIME).is_none());
    }
}
