//! Webex as a process, for a test that is not written in Rust (`infra/test`) and for `infra/stack`.
//!
//! Prints one line of JSON, `{"webex","control"}`, and stays until its standard input ends. `control` takes
//! `POST /{command}` with a JSON object and answers JSON: what a developer does in Webex's portal and an org's
//! administrator in Control Hub. Events are not delivered but given back, signed: who asks for them posts them.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{Change, Endpoint, Event};
use simulator::{Clock, Options, Simulator, Webex};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = |name| std::env::args().skip_while(|given| given != name).nth(1).map(|port| port.parse()).transpose();
    let options = Options { webex_port: port("--webex")?, ..Options::new(Clock::system()) };
    let simulator = Simulator::start(options).await?;
    let listener = TcpListener::bind(("127.0.0.1", port("--control")?.unwrap_or(0))).await?;
    let ports = json!({"webex": simulator.webex.base_url(), "control": format!("http://{}", listener.local_addr()?)});
    writeln!(std::io::stdout(), "{ports}")?;
    let router = Router::new().route("/{command}", post(control)).with_state(simulator.webex.clone());
    let served = tokio::spawn(async move { axum::serve(listener, router).await });
    // Whoever started this holds the other end of the pipe: it need not end this, it only has to end.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    served.abort();
    Ok(())
}

async fn control(
    State(webex): State<Webex>,
    Path(command): Path<String>,
    Json(wish): Json<Value>,
) -> (StatusCode, Json<Value>) {
    match perform(&webex, &command, &wish) {
        Ok(answer) => (StatusCode::OK, Json(answer)),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": format!("{error:#}")}))),
    }
}

fn perform(webex: &Webex, command: &str, wish: &Value) -> anyhow::Result<Value> {
    let text = |name: &str| wish[name].as_str().with_context(|| format!("{command} needs {name}"));
    let seconds = |name: &str| wish[name].as_i64().with_context(|| format!("{command} needs {name}"));
    Ok(match command {
        "service-app" => {
            let app = webex.register_service_app(text("owner")?, &["spark:people_read"]);
            json!({"client_id": app.client_id, "client_secret": app.client_secret})
        }
        "integration" => {
            let scopes = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
            let app = webex.register_integration(text("owner")?, &scopes, text("redirect_uri")?);
            json!({"client_id": app.client_id, "client_secret": app.client_secret})
        }
        "grant" => {
            let pair = webex.grant_integration(text("client_id")?, text("user")?)?;
            json!({"access_token": pair.access_token, "refresh_token": pair.refresh_token})
        }
        "org" => json!({"id": webex.add_org(text("name")?)}),
        "authorize" => signed(webex, &webex.authorize(text("client_id")?, text("org")?))?,
        "deauthorize" => signed(webex, &webex.deauthorize(text("client_id")?, text("org")?))?,
        "lifetimes" => {
            let [access, refresh] = [seconds("access")?, seconds("refresh")?].map(SignedDuration::from_secs);
            webex.lifetimes(access, refresh);
            json!({})
        }
        "alive" => json!({"alive": webex.is_alive(text("access_token")?)}),
        "asked" => json!({
            "mints": webex.journal().count(Endpoint::Mint),
            "refreshes": webex.journal().refreshes(),
        }),
        _ => bail!("no such command"),
    })
}

/// What Webex would post to each registration that wants the event.
fn signed(webex: &Webex, event: &Event) -> anyhow::Result<Value> {
    let change = match event.change {
        Change::Authorized => "authorized",
        Change::Deauthorized => "deauthorized",
    };
    let deliveries = webex.registered_webhooks().into_iter().filter(|hook| hook.active && hook.event == change);
    let posts = deliveries.map(|hook| {
        let delivery = event.signed(hook.secret.as_deref().unwrap_or_default());
        let body = String::from_utf8(delivery.body)?;
        anyhow::Ok(json!({"url": hook.target_url, "headers": delivery.headers, "body": body}))
    });
    Ok(json!({"deliveries": posts.collect::<anyhow::Result<Vec<Value>>>()?}))
}
