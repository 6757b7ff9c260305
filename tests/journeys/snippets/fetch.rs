//! Fetches a token with the crate `client`. Needs `VEND_URL`, `ORG`, and AWS credentials where the AWS CLI finds them.

use anyhow::Context as _;
use client::{SigV4, VendClient};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "callers copy this file")]
async fn main() -> anyhow::Result<()> {
    let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let region = sdk.region().context("AWS_REGION is not set")?.to_string();
    let credentials = sdk.credentials_provider().context("no credentials")?;
    let vend = std::env::var("VEND_URL")?;
    let org = std::env::var("ORG")?;

    // Create one client and share it: it keeps each token until shortly before it expires.
    let broker = VendClient::new(&vend, SigV4::function_url(&region, credentials))?;
    let mut token = broker.token("reports", &org).await?;
    // After Webex has answered 401 to the token: report it once and use the token in the answer.
    if std::env::args().any(|argument| argument == "--rejected") {
        token = broker.rejected("reports", &org, &token).await?;
    }
    println!("{} characters, ends {:?}", token.expose().len(), token.expires_at);
    Ok(())
}
