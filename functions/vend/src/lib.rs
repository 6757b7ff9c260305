//! Vends a valid access token to callers that may have it.
//!
//! Architecture invariant: this function reads `grants/*` and invokes the refresher, and can write nothing. A token that
//! the record does not allow to be vended is not vended, whatever the cache says: the cache may only say yes, a no is
//! always read afresh. The minter's token is vended to nobody.
//!
//! Who asks and whether they may is decided before anything is looked up: a refusal tells nobody what there is.
//!
//! Read in this order: [`Settings`], `route` (what may be asked), [`identity`] (who asks), [`policy`](Policy) and `gate`
//! (who may), [`Vend`] (the function), `token` (how a token is found), `grants` and `guests` (the other answers),
//! [`Refusal`].

mod answer;
mod audit;
mod error;
mod gate;
mod grants;
mod guests;
mod handler;
pub mod identity;
mod policy;
mod query;
mod route;
mod settings;
mod standing;
mod throttle;
mod token;

pub use error::{NotRenewed, Refusal};
pub use handler::Vend;
pub use policy::{Action, Ask, Policy, Resource, Verdict};
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use lambda_kit::aws;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::{InvalidConfig, environment};
use lambda_kit::metrics::Metrics;

/// The function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Vend<SystemClock>, InvalidConfig> {
    if settings.open_callers {
        aws::may_be_open(sdk, &environment)?;
    }
    Ok(Vend::new(settings, sdk, SystemClock, Metrics::stdout()))
}
