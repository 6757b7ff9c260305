//! How long a warm vend takes, beside a function that does nothing: `cargo run --release -p vend --example warm > /dev/null`
//!
//! Both take the same event as bytes and end with the answer as bytes, in the same process and turn by turn: what the
//! runtime's client does around a handler, without its HTTP. vend runs as in Lambda: its own clock, its audit line and its
//! metrics written to standard output, the record from its cache. The budget is 1.3 times the empty function without a
//! policy, and 50 µs for a policy's decision.

#![expect(clippy::print_stderr, reason = "a measurement for people; standard output takes the log")]
#![expect(clippy::disallowed_methods, reason = "a measurement of the machine's own time")]

use std::convert::Infallible;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use broker_core::id::GrantId;
use edge::clock::SystemClock;
use edge::gateway;
use edge::metrics::Metrics;
use lambda_http::{Adapter, Body, Context, LambdaEvent, Request, Response, Service, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use simulator::{Clock, Options, Simulator};
use vend::identity::{AwsIdentity, Caller};
use vend::{Action, Ask, Policy, Resource, Settings, Vend};

const ROUNDS: usize = 20_000;
/// Each asks 500 times, which is half of what the throttle lets through at once.
const CALLERS: usize = 40;
/// The policy that is packaged, and one that says more.
const POLICY: Option<&str> = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers.cedar"));
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers-examples.cedar");
const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    edge::log::init(&|_| None);
    let simulator = Simulator::start(Options::new(Clock::system())).await?;
    seed(&simulator)?;
    let [plain, ruled] = [None, POLICY].map(|policy| vend(&simulator, policy));
    let (plain, ruled) = (plain?, ruled?);
    let mut empty = Adapter::from(service_fn(|_: Request| async { Ok::<_, Infallible>(Response::new(Body::Empty)) }));
    let (mut plain, mut ruled) = (gateway::service(&plain), gateway::service(&ruled));

    let mut took: [Vec<Duration>; 3] = Default::default();
    for event in events()?.iter().cycle().take(ROUNDS) {
        took[0].push(once(&mut empty, event, "").await?);
        took[1].push(once(&mut plain, event, "access_token").await?);
        took[2].push(once(&mut ruled, event, "access_token").await?);
    }
    let [nothing, plain, ruled] = took.map(median);
    let times = |it: Duration| it.as_secs_f64() / nothing.as_secs_f64();
    let build = if cfg!(debug_assertions) { "debug, which says nothing" } else { "release" };
    eprintln!("{build}; p50 of {ROUNDS} rounds, turn by turn in one process, from the event's bytes to the answer's");
    eprintln!("empty function    {nothing:?}");
    eprintln!("vend from memory  {plain:?}, {:.2} times the empty one", times(plain));
    eprintln!("under a policy    {ruled:?}, {:.2} times", times(ruled));
    decisions()
}

/// One invocation, from the event's bytes to the answer's.
async fn once<A, E>(function: &mut A, event: &[u8], holds: &str) -> anyhow::Result<Duration>
where
    A: Service<LambdaEvent<E>>,
    A::Response: Serialize,
    A::Error: std::error::Error + Send + Sync + 'static,
    E: DeserializeOwned,
{
    let began = Instant::now();
    let payload = serde_json::from_slice(event)?;
    let answer = function.call(LambdaEvent { payload, context: Context::default() }).await?;
    let bytes = serde_json::to_vec(&answer)?;
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&bytes);
    anyhow::ensure!(said.contains("\"statusCode\":200") && said.contains(holds), "not what was asked for: {said}");
    Ok(took)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How long the policy takes to decide, and to be read.
fn decisions() -> anyhow::Result<()> {
    let text = std::fs::read_to_string(EXAMPLES)?;
    let read: Vec<_> = (0..100).map(|_| timed(|| drop(Policy::parse(&text)))).collect();
    let policy = Policy::parse(&text).map_err(anyhow::Error::msg)?;
    let arn = "arn:aws:sts::123456789012:assumed-role/reporting/nightly";
    let caller = Caller::Aws(AwsIdentity::parse(arn).context("no identity")?);
    let id = GrantId::parse(&format!("reports/{ORG}"))?;
    let ask = Ask { action: Action::Vend, resource: Resource::Grant(&id) };
    anyhow::ensure!(policy.decide(&caller, &ask).allowed, "the policy is another");
    let decided: Vec<_> = (0..ROUNDS).map(|_| timed(|| drop(policy.decide(&caller, &ask)))).collect();
    eprintln!("callers-examples.cedar: decided in {:?}, read and validated in {:?}", median(decided), median(read));
    Ok(())
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
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
        .behavior_version(aws_config::BehaviorVersion::latest())
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
fn events() -> anyhow::Result<Vec<Vec<u8>>> {
    let file = include_str!("../../../tests/journeys/events/vend-token.json");
    let by = |n: usize| file.replace("assumed-role/reporting/", &format!("assumed-role/reporting{n}/")).into_bytes();
    anyhow::ensure!(file.contains("assumed-role/reporting/"), "the event has another caller");
    Ok((0..CALLERS).map(by).collect())
}
