//! The ports of the store, as far as sweeps and events use them.

use std::collections::BTreeMap;

use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::Deadline;
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId};
use broker_core::mark::Mark;
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Version,
};
use jiff::Timestamp;
use secrets::{PackStore as _, walk};

use super::made_up;
use super::pages::OwnSecretPages;
use super::quota::Operation;
use super::rows::OwnSecret;
use super::store::ScaleStore;

/// The answer of an operation that the simulation never calls.
fn unused<T>(operation: &'static str) -> Result<T, StoreError> {
    Err(StoreError::Unavailable { operation, code: "unused".to_owned() })
}

impl Store for ScaleStore {
    async fn app(&self, name: &AppName) -> Result<Option<App>, StoreError> {
        self.call(Operation::Get).await;
        Ok(Some(made_up::described(name.as_str())))
    }

    async fn apps(&self, _: Deadline) -> Result<Scan<App>, StoreError> {
        self.call(Operation::Batch).await;
        Ok(Scan { items: made_up::apps(), unreadable: Vec::new(), cut_short: None })
    }

    async fn webhook_secrets(&self, _: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        Ok(None)
    }

    async fn list_grants(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        Ok(walk(&OwnSecretPages::new(self, see, deadline), &part.to_string()).await.err())
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        Ok(self.get(id).await)
    }

    async fn create(&self, grant: &Grant, _: Deadline) -> Result<Version, StoreError> {
        self.call(Operation::Create).await;
        match self.own_secret(&grant.id) {
            (n, OwnSecret::Absent) => Ok(self.state().rows.write(n, grant)),
            _ => Err(StoreError::Conflict),
        }
    }

    async fn replace(&self, grant: &Grant, read: &Version, _: Deadline) -> Result<Version, StoreError> {
        self.put_and_move(grant, read).await
    }

    async fn claim(&self, grant: &Grant, read: &Version, _: Deadline) -> Result<Version, StoreError> {
        if grant.id.app.as_str() != made_up::MINTERS_APP && self.own_secret(&grant.id).1 != OwnSecret::Live {
            self.call(Operation::Put).await;
            return Err(StoreError::Conflict);
        }
        self.put_and_move(grant, read).await
    }

    async fn retire(&self, id: &GrantId, _: Deadline) -> Result<(), StoreError> {
        match self.get(id).await {
            Found::Live(stored) if stored.grant.state == State::Revoked => self.delete(id, &stored.version).await,
            Found::Live(_) => Err(StoreError::Conflict),
            Found::Absent | Found::Retired => Ok(()),
        }
    }

    async fn restore(&self, id: &GrantId, _: Deadline) -> Result<(), StoreError> {
        self.restore_by_name(id).await
    }

    async fn withhold(&self, _: &GrantId, _: Timestamp, _: Deadline) -> Result<(), StoreError> {
        unused("DeleteSecret")
    }

    async fn withhold_again(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unused("DeleteSecret")
    }

    async fn end_withholding(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unused("UpdateSecret")
    }

    async fn scheduled_in_error(&self, part: &GrantsPart, deadline: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        self.scheduled_in_error_unless(part, &|_, _| false, deadline).await
    }

    async fn records_page(&self, _: &AppName, _: Option<&str>, _: Deadline) -> Result<Option<RecordsPage>, StoreError> {
        Ok(None)
    }

    async fn app_states(&self, _: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        self.call(Operation::List).await;
        Ok(self.state().app_states.clone())
    }

    async fn save_app_state(&self, app: &AppName, state: &AppState, _: bool, _: Deadline) -> Result<(), StoreError> {
        self.call(Operation::Update).await;
        self.state().app_states.insert(app.clone(), state.clone());
        Ok(())
    }

    async fn mark(&self, _: &AppName) -> Result<Option<Mark>, StoreError> {
        unused("DescribeSecret")
    }

    async fn move_mark(&self, _: &AppName, _: Deadline) -> Result<(), StoreError> {
        self.call(Operation::Update).await;
        Ok(())
    }

    async fn previous(&self, _: &GrantId) -> Result<Option<Grant>, StoreError> {
        Ok(None)
    }
}
