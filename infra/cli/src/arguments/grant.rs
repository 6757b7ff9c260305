//! `wtb grant`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Confirmation, GrantArguments};

/// What can be done with one grant.
#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// Show a grant's state, both expiries and its latest history
    Show(GrantArguments),
    /// Ask Webex whether the stored access token lives
    Verify(GrantArguments),
    /// Renew a grant's pair if it is due
    Renew(RenewGrant),
    /// Store a pair from a refresh token, which is proved by a refresh
    Import(Import),
    /// Bring a retired grant back, within 7 days
    Restore(GrantArguments),
    /// End a grant: revoke it at Webex where possible, and erase it. Asks for confirmation
    Remove(RemoveGrant),
    /// Let a blocked grant come back
    Unblock(GrantArguments),
    /// Make a link with which a person consents again, within 24 hours and without the operator key
    Link(MakeGrantLink),
}

/// `wtb grant link`.
#[derive(Debug, Args)]
pub struct MakeGrantLink {
    /// Which.
    #[command(flatten)]
    pub grant: GrantArguments,
    /// A scope to ask for; once for each. Only where the app's secret fixes none
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
}

/// `wtb grant renew`.
#[derive(Debug, Args)]
pub struct RenewGrant {
    /// Which.
    #[command(flatten)]
    pub grant: GrantArguments,
    /// Renew although the pair is young
    #[arg(long)]
    pub force: bool,
}

/// `wtb grant import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Which.
    #[command(flatten)]
    pub grant: GrantArguments,
    /// Read the token from a file, or from standard input (-), instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The token is a personal access token, for the minter only. Nothing renews it
    #[arg(long)]
    pub personal: bool,
    /// Seconds that the personal access token still lives, if Webex does not say
    #[arg(long, value_name = "SECONDS", requires = "personal")]
    pub expires_in: Option<u64>,
}

/// `wtb grant remove`.
#[derive(Debug, Args)]
pub struct RemoveGrant {
    /// Which.
    #[command(flatten)]
    pub grant: GrantArguments,
    /// Keep the grant out, whatever Webex says, until `wtb grant unblock`
    #[arg(long)]
    pub block: bool,
    /// Whether to ask.
    #[command(flatten)]
    pub confirmation: Confirmation,
}
