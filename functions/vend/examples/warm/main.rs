//! How long a warm vend takes, beside a function that does nothing: `cargo run --release -p vend --example warm > /dev/null`
//!
//! Both take the same event as bytes and end with the answer as bytes, in the same process and turn by turn: what the
//! runtime's client does around a handler, without its HTTP. vend runs as in Lambda: its own clock, its audit line and its
//! metrics written to standard output, the record from its cache. The budget is 1.3 times the empty function without a
//! policy, and 50 µs for a policy's decision. It fails if none of five parts of the run keeps to the first: what else the
//! machine does for a while is no reason.

#![expect(clippy::print_stderr, reason = "a measurement for people; standard output takes the log")]
#![expect(clippy::disallowed_methods, reason = "a measurement of the machine's own time")]

mod world;

use std::convert::Infallible;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use broker_core::id::GrantId;
use lambda_http::{Adapter, Body, Context, LambdaEvent, Request, Response, Service, service_fn};
use lambda_kit::gateway;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vend::identity::{AwsIdentity, Caller};
use vend::{Action, Ask, Policy, Resource};
use world::{EXAMPLES, ORG, World, events};

const ROUNDS: usize = 20_000;
const PARTS: usize = 5;
/// Of an empty function's time.
const WARM_BUDGET: f64 = 1.3;
const DECISION_BUDGET: Duration = Duration::from_micros(50);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::log::init(&|_| None);
    let world = World::new().await?;
    let mut empty = Adapter::from(service_fn(|_: Request| async { Ok::<_, Infallible>(Response::new(Body::Empty)) }));
    let (mut plain, mut ruled) = (gateway::service(&world.plain), gateway::service(&world.ruled));

    let mut took: [Vec<Duration>; 3] = Default::default();
    for event in events()?.iter().cycle().take(ROUNDS) {
        took[0].push(once(&mut empty, event, "").await?);
        took[1].push(once(&mut plain, event, "access_token").await?);
        took[2].push(once(&mut ruled, event, "access_token").await?);
    }
    told(&took)?;
    decisions()
}

fn told([nothing, plain, ruled]: &[Vec<Duration>; 3]) -> anyhow::Result<()> {
    let build = if cfg!(debug_assertions) { "debug, which says nothing" } else { "release" };
    eprintln!("{build}; p50 of {ROUNDS} rounds, turn by turn in one process, from the event's bytes to the answer's");
    eprintln!("empty function    {:?}", median(nothing));
    eprintln!("vend from memory  {:?}, {:.2} times the empty one", median(plain), times(plain, nothing));
    eprintln!("under a policy    {:?}, {:.2} times", median(ruled), times(ruled, nothing));
    let parts = plain.chunks(ROUNDS / PARTS).zip(nothing.chunks(ROUNDS / PARTS));
    let parts: Vec<_> = parts.map(|(plain, nothing)| times(plain, nothing)).collect();
    eprintln!("from memory, in {PARTS} parts: {parts:.2?} times; one must be below {WARM_BUDGET}");
    anyhow::ensure!(parts.iter().any(|times| *times < WARM_BUDGET), "a warm vend is over its budget");
    Ok(())
}

fn times(took: &[Duration], nothing: &[Duration]) -> f64 {
    median(took).as_secs_f64() / median(nothing).as_secs_f64()
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

fn median(took: &[Duration]) -> Duration {
    let mut took = took.to_vec();
    took.sort();
    took[took.len() / 2]
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
    let took = median(&decided);
    eprintln!("callers-examples.cedar: decided in {took:?}, read and validated in {:?}", median(&read));
    anyhow::ensure!(took < DECISION_BUDGET, "a decision is over its budget of {DECISION_BUDGET:?}");
    Ok(())
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}
