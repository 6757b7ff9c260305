//! Runs the table.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use client::{Bearer, BoxError, ClientOptions, Error, TokenClock, VendClient, VendedToken, WebexHttp, WebexHttpError};
use serde_json::{Value, json};

use crate::stubs::Stubs;

const TABLE: &str = include_str!("../../../clients/cases.json");

type Identity = fn() -> Ready<Result<String, BoxError>>;
type Tokens = Mutex<HashMap<String, VendedToken>>;

/// A clock that moves by hand, and by the client's own waiting.
#[derive(Clone)]
struct TableClock(Arc<Mutex<SystemTime>>);

impl TableClock {
    fn advance(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        let distance = Duration::from_secs(seconds.unsigned_abs());
        *now = if seconds < 0 { *now - distance } else { *now + distance };
    }
}

impl TokenClock for TableClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        self.advance(duration.as_secs().cast_signed());
        ready(())
    }
}

/// One case between the stubs.
struct Case {
    stubs: Stubs,
    clock: TableClock,
    client: Arc<VendClient<Bearer<Identity>, TableClock>>,
    webex_port: u16,
    tokens: Tokens,
}

#[tokio::test]
async fn client_keeps_to_the_table_of_cases() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let mut count = 0;
    for case in table["cases"].as_array().unwrap() {
        let steps = case["steps"].as_array().unwrap();
        let running = Case::start(&case["client"]).await;
        for (number, step) in steps.iter().enumerate() {
            running.step(step, &format!("{}, step {number}", case["name"])).await;
        }
        count += 1;
    }
    assert!(count > 40, "only {count} cases were found");
}

impl Case {
    async fn start(settings: &Value) -> Self {
        let (stubs, broker, webex_port) = Stubs::start().await;
        let identity: Identity = match settings["identity"].as_str() {
            None => || ready(Ok("identity".to_owned())),
            Some("fails") => || ready(Err("no identity".into())),
            Some("is empty") => || ready(Ok(String::new())),
            Some(other) => panic!("unknown identity {other}"),
        };
        let mut options = ClientOptions::default();
        if let Some(seconds) = settings["min_ttl"].as_u64() {
            options.min_ttl = Duration::from_secs(seconds);
        }
        options.max_wait = Duration::from_secs(settings["max_wait"].as_u64().unwrap_or_default());
        let base = format!("http://127.0.0.1:{broker}{}", settings["base"].as_str().unwrap_or_default());
        let clock = TableClock(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000))));
        let client = VendClient::with_clock(&base, Bearer(identity), clock.clone()).unwrap().with_options(options);
        Self { stubs, clock, client: Arc::new(client), webex_port, tokens: Mutex::default() }
    }

    async fn step(&self, step: &Value, place: &str) {
        if let Some(seconds) = step["advance"].as_i64() {
            self.clock.advance(seconds);
            return;
        }
        self.stubs.expect(step);
        for result in self.results(step).await {
            for (field, wanted) in step["gives"].as_object().unwrap() {
                assert_eq!(&result[field], wanted, "{place}: {field} of {result}");
            }
        }
        assert_eq!(json!(self.stubs.requests()), step["sees"], "{place}: the requests");
        if let Some(seconds) = step["clock"].as_u64() {
            assert_eq!(self.clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), "{place}: the clock");
        }
    }

    async fn results(&self, step: &Value) -> Vec<Value> {
        if let Some(callers) = step["concurrently"].as_u64() {
            // All of them are polled, and so wait, before the first answer can arrive.
            let callers: Vec<_> = (0..callers).map(|_| self.attempt(step)).collect();
            return futures_util::future::join_all(callers).await;
        }
        let mut results = Vec::new();
        for _ in 0..step["times"].as_u64().unwrap_or(1) {
            if step["do"] == "fetch" {
                results.push(self.fetch(step).await);
            } else {
                results.push(self.attempt(step).await);
            }
        }
        results
    }

    /// Calls Webex through the adapter. The stub is Webex at 127.0.0.1, and another host at localhost.
    async fn fetch(&self, step: &Value) -> Value {
        let host = step["host"].as_str().unwrap_or("127.0.0.1");
        let url = format!("http://{host}:{}/v1/people/me", self.webex_port);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = if let Some(body) = step["body"].as_str() {
            http.post(url).body(body.to_owned())
        } else if let Some(stream) = step["stream"].as_str() {
            http.post(url)
                .body(reqwest::Body::wrap(http_body_util::Full::new(hyper::body::Bytes::from(stream.to_owned()))))
        } else {
            http.get(url)
        };
        let webex = WebexHttp::new(Arc::clone(&self.client), http, "reports", "acme");
        match webex.with_hosts(vec!["127.0.0.1".to_owned()]).execute(request.build().unwrap()).await {
            Ok(response) => json!({"status": response.status().as_u16()}),
            Err(WebexHttpError::Broker(error)) => describe(&error),
            Err(WebexHttpError::Request(error)) => panic!("{error:?}"),
        }
    }

    async fn attempt(&self, step: &Value) -> Value {
        let subject = step["subject"].as_str().unwrap_or("acme");
        let min_ttl = step["min_ttl"].as_u64().map(Duration::from_secs);
        let result = match (step["do"].as_str(), min_ttl) {
            (Some("rejected"), _) => {
                let token = self.tokens.lock().unwrap()[step["of"].as_str().unwrap()].clone();
                self.client.rejected("reports", subject, &token).await
            }
            (_, Some(min_ttl)) => self.client.token_for("reports", subject, min_ttl).await,
            _ => self.client.token("reports", subject).await,
        };
        match result {
            Ok(token) => {
                let text = token.expose().to_owned();
                assert!(!format!("{token:?}").contains(&format!("{text:?}")), "Debug shows the token");
                self.tokens.lock().unwrap().insert(text.clone(), token);
                json!({"token": text})
            }
            Err(error) => describe(&error),
        }
    }
}

fn describe(error: &Error) -> Value {
    let kind = match error {
        Error::Address => "address",
        Error::Identity(_) => "identity",
        Error::Unreachable(_) => "unreachable",
        Error::UnexpectedAnswer { status, message } => {
            return json!({"error": "unexpected", "status": status, "message": message, "retry_after": null});
        }
        Error::Refused(problem) => {
            let mut described = json!(problem);
            described["error"] = "refused".into();
            described["kind"] = problem.kind.clone().into();
            described["retry_after"] = json!(problem.retry_after.map(|after| after.as_secs()));
            return described;
        }
    };
    json!({"error": kind})
}
