//! `GET /authorize`: sign in, grant, and redirect back (section 4).

use jiff::Timestamp;
use url::{Url, form_urlencoded};

use super::authorization_code::AuthorizationCode;
use super::error::{WebexError, WebexResult};
use super::portal::Role;
use super::world::{ClientType, World};
use super::{Challenge, pages, random};
use crate::clock::later;
use crate::transport::{Request, Response};

/// The session cookie of a signed-in user.
const SESSION: &str = "webex_session";

/// An authorization request with a registered redirect URI.
struct AuthorizationRequest {
    client_id: String,
    redirect_uri: Url,
    scopes: Vec<String>,
    state: Option<String>,
    prompt: Option<String>,
    challenge: Option<Challenge>,
}

/// The error code and description of a redirect back to the client.
struct AuthorizationError(&'static str, &'static str);

const NOT_ENTITLED: AuthorizationError =
    AuthorizationError("invalid_scope", "No user entitled service in request scopes");

impl AuthorizationRequest {
    /// Reads the query. An unknown client or redirect URI is shown to the person and never sent to the redirect URI.
    fn read(world: &World, request: &Request) -> WebexResult<Self> {
        let client_id = request.query("client_id").unwrap_or_default();
        let Some(app) = world.apps.get(&client_id) else {
            return Err(WebexError::oauth(400, "invalid_client", "Unknown client_id."));
        };
        let ClientType::Integration { redirect_uri } = &app.client_type else {
            return Err(WebexError::oauth(400, "invalid_client", "Not an integration."));
        };
        if request.query("redirect_uri").as_ref() != Some(redirect_uri) {
            return Err(WebexError::bad_request("redirect_uri is not registered."));
        }
        let Ok(redirect_uri) = Url::parse(redirect_uri) else {
            return Err(WebexError::bad_request("The registered redirect_uri is not a URL."));
        };
        Ok(Self {
            redirect_uri,
            client_id,
            scopes: split_scopes(&request.query("scope").unwrap_or_default()),
            state: request.query("state"),
            prompt: request.query("prompt"),
            challenge: challenge(request),
        })
    }

    /// Why no user can grant this request.
    fn error(&self, world: &World, request: &Request) -> Option<AuthorizationError> {
        if request.query("response_type").as_deref() != Some("code") {
            return Some(AuthorizationError("unsupported_response_type", "response_type must be code."));
        }
        if let Some(code) = world.settings.consent_error {
            return Some(AuthorizationError(code, "Something went wrong."));
        }
        if self.scopes.is_empty() || !self.all_scopes_are_registered(world) {
            let description = "The requested scope is invalid, unknown or malformed.";
            return Some(AuthorizationError("invalid_scope", description));
        }
        None
    }

    fn all_scopes_are_registered(&self, world: &World) -> bool {
        let Some(app) = world.apps.get(&self.client_id) else {
            return false;
        };
        self.scopes.iter().all(|scope| app.scopes.contains(scope))
    }

    /// Why `user` cannot grant this request.
    fn error_for_user(&self, world: &mut World, user: &str) -> Option<AuthorizationError> {
        let needs_admin = self.scopes.iter().any(|scope| needs_admin(scope));
        if needs_admin && world.user(user).role == Role::Standard {
            return Some(NOT_ENTITLED);
        }
        None
    }

    /// Redirects back to the client with `parameters` and the request's state.
    fn redirect_back(&self, parameters: &[(&str, &str)]) -> Response {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        Response::empty(302).with("location", url.as_str())
    }

    /// Redirects back with an error. No document says where the tracking id goes: here it is part of the description
    /// of a `server_error`, and otherwise a parameter of its own.
    fn redirect_with_error(&self, error: &AuthorizationError, request: &Request) -> Response {
        let AuthorizationError(code, description) = error;
        let id = &request.tracking_id;
        if *code == "server_error" {
            let description = format!("{description} (Tracking ID: {id})");
            return self.redirect_back(&[("error", code), ("error_description", &description)]);
        }
        self.redirect_back(&[("error", code), ("error_description", description), ("trackingid", id)])
    }

    fn redirect_with_code(&self, world: &mut World, user: String, now: Timestamp) -> Response {
        let expires_at = later(now, world.settings.code_lifetime);
        let code = world.issue_code(AuthorizationCode {
            client_id: self.client_id.clone(),
            user,
            scopes: self.scopes.clone(),
            redirect_uri: self.redirect_uri.to_string(),
            challenge: self.challenge.clone(),
            expires_at,
        });
        self.redirect_back(&[("code", &code)])
    }
}

/// `GET /authorize`: the sign-in page, the grant page or a redirect back, whichever comes next.
pub(crate) fn authorize(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let authorization = AuthorizationRequest::read(world, request)?;
    if let Some(error) = authorization.error(world, request) {
        return Ok(authorization.redirect_with_error(&error, request));
    }
    let prompt = authorization.prompt.as_deref();
    let Some(user) = signed_in_user(world, request) else {
        if prompt == Some("none") {
            let error = AuthorizationError("login_required", "No session.");
            return Ok(authorization.redirect_with_error(&error, request));
        }
        return Ok(pages::sign_in(request.query_string(), None));
    };
    if matches!(prompt, Some("login" | "select_account")) {
        return Ok(pages::sign_in(request.query_string(), None));
    }
    if let Some(error) = authorization.error_for_user(world, &user) {
        return Ok(authorization.redirect_with_error(&error, request));
    }
    if prompt == Some("none") {
        return Ok(authorization.redirect_with_code(world, user, now));
    }
    Ok(pages::grant(request.query_string(), &user, &authorization.scopes))
}

/// `POST /authorize/sign-in`: signs a known user in by name alone, without a password.
pub(crate) fn sign_in(world: &mut World, request: &Request) -> WebexResult<Response> {
    AuthorizationRequest::read(world, request)?;
    let query = request.query_string();
    let name = request.form("user").unwrap_or_default();
    if !world.users.contains_key(&name) {
        return Ok(pages::sign_in(query, Some(&name)));
    }
    let session = random::hex(&mut world.rng, 32);
    world.sessions.insert(session.clone(), name);
    let rest = form_urlencoded::parse(query.as_bytes())
        .filter(|(key, value)| !(key == "prompt" && (value == "login" || value == "select_account")));
    let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Lax");
    let response = Response::empty(303).with("location", format!("/v1/authorize?{rest}"));
    Ok(response.with("set-cookie", cookie))
}

/// `POST /authorize/decision`: Accept or Decline.
pub(crate) fn decide(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let authorization = AuthorizationRequest::read(world, request)?;
    let Some(user) = signed_in_user(world, request) else {
        return Ok(pages::sign_in(request.query_string(), None));
    };
    if let Some(error) = authorization.error(world, request) {
        return Ok(authorization.redirect_with_error(&error, request));
    }
    if let Some(error) = authorization.error_for_user(world, &user) {
        return Ok(authorization.redirect_with_error(&error, request));
    }
    if request.form("decision").as_deref() != Some("accept") {
        let declined = AuthorizationError("access_denied", "The user declined the request.");
        return Ok(authorization.redirect_with_error(&declined, request));
    }
    Ok(authorization.redirect_with_code(world, user, now))
}

fn signed_in_user(world: &World, request: &Request) -> Option<String> {
    let cookies = request.header("cookie")?.split(';');
    let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
    let (_, session) = pairs.find(|(name, _)| *name == SESSION)?;
    world.sessions.get(session).cloned()
}

fn challenge(request: &Request) -> Option<Challenge> {
    let challenge = request.query("code_challenge")?;
    match request.query("code_challenge_method").as_deref() {
        Some("S256") => Some(Challenge::S256(challenge)),
        _ => Some(Challenge::Plain(challenge)),
    }
}

pub(crate) fn split_scopes(scopes: &str) -> Vec<String> {
    scopes.split_whitespace().map(str::to_owned).collect()
}

/// Whether only an administrator can grant this scope.
pub(crate) fn needs_admin(scope: &str) -> bool {
    let prefixes =
        ["spark-admin:", "spark-compliance:", "meeting:admin_", "identity:", "Identity:", "analytics:", "audit:"];
    prefixes.iter().any(|prefix| scope.starts_with(prefix))
}
