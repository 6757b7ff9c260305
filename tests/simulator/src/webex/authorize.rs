//! `GET /authorize`: sign in, grant, and back (section 4).

use jiff::Timestamp;
use url::{Url, form_urlencoded};

use super::codes::Code;
use super::problem::{Outcome, Problem};
use super::registry::Role;
use super::world::{Kind, World};
use super::{Challenge, pages, random};
use crate::clock::later;
use crate::transport::{Answer, Call};

/// The cookie of whoever is signed in here.
const SESSION: &str = "webex_session";

/// An authorization request that may be answered at its redirect URI.
struct Request {
    client_id: String,
    redirect_uri: Url,
    scopes: Vec<String>,
    state: Option<String>,
    prompt: Option<String>,
    challenge: Option<Challenge>,
}

/// An error to be sent back with.
struct Refused(&'static str, &'static str);

const NOT_ENTITLED: Refused = Refused("invalid_scope", "No user entitled service in request scopes");

impl Request {
    /// An unknown client or redirect URI is told to the person, never to the redirect URI.
    fn read(world: &World, call: &Call) -> Outcome<Self> {
        let client_id = call.query("client_id").unwrap_or_default();
        let app = world.apps.get(&client_id);
        let app = app.ok_or_else(|| Problem::oauth(400, "invalid_client", "Unknown client_id."))?;
        let Kind::Integration { redirect_uri } = &app.kind else {
            return Err(Problem::oauth(400, "invalid_client", "Not an integration."));
        };
        let parsed = Url::parse(redirect_uri).ok();
        let asked = call.query("redirect_uri");
        let parsed = parsed.filter(|_| asked.as_ref() == Some(redirect_uri));
        Ok(Self {
            redirect_uri: parsed.ok_or_else(|| Problem::bad_request("redirect_uri is not registered."))?,
            client_id,
            scopes: split(&call.query("scope").unwrap_or_default()),
            state: call.query("state"),
            prompt: call.query("prompt"),
            challenge: challenge(call),
        })
    }

    /// What is wrong with it, whoever signs in.
    fn objection(&self, world: &World, call: &Call) -> Option<Refused> {
        let registered = world.apps.get(&self.client_id).map_or(&[][..], |app| &app.scopes);
        if call.query("response_type").as_deref() != Some("code") {
            return Some(Refused("unsupported_response_type", "response_type must be code."));
        }
        if let Some(code) = world.settings.consent_error {
            return Some(Refused(code, "Something went wrong."));
        }
        let unknown = self.scopes.is_empty() || self.scopes.iter().any(|scope| !registered.contains(scope));
        unknown.then_some(Refused("invalid_scope", "The requested scope is invalid, unknown or malformed."))
    }

    /// Why `user` cannot grant it.
    fn objection_to(&self, world: &mut World, user: &str) -> Option<Refused> {
        let is_standard = world.user(user).role == Role::Standard;
        (is_standard && self.scopes.iter().any(|scope| needs_admin(scope))).then_some(NOT_ENTITLED)
    }

    fn back(&self, parameters: &[(&str, &str)]) -> Answer {
        let mut url = self.redirect_uri.clone();
        let state = self.state.as_deref().map(|state| ("state", state));
        url.query_pairs_mut().extend_pairs(parameters.iter().copied().chain(state));
        see(&url)
    }

    /// Where the tracking id goes is documented nowhere: in the words for `server_error`, else beside them.
    fn refuse(&self, refused: &Refused, call: &Call) -> Answer {
        let Refused(code, text) = refused;
        let id = &call.tracking_id;
        if *code == "server_error" {
            let text = format!("{text} (Tracking ID: {id})");
            return self.back(&[("error", code), ("error_description", &text)]);
        }
        self.back(&[("error", code), ("error_description", text), ("trackingid", id)])
    }
}

/// The page that is due: sign-in, grant, or the way back.
pub(crate) fn authorize(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let request = Request::read(world, call)?;
    if let Some(refused) = request.objection(world, call) {
        return Ok(request.refuse(&refused, call));
    }
    let user = signed_in(world, call);
    let query = call.uri.query().unwrap_or_default();
    match (user, request.prompt.as_deref()) {
        (None, Some("none")) => Ok(request.refuse(&Refused("login_required", "No session."), call)),
        (None, _) | (_, Some("login" | "select_account")) => Ok(pages::sign_in(query, None)),
        (Some(user), prompt) => {
            if let Some(refused) = request.objection_to(world, &user) {
                return Ok(request.refuse(&refused, call));
            }
            if prompt == Some("none") {
                return Ok(granted(world, &request, user, now));
            }
            Ok(pages::grant(query, &user, &request.scopes))
        }
    }
}

/// Takes a name, no password: whoever is known may come in.
pub(crate) fn sign_in(world: &mut World, call: &Call) -> Outcome<Answer> {
    Request::read(world, call)?;
    let query = call.uri.query().unwrap_or_default();
    let name = call.form("user").unwrap_or_default();
    if !world.users.contains_key(&name) {
        return Ok(pages::sign_in(query, Some(&name)));
    }
    let session = random::hex(&mut world.rng, 32);
    world.sessions.insert(session.clone(), name);
    let rest = form_urlencoded::parse(query.as_bytes())
        .filter(|(key, value)| !(key == "prompt" && (value == "login" || value == "select_account")));
    let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Lax");
    let on = Answer::empty(303).with("location", format!("/v1/authorize?{rest}"));
    Ok(on.with("set-cookie", cookie))
}

/// Accept or Decline.
pub(crate) fn decide(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let request = Request::read(world, call)?;
    let Some(user) = signed_in(world, call) else {
        return Ok(pages::sign_in(call.uri.query().unwrap_or_default(), None));
    };
    let objection = request.objection(world, call).or_else(|| request.objection_to(world, &user));
    if let Some(refused) = objection {
        return Ok(request.refuse(&refused, call));
    }
    if call.form("decision").as_deref() != Some("accept") {
        let declined = Refused("access_denied", "The user declined the request.");
        return Ok(request.refuse(&declined, call));
    }
    Ok(granted(world, &request, user, now))
}

fn granted(world: &mut World, request: &Request, user: String, now: Timestamp) -> Answer {
    let expires_at = later(now, world.settings.code_lifetime);
    let code = world.issue_code(Code {
        client_id: request.client_id.clone(),
        user,
        scopes: request.scopes.clone(),
        redirect_uri: request.redirect_uri.to_string(),
        challenge: request.challenge.clone(),
        expires_at,
    });
    request.back(&[("code", &code)])
}

fn signed_in(world: &World, call: &Call) -> Option<String> {
    let cookies = call.header("cookie")?.split(';');
    let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
    let (_, session) = pairs.find(|(name, _)| *name == SESSION)?;
    world.sessions.get(session).cloned()
}

fn challenge(call: &Call) -> Option<Challenge> {
    let given = call.query("code_challenge")?;
    Some(match call.query("code_challenge_method").as_deref() {
        Some("S256") => Challenge::S256(given),
        _ => Challenge::Plain(given),
    })
}

fn see(url: &Url) -> Answer {
    Answer::empty(302).with("location", url.as_str())
}

pub(crate) fn split(scopes: &str) -> Vec<String> {
    scopes.split_whitespace().map(str::to_owned).collect()
}

/// Whether only an administrator can grant it.
pub(crate) fn needs_admin(scope: &str) -> bool {
    let prefixes =
        ["spark-admin:", "spark-compliance:", "meeting:admin_", "identity:", "Identity:", "analytics:", "audit:"];
    prefixes.iter().any(|prefix| scope.starts_with(prefix))
}
