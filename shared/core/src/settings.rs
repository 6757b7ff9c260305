//! What the deployment chose.

use jiff::SignedDuration;

use crate::id::GrantId;
use crate::schedule::RenewAt;

/// The rules' settings.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// The grant whose access token mints.
    pub minter: GrantId,
    /// The share of a token's lifetime after which it is due.
    pub renew_at: RenewAt,
    /// How long Webex may lag behind its own events.
    pub fence_settle: SignedDuration,
    /// Whether an access token may ever be shown to the person who consented.
    pub show_tokens: bool,
    /// Where Webex is to deliver, without a trailing slash; `None` leaves registrations alone.
    pub webhook_url: Option<String>,
    /// The time between two sweeps. A data source must live for several of them.
    pub sweep_interval: SignedDuration,
    /// Quiet grants of an app above which they are packed; 0 for never.
    pub pack_above: u32,
    /// The address of the operators' console without a trailing slash, for links in notices.
    pub console_url: Option<String>,
}
