//! Compares a warm vend with a function that does nothing: `cargo run --release -p bench --example warm-vend > /dev/null`
//!
//! Both start with the bytes of the same event and end with the bytes of the answer, alternating in one process: all that
//! the Lambda runtime client does around a handler, without its HTTP. vend runs as in Lambda, with the system clock, its
//! audit line and metrics on stdout, and the record from its cache. The budget is 1.3 times the empty function without a
//! policy, and 50 µs for the decision of a policy. The run is divided into five parts, and one of them must keep the first
//! budget: other load on the machine is no reason to fail.

#![expect(clippy::print_stderr, reason = "a report for people; the log is on stdout")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::convert::Infallible;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bench::functions::{EXAMPLES, Functions, ORG, events};
use broker_core::id::GrantId;
use lambda_http::{Adapter, Body, Context, LambdaEvent, Request, Response, Service, service_fn};
use lambda_kit::gateway;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vend::identity::{AwsIdentity, Caller};
use vend::{AccessRequest, Action, Policy, Resource};

const ROUNDS: usize = 20_000;
const PARTS: usize = 5;
/// In multiples of the time of the empty function.
const WARM_BUDGET: f64 = 1.3;
const DECISION_BUDGET: Duration = Duration::from_micros(50);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::log::init(&|_| None);
    let functions = Functions::new()?;
    let mut empty = Adapter::from(service_fn(|_: Request| async { Ok::<_, Infallible>(Response::new(Body::Empty)) }));
    let mut without_policy = gateway::service(&functions.without_policy);
    let mut with_policy = gateway::service(&functions.with_policy);

    let mut times = Times::default();
    for event in events()?.iter().cycle().take(ROUNDS) {
        times.empty.push(invoke(&mut empty, event, "").await?);
        times.without_policy.push(invoke(&mut without_policy, event, "access_token").await?);
        times.with_policy.push(invoke(&mut with_policy, event, "access_token").await?);
    }
    report(&times)?;
    measure_decisions()
}

/// The time of each invocation.
#[derive(Default)]
struct Times {
    empty: Vec<Duration>,
    without_policy: Vec<Duration>,
    with_policy: Vec<Duration>,
}

fn report(times: &Times) -> anyhow::Result<()> {
    let Times { empty, without_policy, with_policy } = times;
    let build = if cfg!(debug_assertions) { "debug build: the figures mean nothing" } else { "release build" };
    eprintln!("{build}; median of {ROUNDS} invocations, from the bytes of the event to the bytes of the answer");
    eprintln!("empty function       {:?}", median(empty));
    eprintln!("vend without policy  {:?}, {:.2} times", median(without_policy), ratio(without_policy, empty));
    eprintln!("vend with policy     {:?}, {:.2} times", median(with_policy), ratio(with_policy, empty));
    let parts = without_policy.chunks(ROUNDS / PARTS).zip(empty.chunks(ROUNDS / PARTS));
    let ratios: Vec<_> = parts.map(|(vend, empty)| ratio(vend, empty)).collect();
    eprintln!("without policy, in {PARTS} parts: {ratios:.2?} times; one must be below {WARM_BUDGET}");
    anyhow::ensure!(ratios.iter().any(|ratio| *ratio < WARM_BUDGET), "a warm vend is over its budget");
    Ok(())
}

fn ratio(times: &[Duration], empty: &[Duration]) -> f64 {
    median(times).as_secs_f64() / median(empty).as_secs_f64()
}

/// One invocation, whose answer must contain `expected`.
async fn invoke<A, E>(function: &mut A, event: &[u8], expected: &str) -> anyhow::Result<Duration>
where
    A: Service<LambdaEvent<E>>,
    A::Response: Serialize,
    A::Error: std::error::Error + Send + Sync + 'static,
    E: DeserializeOwned,
{
    let start = Instant::now();
    let payload = serde_json::from_slice(event)?;
    let answer = function.call(LambdaEvent { payload, context: Context::default() }).await?;
    let bytes = serde_json::to_vec(&answer)?;
    let time = start.elapsed();
    let answer = String::from_utf8_lossy(&bytes);
    let is_expected = answer.contains("\"statusCode\":200") && answer.contains(expected);
    anyhow::ensure!(is_expected, "unexpected answer: {answer}");
    Ok(time)
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// Measures parsing and decision of a policy.
fn measure_decisions() -> anyhow::Result<()> {
    let text = std::fs::read_to_string(EXAMPLES)?;
    let parsed: Vec<_> = (0..100).map(|_| time_of(|| drop(Policy::parse(&text)))).collect();
    let policy = Policy::parse(&text).map_err(anyhow::Error::msg)?;
    let arn = "arn:aws:sts::123456789012:assumed-role/reporting/nightly";
    let caller = Caller::Aws(AwsIdentity::parse(arn).context("not an identity")?);
    let id = GrantId::parse(&format!("reports/{ORG}"))?;
    let request = AccessRequest { action: Action::Vend, resource: Resource::Grant(&id) };
    anyhow::ensure!(policy.decide(&caller, &request).allowed, "the policy must permit the request");
    let decided: Vec<_> = (0..ROUNDS).map(|_| time_of(|| drop(policy.decide(&caller, &request)))).collect();
    let time = median(&decided);
    eprintln!("callers-examples.cedar: decision {time:?}, parsing and validation {:?}", median(&parsed));
    anyhow::ensure!(time < DECISION_BUDGET, "a decision is over its budget of {DECISION_BUDGET:?}");
    Ok(())
}

fn time_of(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
