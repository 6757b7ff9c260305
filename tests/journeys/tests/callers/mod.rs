//! vend over HTTP, as callers meet it: what stands in front of a function in Lambda, the clients and their examples, the
//! snippets, the agent, schemathesis, and the prober.

mod agent;
mod clients;
mod http_server;
mod prober;
mod schemathesis;
mod sigv4;
mod snippets;
mod street;

use serde_json::json;

use crate::harness::Deployment;
use crate::oidc::{AUDIENCE, Issuer, Key, everything};

/// Whose token there is.
const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// A deployment with a live grant, which lets in for everything whomever the issuer of `key` vouches for.
async fn open_to(key: &Key) -> (Deployment, Issuer) {
    let issuer = Issuer::start(&[key]).await;
    let issuers = json!([issuer.trusted_for(AUDIENCE)]).to_string();
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", &everything())]).await;
    world.minter().await;
    let app = world.app("reports");
    world.onboard(&app, ORG).await;
    (world, issuer)
}
