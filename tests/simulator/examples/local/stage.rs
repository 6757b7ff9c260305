//! Where the story plays, and who is in it.

use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::webex::{IntegrationCredentials, ServiceAppCredentials};
use simulator::{Simulator, Webex};

use crate::calls::Calls;
use crate::functions::Functions;
use crate::ports::Ports;
use crate::screen::{Hop, Screen};
use crate::trace::Mark;

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
        let org = |name| Org {
            name,
            id: webex.add_org(name),
        };
        let (acorn, birch, clover) = (org("Acorn"), org("Birch"), org("Clover"));
        Ok(Self {
            calls: Calls::new(&functions, simulator.secrets.endpoint_url())?,
            minter: webex.register_integration(DEVELOPER, &SCOPES, "http://127.0.0.1/callback"),
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
        let text = orgs.iter().fold(text.replace(PREFIX, ""), |text, org| {
            text.replace(&org.id, &format!("{{{}}}", org.name))
        });
        apps.iter().fold(text, |text, app| {
            text.replace(&app.credentials.application_id, &format!("{{{}}}", app.name))
        })
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
        let current = versions
            .into_iter()
            .find(|version| version.stages.contains("AWSCURRENT"));
        current.map_or_else(|| "none".to_owned(), |version| version.id)
    }

    /// Invokes the refresher as the scheduler does, and tells what the round did.
    pub(crate) async fn sweep(&self) -> anyhow::Result<Value> {
        let mark = Mark::now(self);
        let report = self.calls.refresher(&scheduled()).await?;
        let what = "invokes it on schedule, without a wish";
        self.screen.hop(&Hop::new("scheduler", "refresher", what, "a sweep"));
        mark.tell(self, None);
        self.screen
            .hop(&Hop::new("refresher", "scheduler", "reports", counts(&report)));
        Ok(report)
    }
}

/// What the minter may do: mint, and look after our webhooks.
pub(crate) const SCOPES: [&str; 3] = [
    "spark:applications_token",
    "application:webhooks_write",
    "application:webhooks_read",
];

fn app(webex: &Webex, name: &'static str, scopes: &[&str]) -> App {
    App {
        name,
        credentials: webex.register_service_app(DEVELOPER, scopes),
        webhook_secret: format!("what-webex-signs-{name}-events-with"),
    }
}

/// As `EventBridge` Scheduler sends it where no input is configured.
fn scheduled() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": "{}",
    })
}

/// What a sweep's report counts, as far as it is not nothing.
fn counts(report: &Value) -> String {
    let fields = report.as_object().into_iter().flatten();
    let counted = fields.filter(|(name, value)| value.as_u64().is_some_and(|n| n > 0) && *name != "elapsed_ms");
    let counted: Vec<String> = counted.map(|(name, value)| format!("{name} {value}")).collect();
    counted.join(", ")
}

/// A secret, so that one can tell it from another and do nothing with it.
pub(crate) fn masked(secret: &str) -> String {
    let head: String = secret.chars().take(6).collect();
    format!("{head}…({} characters)", secret.chars().count())
}

/// Enough of a version's id.
pub(crate) fn short(version: &str) -> &str {
    version.get(..8).unwrap_or(version)
}

/// How long until `at`, in words.
pub(crate) fn until(at: &Value, now: Timestamp) -> String {
    let at: Option<Timestamp> = at.as_str().and_then(|at| at.parse().ok());
    let seconds = at.map_or(0, |at| at.duration_since(now).as_secs());
    match seconds {
        0..120 => format!("{seconds} s"),
        120..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
