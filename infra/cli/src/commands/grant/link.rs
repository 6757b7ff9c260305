//! `wtb grant link`: a link for the person whose grant has died.

use aws_sdk_lambda::Client;
use broker_core::id::GrantId;
use broker_core::request::MadeLink;
use serde_json::{Value, json};

use crate::arguments::MakeGrantLink;
use crate::aws_error::{self, Attempt};
use crate::broker::{Broker, grant_body, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format;
use crate::link_seal::link_address;
use crate::report::Report;
use crate::session::Session;

/// The variable of the consent function from which the key of the seal is made.
const KEY_DIGEST: &str = "CONSENT_KEY_SHA256";

/// Makes a link and shows the address to send. Nothing is stored.
pub(in crate::commands) async fn link(session: &Session<'_>, arguments: &MakeGrantLink) -> Result<Report, Failure> {
    let id = arguments.grant.id();
    let broker = Broker::operator(session).await?;
    let digest = key_digest(session, &broker).await?;
    let redirect_uri = redirect_uri(&broker, &id).await?;
    let mut body = grant_body(&id);
    if !arguments.scopes.is_empty() {
        body["scope"] = arguments.scopes.join(" ").into();
    }
    let answer = broker.ask("make_link", body).await?;
    let made: MadeLink = serde_json::from_value(answer).map_err(|error| {
        let detail = format!("cannot read the answer of {} to make_link: {error}", broker.deployment.refresher);
        Failure::new(Exit::Failed, "invalid_answer", detail)
    })?;
    let Some(address) = link_address(&redirect_uri, &made.link, &digest) else {
        let detail = format!("the redirect_uri of the app {} is no URL: {redirect_uri}", id.app);
        return Err(Failure::new(Exit::Failed, "invalid_redirect_uri", detail)
            .advise(format!("correct redirect_uri in the secret of the app {}", id.app)));
    };
    let ends = format::time_and_distance(made.expires_at, session.machine.now());
    let words = format!(
        "{address}\n\nSend this to the person who is to consent to {id}, and to nobody else: whoever opens it can consent. It \
         works once, for this grant alone, and ends {ends}.\n"
    );
    Ok(Report::ok(words, json!({ "address": address, "expires_at": made.expires_at })))
}

/// The SHA-256 of the operator key, from the configuration of the consent function.
async fn key_digest(session: &Session<'_>, broker: &Broker) -> Result<String, Failure> {
    let Some(function) = broker.deployment.consent() else {
        return Err(no_pages("without a stack it is not known where the consent pages are"));
    };
    let client = Client::new(session.sdk()?);
    let configuration = client.get_function_configuration().function_name(&function).send().await.map_err(|error| {
        let what = format!("look at the function {function}");
        aws_error::explain(Attempt { what: &what, permission: "lambda:GetFunctionConfiguration" }, &error)
    })?;
    let variables = configuration.environment().and_then(|environment| environment.variables());
    match variables.and_then(|variables| variables.get(KEY_DIGEST)) {
        Some(digest) => Ok(digest.clone()),
        None => Err(no_pages("the deployment has no operator key, so its consent pages have no address")),
    }
}

fn no_pages(detail: &str) -> Failure {
    Failure::new(Exit::Failed, "no_consent_pages", detail)
        .advise("name the stack with --stack, and deploy it with ConsentKeySha256; or make the link on the console")
}

/// Where Webex sends the person back to. The pages are beside it.
async fn redirect_uri(broker: &Broker, id: &GrantId) -> Result<String, Failure> {
    let answer = broker.ask("apps", json!({})).await?;
    let apps = answer["apps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let app = apps.iter().find(|app| text(app, "app") == id.app.as_str()).unwrap_or(&Value::Null);
    match text(app, "redirect_uri") {
        "" => {
            let detail = format!("{} is no Integration with a redirect_uri, so nobody can consent to it", id.app);
            Err(Failure::new(Exit::Failed, "no_redirect_uri", detail)
                .advise("a Service App is authorised by an administrator in Control Hub"))
        }
        uri => Ok(uri.to_owned()),
    }
}
