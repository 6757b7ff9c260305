//! Asks vend for tokens and holds them while they live.
//!
//! ```no_run
//! # async fn example(sdk: aws_config::SdkConfig) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = sdk.credentials_provider().ok_or("no credentials")?;
//! let iam = client::SigV4::function_url("eu-central-1", credentials);
//! let broker = client::VendClient::new("https://abc.lambda-url.eu-central-1.on.aws", iam)?;
//!
//! let token = broker.token("reports", "ce861fba-6e2f-49f9-9a84-b354008fac9e").await?;
//! // … call Webex with it (`VendedToken::expose`), and if that answers 401:
//! let token = broker.rejected("reports", "ce861fba-6e2f-49f9-9a84-b354008fac9e", &token).await?;
//! # let _ = token; Ok(()) }
//! ```
//!
//! The client holds a token until shortly before it expires, so that most calls send no request. Concurrent callers that
//! ask for the same grant share one request. While the broker does not answer, the client returns the token that it holds
//! for as long as that lives. When the broker says that the grant has ended, the client drops the token.
//!
//! [`WebexHttp`] does that for the requests of a `reqwest::Client`.
//!
//! What a client does is a table that all clients share, `shared/clients/cases.json`; `tests/it` runs it.
//!
//! Architecture invariant: this crate depends on no other crate of the workspace. It knows what `/openapi.json` says.

mod answer;
mod authorize;
mod clock;
mod error;
mod grant_slot;
mod options;
mod token;
mod vend_api;
mod vend_client;
mod webex_http;

pub use authorize::{Authorize, Bearer, BearerFile, BoxError, SigV4, SigningFront, UnsignedRequest};
pub use clock::{SystemTokenClock, TokenClock};
pub use error::{Error, VendProblem};
pub use options::ClientOptions;
pub use token::VendedToken;
pub use vend_client::VendClient;
pub use webex_http::{WebexHttp, WebexHttpError};
