//! What can be typed.

mod app;
mod grant;
mod parse;

use std::path::PathBuf;

use broker_core::id::{AppName, GrantId, Subject};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use serde::Serialize;

use crate::exit;

pub use app::{AddApp, AppCommand, ClientSecret, Kind, RemoveApp, RotateClientSecret};
pub use grant::{GrantCommand, Import, MakeGrantLink, RemoveGrant, RenewGrant};
pub(crate) use parse::parse;

/// The operators' command line of webex-token-broker.
#[derive(Debug, Parser)]
#[command(name = "wtb", version, about, after_help = exit::HELP, disable_help_subcommand = true)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub options: Options,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// The profile of the AWS configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The AWS region of the deployment
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// The stack of the deployment
    #[arg(long, global = true, value_name = "NAME", default_value = "webex-token-broker")]
    pub stack: String,
    /// The refresher, instead of the one that the stack's outputs name; no stack is asked for
    #[arg(long, global = true, value_name = "NAME|ARN")]
    pub function: Option<String>,
    /// The start of every secret's name, instead of the stack's
    #[arg(long, global = true, value_name = "PREFIX")]
    pub secret_prefix: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what needs a person, the apps, and all grants
    Status(StatusFilter),
    /// Show or change one grant
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Show what happened to a grant
    History(GrantArguments),
    /// Look after all grants and webhook registrations now
    Sweep(Sweep),
    /// Add, check or remove an app, or replace its client secret
    #[command(subcommand)]
    App(AppCommand),
    /// Replace an app's webhook secret without losing an event
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Show or replace the grant that mints for all orgs
    #[command(subcommand)]
    Minter(MinterCommand),
    /// Check the caller policy
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Try whether notices arrive
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Check region, credentials, stack, functions, permissions, clock, alarms and limits
    Doctor,
    /// Print a completion script
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Which grants `status` shows.
#[derive(Debug, Default, Args)]
pub struct StatusFilter {
    /// Only this app
    #[arg(value_parser = AppName::parse)]
    pub app: Option<AppName>,
    /// Only grants in this state
    #[arg(long, value_name = "STATE")]
    pub state: Option<StateFilter>,
    /// Only grants whose renewals fail
    #[arg(long)]
    pub failing: bool,
    /// Only grants whose tokens end within this time: 90m, 12h, 3d
    #[arg(long, value_name = "TIME", value_parser = parse::seconds)]
    pub expiring_within: Option<u64>,
}

/// The states of a grant.
#[derive(Debug, Clone, Copy, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the states are described in shared/README.md")]
pub enum StateFilter {
    Pending,
    Active,
    Fenced,
    Revoked,
    Unreadable,
}

/// One grant.
#[derive(Debug, Clone, Args)]
pub struct GrantArguments {
    /// The app
    #[arg(value_parser = AppName::parse)]
    pub app: AppName,
    /// The org's id in any form that Webex uses, or the grant's name
    #[arg(value_parser = Subject::parse)]
    pub subject: Subject,
}

impl GrantArguments {
    pub(crate) fn id(&self) -> GrantId {
        GrantId::new(self.app.clone(), self.subject.clone())
    }
}

/// Confirmation without a question.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Confirmation {
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
}

/// `wtb sweep`.
#[derive(Debug, Default, Args)]
pub struct Sweep {
    /// The webhook's base URL, instead of the stack's
    #[arg(long, value_name = "URL")]
    pub webhook_url: Option<String>,
    /// Move the registrations to a URL that is not the deployment's own
    #[arg(long, requires = "webhook_url")]
    pub force: bool,
    /// Let any number of grants end that Webex says are not authorised. Asks for confirmation
    #[arg(long)]
    pub allow_retirements: bool,
    /// Whether to ask.
    #[command(flatten)]
    pub confirmation: Confirmation,
}

/// `wtb webhook`.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Put a new secret first, wait until the webhook knows it, and register it at Webex
    Rotate(RotateWebhook),
    /// Remove the old secrets, a day after `rotate`
    Finish {
        /// The app
        #[arg(value_parser = AppName::parse)]
        app: AppName,
    },
}

/// `wtb webhook rotate`.
#[derive(Debug, Args)]
pub struct RotateWebhook {
    /// The app
    #[arg(value_parser = AppName::parse)]
    pub app: AppName,
    /// Seconds until every webhook environment has read the new secret, instead of the stack's cache time
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
    /// The old secret has leaked: remove it at once. Deliveries that are under way are lost
    #[arg(long)]
    pub leaked: bool,
}

/// `wtb minter`.
#[derive(Debug, Subcommand)]
pub enum MinterCommand {
    /// Show the minter's grant and when it ends
    Show(MinterArguments),
    /// Consent as the minter's developer, with a code in a browser
    Connect {
        /// Which grant.
        #[command(flatten)]
        minter: MinterArguments,
        /// A scope, where the app's secret names none; repeatable
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
}

/// Which grant is the minter.
#[derive(Debug, Default, Args)]
pub struct MinterArguments {
    /// The minter's grant, instead of the stack's
    #[arg(long, value_name = "APP/SUBJECT", value_parser = GrantId::parse)]
    pub minter: Option<GrantId>,
}

/// `wtb notify`.
#[derive(Debug, Subcommand)]
pub enum NotifyCommand {
    /// Send one notice to everybody who gets notices
    Test {
        /// The text of the notice; without it, the notice says that it is a test
        text: Option<String>,
    },
}

/// `wtb policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say whether the caller policy permits a request: runs `cargo check-policy` in the repository
    Check {
        /// The repository, instead of the one around the current folder
        #[arg(long, value_name = "FOLDER")]
        repository: Option<PathBuf>,
        /// What `cargo check-policy` takes: [--policy FILE] CALLER ACTION RESOURCE [CLAIM=VALUE …], or --token TOKEN
        /// (--token-file FILE, - for standard input) [--issuers FILE] and, for one request, ACTION RESOURCE
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<String>,
    },
}
