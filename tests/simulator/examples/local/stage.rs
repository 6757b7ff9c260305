//! Where the story plays, and who is in it.

use std::fmt::Display;

use jiff::Timestamp;
use serde_json::Value;
use simulator::webex::{IntegrationCredentials, ServiceAppCredentials};
use simulator::{SecretsManager, Simulator, Webex};

use crate::calls::Calls;
use crate::functions::Functions;
use crate::ports::Ports;
use crate::screen::{Hop, Screen};

/// Start of every secret's name, as the functions have it by default.
pub(crate) const PREFIX: &str = "webex-token-broker/";
/// Who owns the apps in Webex's portal.
pub(crate) const DEVELOPER: &str = "ada";

/// A Service App of ours.
pub(crate) struct App {
    /// What we call it.
    pub(crate) name: &'static str,
    /// What the portal gave us.
    pub(crate) credentials: ServiceAppCredentials,
    /// What Webex shall sign its events with.
    pub(crate) webhook_secret: String,
}

/// A customer.
pub(crate) struct Org {
    /// What a person calls it.
    pub(crate) name: &'static str,
    /// What Webex calls it.
    pub(crate) id: String,
}

/// Everybody and everything.
pub(crate) struct Stage {
    pub(crate) screen: Screen,
    pub(crate) simulator: Simulator,
    pub(crate) functions: Functions,
    pub(crate) ports: Ports,
    pub(crate) calls: Calls,
    pub(crate) minter: IntegrationCredentials,
    pub(crate) reports: App,
    pub(crate) onboarding: App,
    pub(crate) acorn: Org,
    pub(crate) birch: Org,
    pub(crate) clover: Org,
}

impl Stage {
    /// Registers the apps in Webex's portal; nobody has authorised anything yet.
    pub(crate) fn set(
        screen: Screen,
        simulator: Simulator,
        functions: Functions,
        ports: Ports,
    ) -> anyhow::Result<Self> {
        let webex = &simulator.webex;
        let org = |name| Org { name, id: webex.add_org(name) };
        let (acorn, birch, clover) = (org("Acorn"), org("Birch"), org("Clover"));
        Ok(Self {
            calls: Calls::new(&functions, simulator.secrets.endpoint_url())?,
            minter: webex.register_integration(DEVELOPER, &SCOPES, &format!("{}callback", consent(ports))),
            reports: app(webex, "reports", &["spark:people_read"]),
            onboarding: app(webex, "onboarding", &["spark:rooms_write"]),
            screen,
            functions,
            ports,
            acorn,
            birch,
            clover,
            simulator,
        })
    }

    /// Where the consent page is.
    pub(crate) fn consent(&self) -> String {
        consent(self.ports)
    }

    /// `grants/{app}/{org}` with the deployment's prefix.
    pub(crate) fn grant(app: &App, org: &Org) -> String {
        format!("{PREFIX}grants/{}/{}", app.name, org.id)
    }

    /// Vend's path for the token of one grant.
    pub(crate) fn token_path(app: &App, org: &Org) -> String {
        format!("/v1/apps/{}/grants/{}/token", app.name, org.id)
    }

    /// The text with the ids that Webex gave in the words of a person: `{Acorn}`.
    pub(crate) fn in_words(&self, text: &str) -> String {
        let orgs = [&self.acorn, &self.birch, &self.clover];
        let apps = [&self.reports, &self.onboarding];
        let text =
            orgs.iter().fold(text.replace(PREFIX, ""), |text, org| text.replace(&org.id, &format!("{{{}}}", org.name)));
        apps.iter().fold(text, |text, app| text.replace(&app.credentials.application_id, &format!("{{{}}}", app.name)))
    }

    /// What stands in a secret.
    pub(crate) fn stored(&self, name: &str) -> Value {
        self.simulator.secrets.current_json(name).unwrap_or_default()
    }

    /// `pending`, `active`, `fenced`, `revoked`, or `none`.
    pub(crate) fn state(&self, name: &str) -> String {
        self.stored(name)["state"].as_str().unwrap_or("none").to_owned()
    }

    /// The id of a secret's current version.
    pub(crate) fn version(&self, name: &str) -> String {
        let versions = self.simulator.secrets.versions(name);
        let current = versions.into_iter().find(|version| version.stages.contains("AWSCURRENT"));
        current.map_or_else(|| "none".to_owned(), |version| version.id)
    }

    /// The simulated Webex.
    pub(crate) fn webex(&self) -> &Webex {
        &self.simulator.webex
    }

    /// The simulated Secrets Manager.
    pub(crate) fn secrets(&self) -> &SecretsManager {
        &self.simulator.secrets
    }

    /// Tells of one message between two parts.
    pub(crate) fn hop(&self, from: &'static str, to: &'static str, what: &str, outcome: impl Display) {
        let hop = Hop { from, to, what: self.in_words(what), outcome: outcome.to_string() };
        self.screen.hop(&hop);
    }

    /// Makes sure that something went as it should.
    pub(crate) fn check<T: PartialEq + Display + ?Sized>(&self, told: &str, expected: &T, came: &T) {
        self.screen.check(told, expected, came);
    }
}

/// By another name than Webex's `127.0.0.1`: the two are two sites, as they are in the world.
fn consent(ports: Ports) -> String {
    format!("http://localhost:{}/", ports.functions)
}

/// What the minter may do: mint, and look after our webhooks.
pub(crate) const SCOPES: [&str; 3] =
    ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];

fn app(webex: &Webex, name: &'static str, scopes: &[&str]) -> App {
    App {
        name,
        credentials: webex.register_service_app(DEVELOPER, scopes),
        webhook_secret: format!("what-webex-signs-{name}-events-with"),
    }
}

/// A secret, so that one can tell it from another and do nothing with it.
pub(crate) fn masked(secret: &str) -> String {
    let head: String = secret.chars().take(6).collect();
    format!("{head}… ({} characters)", secret.chars().count())
}

/// Enough of a version's id.
pub(crate) fn short(version: &str) -> &str {
    version.get(..8).unwrap_or(version)
}

/// How long until `at`, in words.
pub(crate) fn until(at: &Value, now: Timestamp) -> String {
    let at: Option<Timestamp> = at.as_str().and_then(|at| at.parse().ok());
    let seconds = at.map_or(0.0, |at| at.duration_since(now).as_secs_f64());
    if seconds < 120.0 { format!("{seconds:.0} s") } else { format!("{:.0} days", seconds / 86_400.0) }
}
