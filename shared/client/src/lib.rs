//! Asks vend for tokens and keeps them while they are good.
//!
//! ```no_run
//! # async fn example(sdk: aws_config::SdkConfig) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = sdk.credentials_provider().ok_or("no credentials")?;
//! let iam = client::SigV4::function_url("eu-central-1", credentials);
//! let broker = client::Client::new("https://abc.lambda-url.eu-central-1.on.aws", iam)?;
//!
//! let token = broker.token("reports", "ce861fba-6e2f-49f9-9a84-b354008fac9e").await?;
//! // … call Webex with it (`Token::expose`), and if that answers 401:
//! let token = broker.rejected("reports", "ce861fba-6e2f-49f9-9a84-b354008fac9e", &token).await?;
//! # let _ = token; Ok(()) }
//! ```
//!
//! A token is held until shortly before it ends, so that most calls cost nothing. Those who ask for the same grant at
//! once wait for one request. While the broker cannot be reached, what is held is given out for as long as it lives; when
//! it says that the grant is gone, it is given out no longer.
//!
//! Architecture invariant: this crate depends on nothing of the workspace. It knows what `/openapi.json` says.

mod authorize;
mod clock;
mod error;
mod http;
mod keeper;
mod token;

pub use authorize::{Authorize, Bearer, BoxError, Outgoing, SigV4};
pub use clock::{Clock, SystemClock};
pub use error::{Error, Problem};
pub use keeper::Client;
pub use token::Token;
