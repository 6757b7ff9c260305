//! What is measured: vend without and with a policy, and the event that both answer.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use lambda_kit::clock::SystemClock;
use lambda_kit::metrics::Metrics;
use serde_json::json;
use simulator::{Clock, Options, Simulator};
use vend::{Settings, Vend};

/// Each asks 500 times, which is half of what the throttle lets through at once.
const CALLERS: usize = 40;
/// The policy that is packaged, and one that says more.
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers.cedar");
pub(crate) const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers-examples.cedar");
pub(crate) const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

pub(crate) struct World {
    /// Lets in whoever is of its account.
    pub(crate) plain: Vend<SystemClock>,
    /// Lets in whom the policy does.
    pub(crate) ruled: Vend<SystemClock>,
    /// Their store, which answers as long as it is here.
    _simulator: Simulator,
}

impl World {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let simulator = Simulator::start(Options::new(Clock::system())).await?;
        seed(&simulator)?;
        let (plain, ruled) = (vend(&simulator, None)?, vend(&simulator, Some(POLICY))?);
        Ok(Self { plain, ruled, _simulator: simulator })
    }
}

fn vend(simulator: &Simulator, policy: Option<&str>) -> anyhow::Result<Vend<SystemClock>> {
    let lookup = |name: &str| match name {
        "CALLER_POLICY" => policy.map(str::to_owned),
        "CACHE_TTL" => Some("3600".to_owned()),
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

/// The event file that `cargo lambda invoke` takes too, by as many callers as keep below the throttle.
pub(crate) fn events() -> anyhow::Result<Vec<Vec<u8>>> {
    let file = include_str!("../../../../tests/journeys/events/vend-token.json");
    let by = |n: usize| file.replace("assumed-role/reporting/", &format!("assumed-role/reporting{n}/")).into_bytes();
    anyhow::ensure!(file.contains("assumed-role/reporting/"), "the event has another caller");
    Ok((0..CALLERS).map(by).collect())
}
