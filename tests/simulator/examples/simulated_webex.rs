//! The simulated Webex as a process, for `infra/test`, which is not written in Rust, and for `infra/stack`.
//!
//! Prints one line of JSON with two URLs, `{"webex","control"}`, and runs until its standard input closes. `control`
//! accepts `POST /{command}` with a JSON object and answers JSON. The commands are what a developer does in Webex's portal
//! and an administrator in Control Hub. Events are not delivered: the answer has the signed requests for the caller to post.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{Endpoint, Event};
use simulator::{Clock, Options, Simulator, Webex};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options { webex_port: port_option("--webex")?, ..Options::new(Clock::system()) };
    let simulator = Simulator::start(options).await?;
    let listener = TcpListener::bind(("127.0.0.1", port_option("--control")?.unwrap_or(0))).await?;
    let urls = json!({"webex": simulator.webex.base_url(), "control": format!("http://{}", listener.local_addr()?)});
    writeln!(std::io::stdout(), "{urls}")?;
    let router = Router::new().route("/{command}", post(control)).with_state(simulator.webex.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    // The parent process holds the other end of the pipe, so this process ends with it.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    server.abort();
    Ok(())
}

/// The value of a command line option that is a port; `None` if the option is not given.
fn port_option(name: &str) -> anyhow::Result<Option<u16>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    match arguments.nth(1) {
        Some(port) => Ok(Some(port.parse().with_context(|| format!("{name} {port} is not a port"))?)),
        None => Ok(None),
    }
}

async fn control(
    State(webex): State<Webex>,
    Path(command): Path<String>,
    Json(parameters): Json<Value>,
) -> (StatusCode, Json<Value>) {
    match execute(&webex, &command, &parameters) {
        Ok(answer) => (StatusCode::OK, Json(answer)),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": format!("{error:#}")}))),
    }
}

fn posted_messages(webex: &Webex) -> Value {
    let messages = webex.messages();
    let shown = messages.iter().map(|message| json!({"room_id": message.room_id, "text": message.text}));
    json!({"messages": shown.collect::<Vec<_>>()})
}

fn execute(webex: &Webex, command: &str, parameters: &Value) -> anyhow::Result<Value> {
    let text = |name: &str| parameters[name].as_str().with_context(|| format!("{command} needs the parameter {name}"));
    let seconds =
        |name: &str| parameters[name].as_i64().with_context(|| format!("{command} needs the parameter {name}"));
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
        "approve-device" => {
            webex.approve_device(text("user_code")?, text("user")?)?;
            json!({})
        }
        "org" => json!({"id": webex.add_org(text("name")?)}),
        "authorize" => signed_deliveries(webex, &webex.authorize(text("client_id")?, text("org")?))?,
        "deauthorize" => signed_deliveries(webex, &webex.deauthorize(text("client_id")?, text("org")?))?,
        "lifetimes" => {
            let access = SignedDuration::from_secs(seconds("access")?);
            let refresh = SignedDuration::from_secs(seconds("refresh")?);
            webex.lifetimes(access, refresh);
            json!({})
        }
        "bot" => json!({"access_token": webex.personal_access_token(text("name")?)}),
        "messages" => posted_messages(webex),
        "alive" => json!({"alive": webex.is_alive(text("access_token")?)}),
        "kill" => json!({"killed": webex.kill(text("access_token")?)}),
        "asked" => json!({
            "mints": webex.journal().count(Endpoint::Mint),
            "refreshes": webex.journal().refreshes(),
        }),
        _ => bail!("unknown command {command}"),
    })
}

/// The requests that Webex would post to each webhook registered for the event.
fn signed_deliveries(webex: &Webex, event: &Event) -> anyhow::Result<Value> {
    let mut deliveries = Vec::new();
    for webhook in webex.registered_webhooks() {
        if webhook.active && webhook.event == event.change.name() {
            let delivery = event.signed(webhook.secret.as_deref().unwrap_or_default());
            let body = String::from_utf8(delivery.body)?;
            deliveries.push(json!({"url": webhook.target_url, "headers": delivery.headers, "body": body}));
        }
    }
    Ok(json!({ "deliveries": deliveries }))
}
