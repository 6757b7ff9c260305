//! One file for each command.

mod app;
mod completions;
mod doctor;
mod grant;
mod history;
mod minter;
mod notify;
mod policy;
mod status;
mod sweep;
mod webhook;

use crate::arguments::{AppCommand, Command, GrantCommand, MinterCommand, WebhookCommand};
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Runs a command.
pub(crate) async fn run(command: &Command, session: &Session<'_>) -> Result<Report, Failure> {
    match command {
        Command::Status(filter) => status::run(session, filter).await,
        Command::Grant(command) => run_grant(command, session).await,
        Command::History(grant) => history::run(session, &grant.id()).await,
        Command::Sweep(arguments) => sweep::run(session, arguments).await,
        Command::App(AppCommand::Add(arguments)) => app::add(session, arguments).await,
        Command::App(AppCommand::Check { app }) => app::check(session, app).await,
        Command::App(AppCommand::RotateSecret(arguments)) => app::rotate_secret(session, arguments).await,
        Command::App(AppCommand::Remove(arguments)) => app::remove(session, arguments).await,
        Command::Webhook(WebhookCommand::Rotate(arguments)) => webhook::rotate(session, arguments).await,
        Command::Webhook(WebhookCommand::Finish { app }) => webhook::finish(session, app).await,
        Command::Minter(MinterCommand::Show(arguments)) => minter::show(session, arguments).await,
        Command::Minter(MinterCommand::Connect { minter, scopes }) => minter::connect(session, minter, scopes).await,
        Command::Policy(command) => policy::run(session, command),
        Command::Notify(command) => notify::run(session, command).await,
        Command::Doctor => doctor::run(session).await,
        Command::Completions { shell } => Ok(completions::run(*shell)),
    }
}

async fn run_grant(command: &GrantCommand, session: &Session<'_>) -> Result<Report, Failure> {
    match command {
        GrantCommand::Show(grant) => grant::show(session, &grant.id()).await,
        GrantCommand::Verify(grant) => grant::verify(session, &grant.id()).await,
        GrantCommand::Renew(arguments) => grant::renew(session, arguments).await,
        GrantCommand::Import(arguments) => grant::import(session, arguments).await,
        GrantCommand::Restore(grant) => grant::restore(session, &grant.id()).await,
        GrantCommand::Remove(arguments) => grant::remove(session, arguments).await,
        GrantCommand::Unblock(grant) => grant::unblock(session, &grant.id()).await,
        GrantCommand::Link(arguments) => grant::link(session, arguments).await,
    }
}
