//! Leads an administrator from a page through Webex's consent to a grant that the broker keeps fresh.
//!
//! Beside those pages is the operators' console: the fleet, each grant with what can be done to it, the apps, the minter.
//!
//! Architecture invariant: this function reads no secret and no store, and can write nothing. It asks the refresher which
//! apps there are (`apps`) and hands the authorization code to it (`exchange`); the console sends operators' commands.
//! It keeps no state either: a flow in progress lives in the browser, in a sealed cookie. Nobody but an operator, or
//! somebody on this machine, learns anything or can start a flow; a person with a link can start the flow of its grant.
//!
//! Read in this order: [`Settings`], `router` (the endpoints), `operator_gate` (who is admitted), `grant_request` (what is
//! asked for), `flow` (how Webex's redirect is tied to the browser), [`Consent`] in `app`, `routes` (one file per
//! endpoint), `console` (what the console asks and how it words the answers), `invitation` (links),
//! `messages` (the texts of error pages), `page` (headers and templates).

mod app;
mod assets;
mod catalogue;
mod console;
mod cookie;
mod error;
mod error_page;
mod flow;
mod grant_act;
mod grant_request;
mod integrations;
mod invitation;
mod key_rate_limit;
mod message;
mod messages;
mod operator_gate;
mod operator_session;
mod page;
mod parameters;
mod preset;
mod request_log;
mod return_path;
mod router;
mod routes;
mod seal;
mod settings;
mod slash;
mod state;
mod webex_error;

pub use app::Consent;
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::InvalidConfig;

/// Creates the function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Consent<SystemClock>, InvalidConfig> {
    Ok(Consent::new(settings, sdk, SystemClock))
}
