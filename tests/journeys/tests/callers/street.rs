//! vend over HTTP in front of a live grant, for the programs of callers.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use broker_core::clock::Clock as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{ORG, http_server, open_to, sigv4};
use crate::harness::Deployment;
use crate::oidc::{AUDIENCE, Issuer, Key};

/// A deployment with a live grant, on HTTP; and Google's metadata server for one of its callers.
pub(super) struct Street {
    pub(super) world: Arc<Deployment>,
    pub(super) vend: String,
    metadata: String,
    google: (Issuer, Key),
}

impl Street {
    pub(super) async fn new() -> Self {
        let key = Key::new("g", "ES256");
        let (world, issuer) = open_to(&key).await;
        let world = Arc::new(world);
        let google = (issuer, key);
        let vend = http_server::start(Arc::clone(&world)).await;
        let token = identity(&world, &google);
        Self { vend, metadata: metadata_server(token).await, world, google }
    }

    /// An identity token of the issuer that vend trusts.
    pub(super) fn identity(&self) -> String {
        identity(&self.world, &self.google)
    }

    /// Runs a program with a live token, and again after Webex has ended that: the program must report it. `more` are the
    /// arguments of the second run. `None` if the program is not installed.
    pub(super) async fn renews_a_dead_token(
        &self,
        command: impl Fn() -> Command,
        more: &[&str],
        wanted: &str,
    ) -> Option<()> {
        let first = self.refreshes_of(command(), wanted).await?;
        assert_eq!(first, 0, "a live token was renewed");
        self.kill_current_token();
        let mut command = command();
        command.args(more);
        let second = self.refreshes_of(command, wanted).await?;
        assert_eq!(second, 1, "a dead token was not renewed");
        Some(())
    }

    /// Runs a program and expects it to print `wanted`. Returns how often Webex was asked for a refresh meanwhile.
    async fn refreshes_of(&self, command: Command, wanted: &str) -> Option<usize> {
        let before = self.world.sim.webex.journal().refreshes();
        self.run(command, wanted).await?;
        Some(self.world.sim.webex.journal().refreshes() - before)
    }

    /// Runs a program and expects it to print `wanted`. `None` if it is not installed.
    pub(super) async fn run(&self, mut command: Command, wanted: &str) -> Option<()> {
        self.point_to_stand_ins(&mut command);
        run_as_it_is(command, wanted).await
    }

    /// Like [`Street::run`], with the session token that a function in Lambda has.
    pub(super) async fn run_in_lambda(&self, mut command: Command, session: &str, wanted: &str) -> Option<()> {
        self.point_to_stand_ins(&mut command);
        command.env("AWS_SESSION_TOKEN", session);
        run_as_it_is(command, wanted).await
    }
    fn point_to_stand_ins(&self, command: &mut Command) {
        command
            .env("VEND_URL", format!("{}/", self.vend)) // as CloudFormation writes a Function URL
            .env("WEBEX_API_BASE", self.world.sim.webex.base_url())
            .env("ORG", ORG)
            .env("AWS_REGION", "eu-central-1")
            .env_remove("AWS_DEFAULT_REGION")
            .env("AWS_ACCESS_KEY_ID", sigv4::ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", sigv4::SECRET_KEY)
            .env_remove("AWS_SESSION_TOKEN")
            .env("GCE_METADATA_HOST", &self.metadata);
    }

    /// Webex no longer takes the vended token: only a dead one is renewed when a caller reports it.
    pub(super) fn kill_current_token(&self) {
        let document =
            self.world.sim.secrets.current_json(&format!("webex-token-broker/grants/reports/{ORG}")).unwrap();
        assert!(self.world.sim.webex.kill(document["access_token"].as_str().unwrap()), "the token should live");
    }
}

#[expect(clippy::print_stdout, reason = "tells the person who runs the tests what was skipped and why")]
async fn run_as_it_is(mut command: Command, wanted: &str) -> Option<()> {
    let shown = format!("{command:?}");
    match tokio::task::spawn_blocking(move || command.output()).await.unwrap() {
        Ok(output) => {
            let text = text_of(&output);
            assert!(output.status.success() && text.contains(wanted), "{shown}: {text}");
            Some(())
        }
        Err(error) => {
            println!("skipped: {shown}: {error}");
            None
        }
    }
}

/// What a program printed.
pub(super) fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The root of the repository.
pub(super) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
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
