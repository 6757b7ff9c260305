//! A token, from Rust. It wants `VEND_URL`, `ORG`, and the AWS credentials that the CLI would use.

use anyhow::Context as _;
use client::{SigV4, VendClient};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "to be copied elsewhere")]
async fn main() -> anyhow::Result<()> {
    let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let region = sdk.region().context("AWS_REGION is not set")?.to_string();
    let credentials = sdk.credentials_provider().context("no credentials")?;
    let (vend, org) = (std::env::var("VEND_URL")?, std::env::var("ORG")?);

    // Make one, share it: it holds tokens until shortly before they end.
    let broker = VendClient::new(&vend, SigV4::function_url(&region, credentials))?;
    let mut token = broker.token("reports", &org).await?;
    // Webex answered 401 to it? Say so once, and have the next.
    if std::env::args().any(|argument| argument == "--rejected") {
        token = broker.rejected("reports", &org, &token).await?;
    }
    println!("{} characters, ends {:?}", token.expose().len(), token.expires_at);
    Ok(())
}
