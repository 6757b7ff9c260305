//! The vend function: gives callers the access tokens that they may have.
//!
//! Architecture invariants:
//! - This function reads `grants/*` and invokes the refresher. It cannot write.
//! - A record in memory is enough to vend a token, never to refuse one: before a refusal the record is read again.
//! - No grant of the minter's app and no token that can mint is ever vended or listed.
//! - The caller is identified and authorised before anything is looked up, so that a refusal does not reveal what exists.
//!
//! Read in this order: [`Settings`], `router` (the endpoints), [`Vend`] in `app` (the way of a request), `access` (identity,
//! policy, rate limit), `routes` (one file per endpoint), `tokens` and `availability` (how a token is found), [`Error`],
//! `audit`.

mod access;
mod app;
mod audit;
mod availability;
mod error;
mod input;
mod router;
mod routes;
mod settings;
mod tokens;

pub use access::policy::{AccessRequest, Action, NearestPermit, Policy, PolicyDecision, Resource};
pub use access::{AccessError, identity};
pub use app::Vend;
pub use error::{Error, RenewalError};
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use lambda_kit::aws;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::{InvalidConfig, environment};
use lambda_kit::metrics::Metrics;

/// Builds the function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Vend<SystemClock>, InvalidConfig> {
    if settings.open_callers {
        aws::may_be_open(sdk, &environment)?;
    }
    Ok(Vend::new(settings, sdk, SystemClock, Metrics::stdout()))
}
