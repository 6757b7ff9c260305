//! What callers copy, run as it stands.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use broker_core::clock::Clock as _;
use client::{Bearer, BoxError, Error, VendClient};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{ORG, http_server, open_to, sigv4};
use crate::harness::Deployment;
use crate::oidc::{AUDIENCE, Issuer, Key};

/// A deployment with a live grant, on HTTP; and Google's metadata server for one of its callers.
struct Street {
    world: Arc<Deployment>,
    vend: String,
    metadata: String,
    google: (Issuer, Key),
}

impl Street {
    async fn new() -> Self {
        let key = Key::new("g", "ES256");
        let (world, issuer) = open_to(&key).await;
        let (world, google) = (Arc::new(world), (issuer, key));
        let vend = http_server::start(Arc::clone(&world)).await;
        let token = identity(&world, &google);
        Self { vend, metadata: metadata_server(token).await, world, google }
    }

    /// Runs a snippet twice, the second time with a token that Webex did not take; `None` if its tool is not here.
    async fn runs(&self, program: &str, arguments: &[&str]) -> Option<()> {
        for extra in [None, Some("--rejected")] {
            if extra.is_some() {
                self.kill_current_token();
            }
            let refreshes = self.world.sim.webex.journal().refreshes();
            let output = self.output(program, arguments, extra).await?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() && said.contains("ends"), "{program} {arguments:?}: {said}{complaint}");
            let renewed = self.world.sim.webex.journal().refreshes() - refreshes;
            assert_eq!(renewed, usize::from(extra.is_some()), "{program} {arguments:?} {extra:?}");
        }
        Some(())
    }

    /// Webex no longer takes the vended token: only a dead one is renewed when a caller reports it.
    fn kill_current_token(&self) {
        let document =
            self.world.sim.secrets.current_json(&format!("webex-token-broker/grants/reports/{ORG}")).unwrap();
        assert!(self.world.sim.webex.kill(document["access_token"].as_str().unwrap()), "the token should live");
    }

    #[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know")]
    async fn output(&self, program: &str, arguments: &[&str], extra: Option<&str>) -> Option<Output> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args(extra)
            .env("VEND_URL", format!("{}/", self.vend)) // as CloudFormation writes a Function URL
            .env("ORG", ORG)
            .env("AWS_REGION", "eu-central-1")
            .env_remove("AWS_DEFAULT_REGION")
            .env("AWS_ACCESS_KEY_ID", sigv4::ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", sigv4::SECRET_KEY)
            .env_remove("AWS_SESSION_TOKEN")
            .env("GCE_METADATA_HOST", &self.metadata)
            .current_dir(snippets());
        match tokio::task::spawn_blocking(move || command.output()).await.unwrap() {
            Ok(output) => Some(output),
            Err(error) => {
                println!("skipped: {program} is not installed: {error}");
                None
            }
        }
    }
}

fn snippets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snippets")
}

/// A service account's identity token.
fn identity(world: &Deployment, (issuer, key): &(Issuer, Key)) -> String {
    let exp = world.clock.now().as_second() + 3600;
    key.token(&json!({"iss": issuer.url, "sub": "1", "aud": AUDIENCE, "exp": exp, "email": "f@acme.example"}))
}

/// Gives that token to whoever asks as Google's documentation says.
async fn metadata_server(token: String) -> String {
    let path = "/computeMetadata/v1/instance/service-accounts/default/identity";
    let tell = async |State(token): State<String>, Query(asked): Query<Value>, headers: HeaderMap| {
        let asked_rightly = headers.get("metadata-flavor").is_some_and(|flavor| flavor == "Google");
        let fits = asked_rightly && asked["audience"] == AUDIENCE && asked["format"] == "full";
        if fits { Ok(token) } else { Err(StatusCode::FORBIDDEN) }
    };
    let router = Router::new().route(path, get(tell)).with_state(token);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    host
}

#[tokio::test]
async fn curl_snippet_signs() {
    Street::new().await.runs("sh", &["fetch.sh"]).await;
}

#[tokio::test]
async fn python_snippet_signs_with_botocore() {
    let street = Street::new().await;
    let installed = street.output("python3", &["-c", "import botocore"], None).await;
    match installed.filter(|output| output.status.success()) {
        Some(_) => assert!(street.runs("python3", &["fetch.py"]).await.is_some()),
        None => println!("skipped: python3 has no botocore"),
    }
}

#[tokio::test]
async fn node_snippet_signs_without_a_package() {
    Street::new().await.runs("node", &["fetch.mjs"]).await;
}

#[tokio::test]
async fn google_function_snippet_sends_its_identity_token() {
    Street::new().await.runs("python3", &["google_function.py"]).await;
}

#[tokio::test]
async fn rust_snippet_uses_the_client() {
    let here = std::env::current_exe().unwrap();
    let built = here.ancestors().nth(2).unwrap().join("examples").join("fetch");
    if built.exists() {
        assert!(Street::new().await.runs(built.to_str().unwrap(), &[]).await.is_some());
    } else {
        println!("skipped: `cargo t` builds the example, `cargo test --test journeys` does not");
    }
}

#[tokio::test]
async fn wrong_key_is_refused_before_the_function() {
    let street = Street::new().await;
    let credentials = aws_sdk_secretsmanager::config::Credentials::new(sigv4::ACCESS_KEY, "wrong", None, None, "test");
    let client = VendClient::new(&street.vend, client::SigV4::function_url("eu-central-1", credentials)).unwrap();
    assert!(matches!(client.token("reports", ORG).await, Err(Error::UnexpectedAnswer(403))));
}

#[tokio::test]
async fn client_caches_tokens_and_reports_refusals() {
    let street = Street::new().await;
    let token = identity(&street.world, &street.google);
    let identity = move || std::future::ready(Ok::<_, BoxError>(token.clone()));
    let client = VendClient::new(&street.vend, Bearer(identity)).unwrap();
    let calls = street.world.sim.secrets.journal().total();
    let first = client.token("reports", ORG).await.unwrap();
    assert!(street.world.sim.webex.is_alive(first.expose()));
    for _ in 0..5 {
        assert_eq!(client.token("reports", ORG).await.unwrap().expose(), first.expose());
    }
    assert_eq!(street.world.sim.secrets.journal().total(), calls + 1);
    street.kill_current_token();
    let next = client.rejected("reports", ORG, &first).await.unwrap();
    assert_ne!(next.expose(), first.expose());
    let Err(Error::Refused(problem)) = client.token("reports", "nobody").await else { panic!("there is one") };
    assert_eq!((problem.status, problem.kind.as_str()), (404, "urn:webex-token-broker:problem:not-found"));
    let Err(Error::Refused(problem)) = client.token("minter", "default").await else { panic!("vended") };
    assert_eq!(problem.status, 403);
}
