//! Takes an administrator from a page through Webex's consent to a grant that is kept fresh.
//!
//! Architecture invariant: this function reads no secret and no store, and can write nothing. What it must know it asks
//! the refresher (`apps`), and what it brings it hands to the refresher (`exchange`). It keeps nothing either: a flow
//! under way lives in the browser, in a cookie under our seal that only this browser sends and that is taken back at the
//! callback. Who is neither an operator nor on this machine learns nothing, and can start nothing.
//!
//! Read in this order: [`Settings`], `route` (what there is), `gate` (who may), `choice` (what is asked for), `flow` (how
//! Webex's answer is tied to the browser), [`Consent`] and `steps` (the function), `words` (what people are told), `page` (how).

mod assets;
mod authorize;
mod catalogue;
mod choice;
mod cookie;
mod error;
mod flow;
mod gate;
mod handler;
mod page;
mod query;
mod returned;
mod route;
mod seal;
mod settings;
mod steps;
mod throttle;
mod words;

pub use handler::Consent;
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::InvalidConfig;

use error::Refusal;

/// The function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Consent<SystemClock>, InvalidConfig> {
    Ok(Consent::new(settings, sdk, SystemClock))
}
