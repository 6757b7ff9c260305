//! Webex behind the shared machinery.

use std::collections::BTreeMap;
use std::sync::Mutex;

use sha2::{Digest as _, Sha256};

use super::problem::{Outcome, Problem};
use super::world::World;
use super::{Endpoint, Fault, authorize, device, identity, ids, mint, oauth, random, webhooks};
use crate::clock::Clock;
use crate::transport::{Answer, Call, Faults, Journal, Service, Upset, lock};

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

    fn operation(&self, call: &Call) -> Endpoint {
        Endpoint::of(call)
    }

    fn fields(&self, call: &Call) -> BTreeMap<&'static str, String> {
        fields(call)
    }

    fn upset(&self, fault: &Fault, call: &Call) -> Upset {
        fault.upset(&call.tracking_id)
    }

    fn unavailable(&self, call: &Call) -> Answer {
        Problem::new(503, "The service is unavailable.").envelope(&call.tracking_id)
    }

    fn perform(&self, endpoint: Endpoint, call: &Call) -> Answer {
        let world = &mut *lock(&self.world);
        let style = world.settings.oauth_errors;
        self.answer(world, endpoint, call).unwrap_or_else(|problem| match endpoint {
            Endpoint::Refresh | Endpoint::Exchange | Endpoint::DeviceAuthorize | Endpoint::DeviceToken => {
                problem.spelled(style, &call.tracking_id)
            }
            _ => problem.envelope(&call.tracking_id),
        })
    }
}

impl Platform {
    fn answer(&self, world: &mut World, endpoint: Endpoint, call: &Call) -> Outcome<Answer> {
        let now = self.clock.now();
        match endpoint {
            Endpoint::Mint => mint::mint(world, &self.faults, call, now),
            Endpoint::Refresh | Endpoint::Exchange => oauth::grant(world, call, now),
            Endpoint::CreateWebhook
            | Endpoint::ListWebhooks
            | Endpoint::GetWebhook
            | Endpoint::UpdateWebhook
            | Endpoint::DeleteWebhook => webhooks::answer(world, endpoint, call, now),
            Endpoint::TokenExpiry => identity::token_expiry(world, call, now),
            Endpoint::Me => identity::me(world, call, now),
            Endpoint::GuestToken => identity::guest(world, call, now),
            Endpoint::Authorize => authorize::authorize(world, call, now),
            Endpoint::SignIn => authorize::sign_in(world, call),
            Endpoint::Decide => authorize::decide(world, call, now),
            Endpoint::DeviceAuthorize => device::begin(world, call, now),
            Endpoint::DeviceToken => device::token(world, call, now),
            Endpoint::DevicePage => Ok(device::page(world, call, now)),
            Endpoint::Unknown => Err(Problem::not_found()),
        }
    }
}

/// Parameters that are nobody's secret.
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

/// Parameters that are, recorded as fingerprints.
const SECRET: [&str; 7] =
    ["refresh_token", "client_secret", "clientSecret", "code", "code_verifier", "device_code", "secret"];

fn fields(call: &Call) -> BTreeMap<&'static str, String> {
    let json = call.json();
    let given = |name: &str| {
        let text = json.get(name).and_then(serde_json::Value::as_str);
        text.map(str::to_owned).or_else(|| call.form(name))
    };
    let plain = PLAIN.iter().filter_map(|&name| Some((name, given(name)?)));
    let secret = SECRET.iter().filter_map(|&name| Some((name, fingerprint(&given(name)?))));
    let mut fields: BTreeMap<_, _> = plain.chain(secret).collect();
    if let Some(org) = fields.get("targetOrgId").and_then(|id| ids::parse_org(id)) {
        fields.insert("org", org);
    }
    if let Some(bearer) = call.bearer() {
        fields.insert("bearer", fingerprint(bearer));
    }
    if let Some(id) = call.header("trackingid") {
        fields.insert("client_tracking_id", id.to_owned());
    }
    fields
}

/// The first 8 hex digits of the SHA-256.
pub(crate) fn fingerprint(secret: &str) -> String {
    hex::encode(&Sha256::digest(secret)[..4])
}
