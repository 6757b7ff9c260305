//! `wtb app`.

use std::path::PathBuf;

use broker_core::id::{AppName, OrgId};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::Confirmation;

/// What can be done with an app.
#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// Store the credentials of a new app, and a webhook secret for a Service App
    Add(AddApp),
    /// Show the app's credentials check, webhook registrations and problems
    Check {
        /// The app
        #[arg(value_parser = AppName::parse)]
        app: AppName,
    },
    /// Store a client secret that was regenerated in Webex's portal, and sweep
    RotateSecret(RotateClientSecret),
    /// Remove the webhook registrations and all grants of an app. Asks for confirmation
    Remove(RemoveApp),
}

/// The kinds of apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Authorised by orgs
    ServiceApp,
    /// Consented to by persons; the minter is one
    Integration,
}

/// Where the client secret comes from.
#[derive(Debug, Default, Args)]
pub struct ClientSecret {
    /// Read the client secret from a file, or from standard input (-), instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
}

/// `wtb app add`.
#[derive(Debug, Args)]
pub struct AddApp {
    /// The name that you give to the app
    #[arg(value_parser = AppName::parse)]
    pub app: AppName,
    /// What the app is
    #[arg(long)]
    pub kind: Kind,
    /// The client id that Webex's portal shows
    #[arg(long, value_name = "ID")]
    pub client_id: String,
    /// Where the client secret comes from.
    #[command(flatten)]
    pub secret: ClientSecret,
    /// An org that every sweep looks at even without an event; repeatable. Service Apps only
    #[arg(long = "org", value_name = "ORG", value_parser = OrgId::parse)]
    pub orgs: Vec<OrgId>,
    /// The redirect URI for the consent page. Integrations only
    #[arg(long, value_name = "URL")]
    pub redirect_uri: Option<String>,
    /// A scope that the consent page asks for; repeatable. Without any, the person chooses. Integrations only
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// The KMS key of the new secrets, instead of AWS's own
    #[arg(long, value_name = "ID|ARN")]
    pub kms_key_id: Option<String>,
}

/// `wtb app rotate-secret`.
#[derive(Debug, Args)]
pub struct RotateClientSecret {
    /// The app
    #[arg(value_parser = AppName::parse)]
    pub app: AppName,
    /// Where the client secret comes from.
    #[command(flatten)]
    pub secret: ClientSecret,
}

/// `wtb app remove`.
#[derive(Debug, Args)]
pub struct RemoveApp {
    /// The app
    #[arg(value_parser = AppName::parse)]
    pub app: AppName,
    /// Also schedule the deletion of the secrets apps/APP and webhooks/APP, in 30 days
    #[arg(long)]
    pub delete_secrets: bool,
    /// Whether to ask.
    #[command(flatten)]
    pub confirmation: Confirmation,
}
