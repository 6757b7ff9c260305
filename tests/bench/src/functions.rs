//! The functions that are measured, and the events that they answer.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use lambda_kit::clock::SystemClock;
use lambda_kit::metrics::Metrics;
use serde_json::{Value, json};
use vend::{Settings, Vend};

use crate::one_secret;

/// Each makes 500 requests of each function, half of what the rate limit admits at once.
const CALLERS: usize = 40;
/// The shipped policy.
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers.cedar");
/// The policy of the examples.
pub const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers-examples.cedar");
/// The org whose token is vended.
pub const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// vend without and with a policy of callers.
pub struct Functions {
    /// Every IAM caller may have every token.
    pub without_policy: Vend<SystemClock>,
    /// The shipped policy decides.
    pub with_policy: Vend<SystemClock>,
}

impl Functions {
    /// Builds both as in Lambda, over a store with one grant.
    pub fn new() -> anyhow::Result<Self> {
        let name = format!("webex-token-broker/grants/reports/{ORG}");
        let sdk = sdk(&one_secret::serve(&name, &record())?);
        Ok(Self { without_policy: vend(&sdk, None)?, with_policy: vend(&sdk, Some(POLICY))? })
    }
}

fn vend(sdk: &SdkConfig, policy: Option<&str>) -> anyhow::Result<Vend<SystemClock>> {
    let lookup = |name: &str| match name {
        "CALLER_POLICY" => policy.map(str::to_owned),
        "CACHE_TTL" => Some("3600".to_owned()),
        "METRICS_STACK" => Some("webex-token-broker".to_owned()),
        _ => None,
    };
    Ok(Vend::new(Settings::read(&lookup)?, sdk, SystemClock, Metrics::stdout()))
}

fn sdk(endpoint_url: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "bench");
    SdkConfig::builder()
        .region(Region::new("eu-central-1"))
        .endpoint_url(endpoint_url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .behavior_version(BehaviorVersion::latest())
        .build()
}

fn record() -> Value {
    json!({"version": 1, "app": "reports", "subject": ORG, "state": "active",
        "access_token": "x".repeat(100), "access_token_expires_at": "2099-01-01T00:00:00Z",
        "refresh_token": "y".repeat(100), "refresh_token_expires_at": "2099-03-01T00:00:00Z"})
}

/// The event of the journeys, from so many callers that none exceeds the rate limit.
pub fn events() -> anyhow::Result<Vec<Vec<u8>>> {
    let file = include_str!("../../journeys/events/vend-token.json");
    let role = "assumed-role/reporting/";
    anyhow::ensure!(file.contains(role), "the event has another caller");
    let events = (0..CALLERS).map(|n| file.replace(role, &format!("assumed-role/reporting{n}/")).into_bytes());
    Ok(events.collect())
}
