//! `/dataSources` (section 8): each has a JWS with a clock of its own, and delivers only while that lives.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::{WebexError, WebexResult};
use super::tokens::Holder;
use super::world::World;
use super::{Endpoint, Webex, ids, random};
use crate::clock::later;
use crate::transport::{Request, Response};

const WRITE: &str = "spark-admin:datasource_write";
const READ: &str = "spark-admin:datasource_read";
/// The longest life of a JWS, in minutes.
const LONGEST_LIFETIME: u64 = 1440;

/// A data source of an org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// A UUID.
    pub id: String,
    /// The client id of the Service App.
    pub client_id: String,
    /// The bare id of the org.
    pub org: String,
    /// Where Webex delivers.
    pub url: String,
    /// The claim `aud`.
    pub audience: String,
    /// The claim `sub`.
    pub subject: String,
    /// The schema.
    pub schema_id: String,
    /// The life of the JWS, in minutes.
    pub lifetime_minutes: u64,
    /// The nonce of the newest JWS.
    pub nonce: String,
    /// When the newest JWS ends.
    pub expires_at: Timestamp,
    /// The newest JWS.
    pub jws: String,
    /// Why it was disabled; `None` while it is active.
    pub disabled: Option<String>,
}

/// The body of a `POST` or a `PUT`, which has all fields.
struct Description {
    url: String,
    audience: String,
    subject: String,
    schema_id: String,
    lifetime_minutes: u64,
    nonce: String,
}

pub(crate) fn respond(
    world: &mut World,
    endpoint: Endpoint,
    request: &Request,
    now: Timestamp,
) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    let scope = if matches!(endpoint, Endpoint::ListDataSources | Endpoint::GetDataSource) { READ } else { WRITE };
    caller.require_scope(&[scope])?;
    let Some(client_id) = caller.holder.client.clone().filter(|_| caller.holder.user.is_none()) else {
        return Err(WebexError::forbidden("Only a service app may manage data sources."));
    };
    match endpoint {
        Endpoint::ListDataSources => Ok(list(world, &caller.holder)),
        Endpoint::CreateDataSource => create(world, client_id, &caller.holder, &request.json(), now),
        Endpoint::UpdateDataSource => {
            let description = Description::read(&request.json())?;
            update(own(world, &caller.holder, request)?, description, &request.json(), now)
        }
        Endpoint::DeleteDataSource => {
            let id = own(world, &caller.holder, request)?.id.clone();
            world.data_sources.remove(&id);
            Ok(Response::empty(204))
        }
        _ => Ok(Response::json(200, &own(world, &caller.holder, request)?.object())),
    }
}

fn list(world: &World, holder: &Holder) -> Response {
    let own = world.data_sources.values().filter(|found| found.org == holder.org);
    let items: Vec<Value> = own.map(DataSource::object).collect();
    Response::json(200, &json!({"items": items}))
}

fn create(
    world: &mut World,
    client_id: String,
    holder: &Holder,
    body: &Value,
    now: Timestamp,
) -> WebexResult<Response> {
    let described = Description::read(body)?;
    let mut created = DataSource {
        id: random::uuid(&mut world.rng),
        client_id,
        org: holder.org.clone(),
        url: String::new(),
        audience: String::new(),
        subject: String::new(),
        schema_id: String::new(),
        lifetime_minutes: 0,
        nonce: String::new(),
        expires_at: now,
        jws: String::new(),
        disabled: None,
    };
    created.sign(described, now);
    let response = Response::json(200, &created.object());
    world.data_sources.insert(created.id.clone(), created);
    Ok(response)
}

fn update(found: &mut DataSource, described: Description, body: &Value, now: Timestamp) -> WebexResult<Response> {
    if described.nonce == found.nonce {
        return Err(WebexError::bad_request("nonce must be new."));
    }
    let message = body["errorMessage"].as_str();
    match (body["status"].as_str(), message) {
        (Some("active"), _) => found.disabled = None,
        (Some("disabled"), Some(message)) => found.disabled = Some(message.to_owned()),
        (Some("disabled"), None) => return Err(WebexError::bad_request("errorMessage is required.")),
        _ => return Err(WebexError::bad_request("status must be active or disabled.")),
    }
    found.sign(described, now);
    Ok(Response::json(200, &found.object()))
}

fn own<'w>(world: &'w mut World, holder: &Holder, request: &Request) -> WebexResult<&'w mut DataSource> {
    let found = world.data_sources.get_mut(request.segment(1));
    found.filter(|found| found.org == holder.org).ok_or_else(WebexError::not_found)
}

impl Description {
    fn read(body: &Value) -> WebexResult<Self> {
        let lifetime_minutes = match body["tokenLifetimeMinutes"].as_u64() {
            Some(minutes) if (1..=LONGEST_LIFETIME).contains(&minutes) => minutes,
            _ => return Err(WebexError::bad_request("tokenLifetimeMinutes must be a number from 1 to 1440.")),
        };
        Ok(Self {
            url: required(body, "url")?,
            audience: required(body, "audience")?,
            subject: required(body, "subject")?,
            schema_id: required(body, "schemaId")?,
            nonce: required(body, "nonce")?,
            lifetime_minutes,
        })
    }
}

fn required(body: &Value, name: &str) -> WebexResult<String> {
    match body[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(WebexError::bad_request(format!("{name} is required."))),
    }
}

impl DataSource {
    /// Whether Webex delivers: it is active, and its JWS lives.
    pub fn delivers(&self, now: Timestamp) -> bool {
        self.disabled.is_none() && self.expires_at > now
    }

    /// Signs a new JWS, as far as a simulator signs.
    fn sign(&mut self, described: Description, now: Timestamp) {
        let Description { url, audience, subject, schema_id, lifetime_minutes, nonce } = described;
        let minutes = i64::try_from(lifetime_minutes).unwrap_or_default();
        self.expires_at = later(now, SignedDuration::from_mins(minutes));
        let claims = json!({
            "aud": audience,
            "sub": subject,
            "com.cisco.datasource.schema.uuid": schema_id,
            "exp": self.expires_at.as_second(),
            "jti": nonce,
        });
        let encode = |part: String| URL_SAFE_NO_PAD.encode(part);
        let signature = encode(format!("signature of {nonce}"));
        self.jws = format!("{}.{}.{signature}", encode(r#"{"alg":"RS256"}"#.to_owned()), encode(claims.to_string()));
        *self = Self { url, audience, subject, schema_id, lifetime_minutes, nonce, ..self.clone() };
    }

    fn object(&self) -> Value {
        let mut object = json!({
            "id": self.id,
            "schemaId": self.schema_id,
            "orgId": ids::org_id(&self.org),
            "applicationId": ids::application_id(&self.client_id),
            "status": if self.disabled.is_none() { "active" } else { "disabled" },
            "jwsToken": self.jws,
            "url": self.url,
            "audience": self.audience,
            "subject": self.subject,
            "tokenLifetimeMinutes": self.lifetime_minutes,
            "tokenExpiryTime": self.expires_at,
        });
        if let Some(message) = &self.disabled {
            object["errorMessage"] = json!(message);
        }
        object
    }
}

impl Webex {
    /// The data sources of an org, by id.
    pub fn data_sources(&self, org: &str) -> Vec<DataSource> {
        let org = ids::bare_org(org);
        self.world().data_sources.values().filter(|found| found.org == org).cloned().collect()
    }

    /// Changes a data source as an administrator or Webex itself does, or makes one of someone else's.
    pub fn put_data_source(&self, data_source: DataSource) {
        self.world().data_sources.insert(data_source.id.clone(), data_source);
    }

    /// Deletes a data source.
    pub fn delete_data_source(&self, id: &str) {
        self.world().data_sources.remove(id);
    }
}
