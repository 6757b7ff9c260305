//! Keeps a grant's token in a file.

use std::time::Duration;

use broker_core::error::chain;
use client::{Error, SystemTokenClock, TokenClock as _, VendClient, VendedToken};
use lambda_kit::config::environment;

use crate::arguments::WriteOptions;
use crate::build;
use crate::identity::AgentIdentity;
use crate::settings::Settings;
use crate::token_file::TokenFile;

/// How often the token and the file are looked at. Between two looks the machine may sleep: each one goes by the clock.
const INTERVAL: Duration = Duration::from_secs(15);

/// Writes the file once, or keeps it current until the process ends.
pub(crate) async fn run(options: WriteOptions) -> Result<(), String> {
    let settings = Settings::read(&environment).map_err(|error| error.to_string())?;
    let client = build::vend_client(&settings)?;
    let file = TokenFile::new(&options.file);
    loop {
        let outcome = keep_current(&client, &file, &options).await;
        if options.once {
            return outcome;
        }
        if let Err(reason) = outcome {
            let (app, subject) = (&options.app, &options.subject);
            tracing::warn!(outcome = "not_written", app, subject, "{reason}");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Writes the token if the file does not hold it. Removes the file if vend says that the grant's token must not be used.
async fn keep_current(
    client: &VendClient<AgentIdentity, SystemTokenClock>,
    file: &TokenFile,
    options: &WriteOptions,
) -> Result<(), String> {
    let ahead = Duration::from_secs(options.ahead);
    match client.token_for(&options.app, &options.subject, ahead).await {
        Ok(token) => write_if_new(file, &token, options),
        Err(error) => {
            let mut reason = chain(&error);
            if is_final(&error) {
                match file.remove() {
                    Ok(()) => reason.push_str("; the file was removed"),
                    Err(failure) => reason = format!("{reason}; the file cannot be removed: {failure}"),
                }
            }
            Err(reason)
        }
    }
}

fn write_if_new(file: &TokenFile, token: &VendedToken, options: &WriteOptions) -> Result<(), String> {
    if file.holds(token) {
        return Ok(());
    }
    let path = options.file.display();
    file.write(token, SystemTokenClock.now()).map_err(|error| format!("{path} cannot be written: {error}"))?;
    let (app, subject) = (&options.app, &options.subject);
    tracing::info!(outcome = "written", app, subject, "wrote {path}");
    Ok(())
}

/// Whether vend refuses for a reason that lies in the grant or in the caller's rights.
fn is_final(error: &Error) -> bool {
    match error {
        Error::Refused(problem) => matches!(problem.status, 403 | 404 | 410),
        _ => false,
    }
}
