//! Routes requests to the endpoints of Webex.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::error::{WebexError, WebexResult};
use super::world::World;
use super::{
    Endpoint, Fault, authorizations, authorize, data_sources, device, identity, ids, messages, mint, oauth, random,
    webhooks,
};
use crate::clock::Clock;
use crate::transport::{AppliedFault, Faults, Journal, Request, Response, Service, lock};

/// The running platform.
pub(crate) struct Platform {
    pub(crate) world: Mutex<World>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults<Endpoint, Fault>,
    pub(crate) journal: Journal<Endpoint>,
}

impl Service for Platform {
    type Op = Endpoint;
    type Fault = Fault;

    const TRACKING_HEADER: &'static str = "trackingid";

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn faults(&self) -> &Faults<Endpoint, Fault> {
        &self.faults
    }

    fn journal(&self) -> &Journal<Endpoint> {
        &self.journal
    }

    fn tracking_id(&self) -> String {
        let mut world = lock(&self.world);
        format!("ROUTERGW_{}", random::uuid(&mut world.rng))
    }

    fn operation(&self, request: &Request) -> Endpoint {
        Endpoint::of(request)
    }

    fn journal_fields(&self, request: &Request) -> BTreeMap<&'static str, String> {
        journal_fields(request)
    }

    fn apply_fault(&self, fault: &Fault, request: &Request) -> AppliedFault {
        fault.apply(&request.tracking_id)
    }

    fn outage_response(&self, request: &Request) -> Response {
        WebexError::new(503, "The service is unavailable.").envelope(&request.tracking_id)
    }

    fn perform(&self, endpoint: Endpoint, request: &Request) -> Response {
        let world = &mut *lock(&self.world);
        let oauth_errors = world.settings.oauth_errors;
        let error = match self.route(world, endpoint, request) {
            Ok(response) => return response,
            Err(error) => error,
        };
        match endpoint {
            Endpoint::Refresh | Endpoint::Exchange | Endpoint::DeviceAuthorize | Endpoint::DeviceToken => {
                error.oauth_response(oauth_errors, &request.tracking_id)
            }
            _ => error.envelope(&request.tracking_id),
        }
    }
}

impl Platform {
    fn route(&self, world: &mut World, endpoint: Endpoint, request: &Request) -> WebexResult<Response> {
        let now = self.clock.now();
        match endpoint {
            Endpoint::Mint => mint::mint(world, &self.faults, request, now),
            Endpoint::Refresh | Endpoint::Exchange => oauth::access_token(world, request, now),
            Endpoint::CreateWebhook
            | Endpoint::ListWebhooks
            | Endpoint::GetWebhook
            | Endpoint::UpdateWebhook
            | Endpoint::DeleteWebhook => webhooks::respond(world, endpoint, request, now),
            Endpoint::CreateDataSource
            | Endpoint::ListDataSources
            | Endpoint::GetDataSource
            | Endpoint::UpdateDataSource
            | Endpoint::DeleteDataSource => data_sources::respond(world, endpoint, request, now),
            Endpoint::TokenExpiry => identity::token_expiry(world, request, now),
            Endpoint::DeleteAuthorization => authorizations::delete(world, request, now),
            Endpoint::Organization => identity::organization(world, request, now),
            Endpoint::Me => identity::me(world, request, now),
            Endpoint::CreateMessage => messages::create(world, request, now),
            Endpoint::GuestToken => identity::guest(world, request, now),
            Endpoint::Authorize => authorize::authorize(world, request, now),
            Endpoint::SignIn => authorize::sign_in(world, request),
            Endpoint::Decide => authorize::decide(world, request, now),
            Endpoint::DeviceAuthorize => device::authorize(world, request, now),
            Endpoint::DeviceToken => device::token(world, request, now),
            Endpoint::DevicePage => Ok(device::page(world, request, now)),
            Endpoint::Unknown => Err(WebexError::not_found()),
        }
    }
}

/// The parameters that the journal records as they are.
const PLAIN: [&str; 12] = [
    "grant_type",
    "client_id",
    "redirect_uri",
    "clientId",
    "targetOrgId",
    "name",
    "targetUrl",
    "resource",
    "event",
    "filter",
    "status",
    "subject",
];

/// The parameters that the journal records as fingerprints.
const SECRET: [&str; 8] =
    ["refresh_token", "client_secret", "clientSecret", "code", "code_verifier", "device_code", "secret", "nonce"];

fn journal_fields(request: &Request) -> BTreeMap<&'static str, String> {
    let json = request.json();
    let mut fields = BTreeMap::new();
    for name in PLAIN {
        if let Some(value) = parameter(request, &json, name) {
            fields.insert(name, value);
        }
    }
    for name in SECRET {
        if let Some(value) = parameter(request, &json, name) {
            fields.insert(name, fingerprint(&value));
        }
    }
    if let Some(org) = fields.get("targetOrgId").and_then(|id| ids::parse_org(id)) {
        fields.insert("org", org);
    }
    if let Some(bearer) = request.bearer() {
        fields.insert("bearer", fingerprint(bearer));
    }
    if let Some(id) = request.header("trackingid") {
        fields.insert("client_tracking_id", id.to_owned());
    }
    fields
}

/// A parameter of the JSON body or the form body.
fn parameter(request: &Request, json: &Value, name: &str) -> Option<String> {
    match json.get(name).and_then(Value::as_str) {
        Some(text) => Some(text.to_owned()),
        None => request.form(name),
    }
}

/// The first 8 hex digits of the SHA-256.
pub(crate) fn fingerprint(secret: &str) -> String {
    hex::encode(&Sha256::digest(secret)[..4])
}
