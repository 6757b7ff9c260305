//! The running system, with the apps and orgs of the story.

use std::fmt::Display;

use jiff::Timestamp;
use serde_json::Value;
use simulator::webex::{IntegrationCredentials, ServiceAppCredentials};
use simulator::{SecretsManager, Simulator, Webex};

use crate::api_client::ApiClient;
use crate::functions::Functions;
use crate::ports::Ports;
use crate::terminal::{Message, Terminal};

/// The prefix of all secret names: the functions' default.
pub(crate) const PREFIX: &str = "webex-token-broker/";
/// The user who owns the apps in Webex's portal.
pub(crate) const DEVELOPER: &str = "ada";
/// The scopes of the minter, which mints tokens and registers webhooks.
pub(crate) const MINTER_SCOPES: [&str; 3] =
    ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
/// The scopes of `reports`, which reads people and brings a data source.
const REPORTS_SCOPES: [&str; 3] = ["spark:people_read", "spark-admin:datasource_read", "spark-admin:datasource_write"];
/// The scopes that the Integration `personal` has registered with Webex. A person who consents chooses among them.
const PERSONAL_SCOPES: [&str; 8] = [
    "spark:people_read",
    "spark:rooms_read",
    "spark:rooms_write",
    "spark:memberships_read",
    "spark:messages_read",
    "spark:messages_write",
    "meeting:schedules_read",
    "meeting:recordings_read",
];

/// A Service App.
pub(crate) struct App {
    /// The broker's name for the app.
    pub(crate) name: &'static str,
    /// The credentials from Webex's portal.
    pub(crate) credentials: ServiceAppCredentials,
    /// The secret with which Webex signs the app's events.
    pub(crate) webhook_secret: String,
}

/// A customer's org.
pub(crate) struct Org {
    /// The name that the output shows.
    pub(crate) name: &'static str,
    /// The bare id.
    pub(crate) id: String,
}

/// The running system, with the apps and orgs of the story.
pub(crate) struct Demo {
    pub(crate) terminal: Terminal,
    pub(crate) simulator: Simulator,
    pub(crate) functions: Functions,
    pub(crate) ports: Ports,
    pub(crate) api: ApiClient,
    pub(crate) minter: IntegrationCredentials,
    /// An Integration whose scopes the consenting person chooses.
    pub(crate) personal: IntegrationCredentials,
    pub(crate) reports: App,
    pub(crate) onboarding: App,
    pub(crate) acorn: Org,
    pub(crate) birch: Org,
    pub(crate) clover: Org,
}

impl Demo {
    /// Registers the apps in Webex's portal. No org has authorised any of them yet.
    pub(crate) fn new(
        terminal: Terminal,
        simulator: Simulator,
        functions: Functions,
        ports: Ports,
    ) -> anyhow::Result<Self> {
        let webex = &simulator.webex;
        let callback = format!("{}callback", consent_url(ports));
        Ok(Self {
            api: ApiClient::new(&functions, simulator.secrets.endpoint_url())?,
            minter: webex.register_integration(DEVELOPER, &MINTER_SCOPES, &callback),
            personal: webex.register_integration(DEVELOPER, &PERSONAL_SCOPES, &callback),
            reports: register_app(webex, "reports", &REPORTS_SCOPES),
            onboarding: register_app(webex, "onboarding", &["spark:rooms_write"]),
            acorn: Org { name: "Acorn", id: webex.add_org("Acorn") },
            birch: Org { name: "Birch", id: webex.add_org("Birch") },
            clover: Org { name: "Clover", id: webex.add_org("Clover") },
            terminal,
            functions,
            ports,
            simulator,
        })
    }

    /// The address of the consent page.
    pub(crate) fn consent_url(&self) -> String {
        consent_url(self.ports)
    }

    /// The name of a grant's secret.
    pub(crate) fn grant_secret(app: &App, org: &Org) -> String {
        format!("{PREFIX}grants/{}/{}", app.name, org.id)
    }

    /// Vend's path for the token of a grant.
    pub(crate) fn token_path(app: &App, org: &Org) -> String {
        format!("/v1/apps/{}/grants/{}/token", app.name, org.id)
    }

    /// Replaces the ids of orgs and apps in `text` by their names in braces, `{Acorn}` for example.
    pub(crate) fn with_names(&self, text: &str) -> String {
        let mut text = text.replace(PREFIX, "");
        for org in [&self.acorn, &self.birch, &self.clover] {
            text = text.replace(&org.id, &format!("{{{}}}", org.name));
        }
        for app in [&self.reports, &self.onboarding] {
            text = text.replace(&app.credentials.application_id, &format!("{{{}}}", app.name));
        }
        text
    }

    /// The current value of a secret; null if it does not exist.
    pub(crate) fn stored(&self, secret: &str) -> Value {
        self.simulator.secrets.current_json(secret).unwrap_or_default()
    }

    /// The state of a stored grant: `pending`, `active`, `fenced`, `revoked`, or `none`.
    pub(crate) fn grant_state(&self, secret: &str) -> String {
        self.stored(secret)["state"].as_str().unwrap_or("none").to_owned()
    }

    /// The id of a secret's current version; `none` if there is none.
    pub(crate) fn current_version(&self, secret: &str) -> String {
        let versions = self.simulator.secrets.versions(secret);
        match versions.into_iter().find(|version| version.stages.contains("AWSCURRENT")) {
            Some(version) => version.id,
            None => "none".to_owned(),
        }
    }

    /// The simulated Webex.
    pub(crate) fn webex(&self) -> &Webex {
        &self.simulator.webex
    }

    /// The simulated Secrets Manager.
    pub(crate) fn secrets(&self) -> &SecretsManager {
        &self.simulator.secrets
    }

    /// Prints one message between two parts, with names in place of ids.
    pub(crate) fn message(&self, from: &'static str, to: &'static str, request: &str, result: impl Display) {
        let request = self.with_names(request);
        self.terminal.message(&Message { from, to, request, result: result.to_string() });
    }

    /// Prints and counts a check.
    pub(crate) fn check<T: PartialEq + Display + ?Sized>(&self, statement: &str, expected: &T, actual: &T) {
        self.terminal.check(statement, expected, actual);
    }
}

/// On `localhost`, while Webex is on `127.0.0.1`: to a browser the two are different sites, as they are in production.
fn consent_url(ports: Ports) -> String {
    format!("http://localhost:{}/", ports.functions)
}

fn register_app(webex: &Webex, name: &'static str, scopes: &[&str]) -> App {
    App {
        name,
        credentials: webex.register_service_app(DEVELOPER, scopes),
        webhook_secret: format!("webhook-secret-of-{name}"),
    }
}

/// The first characters of a secret: enough to distinguish it from others, and not enough to use it.
pub(crate) fn masked(secret: &str) -> String {
    let start: String = secret.chars().take(6).collect();
    format!("{start}… ({} characters)", secret.chars().count())
}

/// The first characters of a version id.
pub(crate) fn short(version: &str) -> &str {
    version.get(..8).unwrap_or(version)
}

/// The time from `now` until `at`, in words.
pub(crate) fn time_until(at: &Value, now: Timestamp) -> String {
    let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let seconds = at.unwrap_or(now).duration_since(now).as_secs_f64();
    if seconds < 120.0 { format!("{seconds:.0} s") } else { format!("{:.0} days", seconds / 86_400.0) }
}
