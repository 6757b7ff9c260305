//! Two hundred callers at once, while the token expires, vend fails, and the clock jumps.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use wiremock::ResponseTemplate;

use crate::fixture::{Local, problem, token};

const CALLERS: usize = 200;
const HOUR: i64 = 3600;

/// Asks with all callers at once. Returns how often each token or status was answered.
async fn ask(local: &Local) -> BTreeMap<String, usize> {
    let answers = join_all((0..CALLERS).map(|_| local.http.token())).await;
    let mut counts = BTreeMap::new();
    for answer in answers {
        let name = answer.body["access_token"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned);
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// All callers got this.
fn all(name: &str) -> BTreeMap<String, usize> {
    BTreeMap::from([(name.to_owned(), CALLERS)])
}

#[tokio::test]
async fn callers_share_one_call_and_see_no_error_while_a_token_lives() {
    let local = Local::new(token("one", 3600).set_delay(Duration::from_millis(20))).await;
    let mut total = 0;
    let mut calls = |wanted: usize, phase: &str| {
        let calls = local.vend.calls();
        assert_eq!(calls, wanted, "{phase}: calls to vend");
        total += calls;
    };
    assert_eq!(ask(&local).await, all("one"));
    calls(1, "the first token");

    local.clock.advance(HOUR - 600);
    local.vend.answer(problem(503, "down"));
    assert_eq!(ask(&local).await, all("one"));
    local.vend.called(1).await;
    calls(1, "ahead of the end, vend answers 503");

    local.clock.advance(400);
    assert_eq!(ask(&local).await, all("one"));
    calls(1, "shortly before the end, vend answers 503");
    assert_eq!(ask(&local).await, all("one"));
    calls(0, "at once again");

    local.clock.advance(5);
    local.vend.answer(problem(429, "too many requests").insert_header("retry-after", "60"));
    assert_eq!(ask(&local).await, all("one"));
    calls(1, "vend answers 429");
    local.clock.advance(59);
    assert_eq!(ask(&local).await, all("one"));
    calls(0, "before Retry-After has passed");

    local.clock.advance(1);
    local.vend.answer(token("two", 3600));
    assert_eq!(ask(&local).await, all("two"));
    calls(1, "vend is well again");

    local.clock.advance(2 * HOUR);
    local.vend.answer(token("three", 3600));
    assert_eq!(ask(&local).await, all("three"));
    calls(1, "the clock jumped beyond the end");
    local.clock.advance(-2 * HOUR);
    local.vend.answer(token("four", 3600));
    assert_eq!(ask(&local).await, all("four"));
    calls(1, "the clock was set back");
    println!("{} requests, {total} calls to vend, no error while a token lived", 9 * CALLERS);
}

#[tokio::test]
async fn callers_wait_two_seconds_at_most_while_a_token_lives() {
    let local = Local::new(token("one", 3600)).await;
    local.http.token().await;
    local.clock.advance(HOUR - 200);
    local.vend.answer(token("never", 3600).set_delay(Duration::from_hours(1)));
    let answers = tokio::time::timeout(Duration::from_secs(10), ask(&local)).await.unwrap();
    assert_eq!(answers, all("one"));
    // The request is still open when the environment is frozen for an hour. Nobody waits for its connection.
    local.vend.answer(token("two", 3600));
    local.clock.advance(HOUR);
    let answers = tokio::time::timeout(Duration::from_secs(10), ask(&local)).await.unwrap();
    assert_eq!(answers, all("two"));
    assert_eq!(local.vend.calls(), 3, "one token, one that never came, and its repetition");
}

#[tokio::test]
async fn callers_without_a_token_share_the_error_and_the_back_off() {
    let page = ResponseTemplate::new(502).set_body_string("<html>").set_delay(Duration::from_millis(20));
    let local = Local::new(page).await;
    assert_eq!(ask(&local).await, all("503"));
    assert_eq!(ask(&local).await, all("503"));
    assert_eq!(local.vend.calls(), 1);
    local.clock.advance(1);
    assert_eq!(ask(&local).await, all("503"));
    assert_eq!(local.vend.calls(), 1);
    local.clock.advance(2);
    local.vend.answer(token("one", 3600));
    assert_eq!(ask(&local).await, all("one"));
    assert_eq!(local.vend.calls(), 1);
}

#[tokio::test]
async fn due_tokens_of_grants_in_use_are_renewed_in_the_background() {
    let local = Local::new(token("one", 48 * 3600)).await;
    local.http.token().await;
    local.tokens.renew_due().await;
    assert_eq!(local.vend.calls(), 1, "a token that is not due was renewed");
    local.clock.advance(23 * HOUR);
    local.http.token().await;
    local.clock.advance(23 * HOUR + HOUR + HOUR * 9 / 10);
    local.vend.answer(token("two", 86400));
    local.tokens.renew_due().await;
    assert_eq!(local.vend.calls(), 0, "a grant that nobody has used for a day was renewed");
    local.vend.answer(problem(503, "down"));
    local.http.token().await;
    local.tokens.renew_due().await;
    local.vend.answer(token("two", 86400));
    local.clock.advance(5);
    local.tokens.renew_due().await;
    assert_eq!(local.http.token().await.body["access_token"], "two");
    assert_eq!(local.vend.calls(), 2, "the failure, and the renewal");
}
