//! The functions that are measured, and the events that they answer.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use lambda_kit::clock::SystemClock;
use lambda_kit::metrics::Metrics;
use serde_json::json;
use simulator::{Clock, Options, Simulator};
use vend::{Settings, Vend};

/// Each makes 500 requests of each function, half of what the rate limit admits at once.
const CALLERS: usize = 40;
/// The shipped policy.
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers.cedar");
/// The policy of the examples.
pub(crate) const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers-examples.cedar");
pub(crate) const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

pub(crate) struct Functions {
    pub(crate) without_policy: Vend<SystemClock>,
    pub(crate) with_policy: Vend<SystemClock>,
    /// The store of both, which stops when it is dropped.
    _simulator: Simulator,
}

impl Functions {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let simulator = Simulator::start(Options::new(Clock::system())).await?;
        seed(&simulator)?;
        let without_policy = vend(&simulator, None)?;
        let with_policy = vend(&simulator, Some(POLICY))?;
        Ok(Self { without_policy, with_policy, _simulator: simulator })
    }
}

fn vend(simulator: &Simulator, policy: Option<&str>) -> anyhow::Result<Vend<SystemClock>> {
    let lookup = |name: &str| match name {
        "CALLER_POLICY" => policy.map(str::to_owned),
        "CACHE_TTL" => Some("3600".to_owned()),
        "METRICS_STACK" => Some("webex-token-broker".to_owned()),
        _ => None,
    };
    Ok(Vend::new(Settings::read(&lookup)?, &sdk(simulator), SystemClock, Metrics::stdout()))
}

fn sdk(simulator: &Simulator) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "bench");
    SdkConfig::builder()
        .region(Region::new("eu-central-1"))
        .endpoint_url(simulator.secrets.endpoint_url())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .behavior_version(BehaviorVersion::latest())
        .build()
}

fn seed(simulator: &Simulator) -> anyhow::Result<()> {
    let record = json!({"version": 1, "app": "reports", "subject": ORG, "state": "active",
        "access_token": "x".repeat(100), "access_token_expires_at": "2099-01-01T00:00:00Z",
        "refresh_token": "y".repeat(100), "refresh_token_expires_at": "2099-03-01T00:00:00Z"});
    let name = format!("webex-token-broker/grants/reports/{ORG}");
    simulator.secrets.put_json(&name, &record)
}

/// The event of the journeys, from so many callers that none exceeds the rate limit.
pub(crate) fn events() -> anyhow::Result<Vec<Vec<u8>>> {
    let file = include_str!("../../../../tests/journeys/events/vend-token.json");
    let role = "assumed-role/reporting/";
    anyhow::ensure!(file.contains(role), "the event has another caller");
    let events = (0..CALLERS).map(|n| file.replace(role, &format!("assumed-role/reporting{n}/")).into_bytes());
    Ok(events.collect())
}
