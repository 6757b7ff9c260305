//! Receives Webex's signed webhooks, `POST /webhooks/{app}`, and hands what they mean to the refresher.
//!
//! Architecture invariant: this function reads `webhooks/*` and invokes the refresher, and can do nothing else. It
//! answers 202 only after Lambda's own queue has taken the event, so that an acknowledged event is never lost; what it
//! cannot hand over it answers with 503.
//!
//! Read in this order: [`Settings`], `delivery` (what is believed), [`Webhook`] (what follows), [`Refusal`].

mod delivery;
mod error;
mod handler;
mod settings;

pub use error::Refusal;
pub use handler::Webhook;
pub use settings::Settings;

use aws_config::SdkConfig;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::InvalidConfig;
use lambda_kit::metrics::Metrics;

/// The function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Webhook<SystemClock>, InvalidConfig> {
    Ok(Webhook::new(settings, sdk, SystemClock, Metrics::stdout()))
}
