//! Receives Webex's signed webhooks, `POST /webhooks/{app}`, and queues their events for the refresher.
//!
//! Architecture invariant: this function reads `webhooks/*` and invokes the refresher; its IAM role allows nothing else.
//! It answers 202 only after Lambda's asynchronous queue has accepted the event, so that no acknowledged event is lost,
//! and 503 otherwise.
//!
//! Read in this order: [`Settings`], `delivery` (checks of a request), [`Webhook`] (the function), [`Error`].

mod delivery;
mod error;
mod handler;
mod settings;

pub use error::Error;
pub use handler::Webhook;
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::InvalidConfig;
use lambda_kit::metrics::Metrics;

/// Builds the function for Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Webhook<SystemClock>, InvalidConfig> {
    Ok(Webhook::new(settings, sdk, SystemClock, Metrics::stdout()))
}
