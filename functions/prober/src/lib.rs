//! The prober: asks vend as callers do, and reports whether the right ones get a token and the wrong ones get none.
//!
//! A run asks four questions at most, each once: for the token of one grant as a caller that may have it, which Webex must
//! then accept; for the minter's token, which vend gives to nobody; for the grant's token without a signature; and, where a
//! caller policy is deployed, for the same as a role that the policy must not permit.
//!
//! Read in this order: [`Settings`], [`Prober`], `token_probe` and `refusal_probe` (the questions), `report` (the answer,
//! the log and the metrics), `caller` (how the requests are signed).
//!
//! Architecture invariant: no token is kept, logged or answered, neither one that was due nor one that was not.

mod caller;
mod prober;
mod refusal_probe;
mod report;
mod settings;
mod token_probe;

pub use prober::Prober;
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use lambda_kit::aws;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::{InvalidConfig, environment};
use lambda_kit::metrics::Metrics;

/// Builds the function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Prober<SystemClock>, InvalidConfig> {
    if settings.open_callers {
        aws::may_be_open(sdk, &environment)?;
    }
    Prober::new(settings, sdk, SystemClock, Metrics::stdout())
}
