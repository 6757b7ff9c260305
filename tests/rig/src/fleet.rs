//! The refresher between simulators of Webex and of Secrets Manager, with an app and its grants.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use simulator::secrets::Operation;
use simulator::webex::Role;
use simulator::{Clock, Options, Simulator};

use crate::function::Function;
use crate::sweep::SweepSample;
use crate::variant::{Binaries, Variant};

const CALLBACK: &str = "https://broker.example/callback";

pub(crate) struct Fleet {
    pub(crate) simulator: Simulator,
    grants: Vec<String>,
}

impl Fleet {
    /// Simulators with the minter and so many grants of the app `mobile`.
    pub(crate) async fn new(grants: usize) -> anyhow::Result<Self> {
        let simulator = Simulator::start(Options::new(Clock::system())).await?;
        let mut fleet = Self { simulator, grants: Vec::new() };
        fleet.add_app("minter", &["spark:applications_token"], ["default".to_owned()])?;
        fleet.add_app("mobile", &["spark:people_read"], (0..grants).map(|number| format!("user-{number}")))?;
        Ok(fleet)
    }

    /// An Integration and its grants, made just now.
    pub(crate) fn add_app(
        &mut self,
        app: &str,
        scopes: &[&str],
        subjects: impl IntoIterator<Item = String>,
    ) -> anyhow::Result<()> {
        let webex = &self.simulator.webex;
        webex.add_developer(app);
        let credentials = webex.register_integration(app, scopes, CALLBACK);
        let described = json!({"kind": "integration", "client_id": credentials.client_id,
            "client_secret": credentials.client_secret, "redirect_uri": CALLBACK});
        self.put(&format!("apps/{app}"), &described)?;
        for (number, subject) in subjects.into_iter().enumerate() {
            // An account may hold 750 live tokens.
            let user = format!("{app}-{}", number / 300);
            webex.add_user(&user, Role::FullAdmin);
            let tokens = webex.grant_integration(&credentials.client_id, &user)?;
            let grant = json!({"version": 1, "app": app, "subject": subject, "state": "active",
                "access_token": tokens.access_token, "access_token_expires_at": "2099-01-01T00:00:00Z",
                "refresh_token": tokens.refresh_token, "refresh_token_expires_at": "2099-01-01T00:00:00Z",
                "renewed_at": self.simulator.clock.now()});
            let name = format!("grants/{app}/{subject}");
            self.put(&name, &grant)?;
            self.grants.push(name);
        }
        Ok(())
    }

    pub(crate) fn put(&self, name: &str, document: &Value) -> anyhow::Result<()> {
        self.simulator.secrets.put_json(&format!("webex-token-broker/{name}"), document)
    }

    pub(crate) fn make_due(&self) -> anyhow::Result<()> {
        let soon = (self.simulator.clock.now() + Duration::from_hours(24)).to_string();
        for name in &self.grants {
            let document = self.simulator.secrets.current_json(&format!("webex-token-broker/{name}"));
            let mut document = document.with_context(|| name.clone())?;
            document["renewed_at"] = "2020-01-01T00:00:00Z".into();
            document["access_token_expires_at"] = soon.clone().into();
            self.put(name, &document)?;
        }
        Ok(())
    }

    /// The grants of these organisations become as old, with so much of their pairs' life left, and nothing happens to them.
    pub(crate) fn make_quiet(&self, organisations: &[String], age: Duration, left: Duration) -> anyhow::Result<()> {
        let now = self.simulator.clock.now();
        for organisation in organisations {
            let name = format!("grants/reports/{organisation}");
            let document = self.simulator.secrets.current_json(&format!("webex-token-broker/{name}"));
            let mut document = document.with_context(|| name.clone())?;
            document["renewed_at"] = (now - age).to_string().into();
            document["access_token_expires_at"] = (now + left).to_string().into();
            document["history"] = json!([]);
            self.put(&name, &document)?;
        }
        Ok(())
    }

    /// Whether the organisation's own secret waits for deletion, because its record is in a pack.
    pub(crate) fn is_set_aside(&self, organisation: &str) -> bool {
        let name = format!("webex-token-broker/grants/reports/{organisation}");
        self.simulator.secrets.is_scheduled_for_deletion(&name)
    }

    pub(crate) fn measure(&self, refresher: &mut Function, sweep: &str) -> anyhow::Result<SweepSample> {
        self.simulator.secrets.journal().clear();
        self.simulator.webex.journal().clear();
        let invocation = refresher.invoke_and_count(sweep.as_bytes())?;
        let store = self.simulator.secrets.journal();
        let makes_version = |operation| matches!(operation, Operation::PutSecretValue | Operation::CreateSecret);
        // The secret of a packed grant refuses the first version of a renewal.
        let versions = store.select(|entry| makes_version(entry.operation) && entry.status == Some(200));
        Ok((invocation, [store.total(), versions.len(), self.simulator.webex.journal().total()]))
    }

    pub(crate) fn refresher(&self, binaries: &Binaries) -> Variant {
        let variables = vec![
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.simulator.secrets.endpoint_url()),
            ("WEBEX_API_BASE", self.simulator.webex.base_url()),
        ];
        Variant::direct("refresher", binaries.function("refresher"), variables, "\"failures\":[]")
    }

    /// A Service App `reports`, and organisations that have authorised it.
    pub(crate) fn authorize(&self, organisations: usize) -> anyhow::Result<Vec<String>> {
        let webex = &self.simulator.webex;
        // The minter's user owns it, and so may mint for it.
        let app = webex.register_service_app("minter-0", &["spark:people_read"]);
        let described = json!({"kind": "service_app", "client_id": app.client_id, "client_secret": app.client_secret});
        self.put("apps/reports", &described)?;
        let mut authorized = Vec::new();
        for number in 0..organisations {
            let organisation = webex.add_org(&format!("customer-{number}"));
            webex.authorize(&app, &organisation);
            authorized.push(organisation);
        }
        Ok(authorized)
    }

    /// The refresher, for events that make a grant active.
    pub(crate) fn refresher_of_events(&self, binaries: &Binaries) -> Variant {
        let mut refresher = self.refresher(binaries);
        refresher.expected = "\"state\":\"active\"";
        refresher
    }
}
