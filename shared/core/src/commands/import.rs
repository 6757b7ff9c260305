//! `import`: taking over a pair that was copied from the portal.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::new_pair::{blocked_by_fence, refuse_fenced, store_pair};
use crate::app::AppType;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, TransitionKind};
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, Webex as _};
use crate::records::Updated;
use crate::renewal::claim;
use crate::request::Renewal;
use crate::token::{AccessToken, RefreshToken};
use crate::verdict::TokenVerdict;

/// The life of a personal access token, where neither the operator nor Webex says otherwise.
const PERSONAL_ACCESS_TOKEN: SignedDuration = SignedDuration::from_hours(12);

/// A pair copied from the portal, or for the minter alone a personal access token.
#[derive(Debug, Deserialize)]
pub struct Import {
    /// The grant that the pair makes.
    #[serde(flatten)]
    pub id: GrantId,
    /// The access token; needed only where there is no refresh token.
    #[serde(default)]
    pub access_token: Option<AccessToken>,
    /// The refresh token.
    #[serde(default)]
    pub refresh_token: Option<RefreshToken>,
    /// The life left in the access token, in seconds; only for one without a refresh token.
    #[serde(default)]
    pub expires_in: Option<u32>,
}

/// Stores a pair after a refresh has proved it; or, for the minter, a bare personal access token.
pub(crate) async fn import<P: Ports>(cx: &Context<'_, P>, request: Import) -> Result<Renewal, BrokerError> {
    let asked_at = cx.now();
    let Import { id, access_token, refresh_token, expires_in } = request;
    let (pair, org_proven) = match (refresh_token, access_token) {
        (Some(refresh_token), _) if !refresh_token.is_empty() => {
            prove_by_refresh(cx, &id, &refresh_token, asked_at).await?
        }
        (_, Some(token)) if !token.is_empty() && id == cx.settings.minter => {
            (personal_access_token(cx, token, expires_in).await?, None)
        }
        _ => {
            return Err(BrokerError::Invalid(
                "import needs a refresh_token; only the minter may do with an access_token",
            ));
        }
    };
    let grant = store_pair(cx, &id, pair, TransitionKind::Imported, |grant| refuse_fenced(cx, grant, asked_at)).await?;
    Ok(Renewal { org_proven, ..Renewal::of(&grant, true) })
}

/// Refreshes the pair, after the store has proved that it takes writes, and checks whose it is.
async fn prove_by_refresh<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    refresh_token: &RefreshToken,
    asked_at: Timestamp,
) -> Result<(Pair, Option<bool>), BrokerError> {
    let app = cx.load_app(&id.app).await?;
    if matches!(app.kind, AppType::ServiceApp(_)) && id.subject.org().is_none() {
        return Err(BrokerError::NoOrg(id.clone()));
    }
    let made = prove_store(cx, id, asked_at).await?;
    let pair = match cx.webex.refresh(&app.client, refresh_token, cx.webex_deadline()).await {
        Ok(response) => keeping_refresh_token(response, refresh_token, cx.now()),
        Err(error) => {
            remove_placeholder(cx, id, made).await?;
            return Err(BrokerError::Webex(error));
        }
    };
    match prove_org(cx, id, &pair).await {
        Ok(org_proven) => Ok((pair, org_proven)),
        Err(error) => {
            remove_placeholder(cx, id, made).await?;
            Err(error)
        }
    }
}

fn keeping_refresh_token(response: TokenResponse, spent: &RefreshToken, now: Timestamp) -> Pair {
    let refresh_token = response.refresh_token.clone().unwrap_or_else(|| spent.clone());
    Pair::from_response(TokenResponse { refresh_token: Some(refresh_token), ..response }, None, now)
}

/// Whether a placeholder was created to prove the store.
struct Placeholder(bool);

/// Proves that the store takes writes before the operator's refresh token is spent: by claiming the record or, where
/// there is none, by creating a revoked one, which nothing vends and a sweep removes.
async fn prove_store<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    asked_at: Timestamp,
) -> Result<Placeholder, BrokerError> {
    match cx.records().load(id).await? {
        Found::Live(stored) if stored.grant.blocked => Err(BrokerError::Blocked(id.clone())),
        Found::Live(stored) => {
            if blocked_by_fence(cx, &stored.grant, asked_at) {
                return Err(BrokerError::Fenced(id.clone()));
            }
            claim(cx, *stored).await?;
            Ok(Placeholder(false))
        }
        // A retired record is proved by taking it back, which the update does.
        Found::Retired => Ok(Placeholder(false)),
        Found::Absent => {
            let placeholder = Grant::pending(id.clone(), None).revoked();
            match cx.records().create(placeholder).await? {
                Updated::Written(_) => Ok(Placeholder(true)),
                Updated::Left(_) => Ok(Placeholder(false)),
            }
        }
    }
}

async fn remove_placeholder<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    placeholder: Placeholder,
) -> Result<(), BrokerError> {
    if placeholder.0 {
        cx.records().retire(id).await?;
    }
    Ok(())
}

/// Checks that the pair belongs to the organisation of the grant: by the suffix of the token or by an answer of Webex's.
/// `Some(false)` if neither tells; `None` for a grant that is not an organisation's.
async fn prove_org<P: Ports>(cx: &Context<'_, P>, id: &GrantId, pair: &Pair) -> Result<Option<bool>, BrokerError> {
    let Some(org) = id.subject.org() else { return Ok(None) };
    let actual = match pair.access_token.org_suffix() {
        Some(actual) => Some(actual),
        None => cx.webex.token_owner(&pair.access_token, cx.webex_deadline()).await.unwrap_or_default(),
    };
    match actual {
        Some(actual) if actual == *org => Ok(Some(true)),
        Some(actual) => Err(BrokerError::WrongOrg { id: id.clone(), actual }),
        None => Ok(Some(false)),
    }
}

/// A token that Webex calls dead is refused. Its end is what the operator says, else Webex, else the documents.
async fn personal_access_token<P: Ports>(
    cx: &Context<'_, P>,
    token: AccessToken,
    expires_in: Option<u32>,
) -> Result<Pair, BrokerError> {
    let according_to_webex = match cx.probe(&token).await {
        TokenVerdict::Lives(ends) => Some(ends),
        TokenVerdict::Expired => return Err(BrokerError::Invalid("the access token has expired, according to Webex")),
        TokenVerdict::Refused(error) => return Err(BrokerError::Webex(error)),
        TokenVerdict::Unknown(_) => None,
    };
    let expires_at = match (expires_in, according_to_webex) {
        (Some(seconds), _) => cx.now() + SignedDuration::from_secs(seconds.into()),
        (None, Some(expires_at)) => expires_at,
        (None, None) => cx.now() + PERSONAL_ACCESS_TOKEN,
    };
    Ok(Pair {
        access_token: token,
        access_token_expires_at: expires_at,
        refresh_token: None,
        refresh_token_expires_at: None,
        scope: None,
    })
}
