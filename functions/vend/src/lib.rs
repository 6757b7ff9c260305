//! Vends a valid access token to callers that may have it.
//!
//! Architecture invariant: this function reads `grants/*` and invokes the refresher, and can write nothing. A token that
//! the record does not allow to be vended is not vended, whatever the cache says: the cache may only say yes, a no is
//! always read afresh. The minter's token is vended to nobody.
//!
//! Read in this order: [`Settings`], `route` (what may be asked), `caller` (who may ask), [`Vend`] (the function),
//! `token` (how a token is found), `grants` and `guests` (the other answers), [`Refusal`].

mod answer;
mod audit;
mod caller;
mod error;
mod grants;
mod guests;
mod handler;
mod query;
mod route;
mod settings;
mod standing;
mod token;

pub use error::{NotRenewed, Refusal};
pub use handler::Vend;
pub use settings::Settings;

use aws_config::SdkConfig;
use edge::aws;
use edge::clock::SystemClock;
use edge::config::{InvalidConfig, environment};
use edge::metrics::Metrics;

/// The function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Vend<SystemClock>, InvalidConfig> {
    if settings.open_callers {
        aws::may_be_open(sdk, &environment)?;
    }
    Ok(Vend::new(settings, sdk, SystemClock, Metrics::stdout()))
}
