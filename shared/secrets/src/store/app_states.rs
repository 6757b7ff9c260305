//! The states of apps, for operators: JSON in the descriptions of the secrets `index/{app}`. Changing a description makes
//! no version, so that a sweep may do it every time.

use std::collections::BTreeMap;

use broker_core::app_state::AppState;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::AppName;
use broker_core::port::StoreError;

use super::SecretsManagerStore;
use super::calls::LIST;
use crate::error::{CallError, CallErrorKind};

/// Most characters of a description: the service's limit.
const LONGEST_DESCRIPTION: usize = 2048;

/// Pages of apps' states that are read at most.
const MOST_PAGES: usize = 100;

impl<C: Clock> SecretsManagerStore<C> {
    /// Implements [`broker_core::port::Store::app_states`].
    pub(super) async fn read_app_states(&self, deadline: Deadline) -> Result<BTreeMap<AppName, AppState>, CallError> {
        let mut states = BTreeMap::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let page = self.list_secrets(&self.names.indexes(), LIST, next, deadline).await?;
            for entry in page.secret_list.unwrap_or_default() {
                let app = entry.name.as_deref().and_then(|name| self.names.app_of_index(name));
                let state = entry.description.as_deref().and_then(|text| serde_json::from_str(text).ok());
                if let (Some(app), Some(state)) = (app, state) {
                    states.insert(app, state);
                }
            }
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        Ok(states)
    }

    /// Implements [`broker_core::port::Store::save_app_state`]. The first state of an app creates the secret. Who does not
    /// know better than the store is corrected by it: an earlier state may have been removed, or written meanwhile.
    pub(super) async fn write_app_state(
        &self,
        app: &AppName,
        state: &AppState,
        is_first: bool,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let name = self.names.index(app);
        let Some(description) = described(state) else {
            return Err(StoreError::TooLarge {
                name: self.names.relative(&name).to_owned(),
                bytes: LONGEST_DESCRIPTION + 1,
                limit: LONGEST_DESCRIPTION,
            });
        };
        let saved = if is_first {
            self.create_first(app, &name, &description, deadline).await
        } else {
            self.update_description(&name, &description, deadline).await
        };
        match saved {
            Ok(()) => Ok(()),
            Err(error) if is_first && error.is(CallErrorKind::Exists) => {
                Ok(self.update_description(&name, &description, deadline).await?)
            }
            Err(error) if !is_first && error.is(CallErrorKind::Absent) => {
                Ok(self.create_first(app, &name, &description, deadline).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Creates the secret with the app's first mark, so that vend can trust its memory from then on.
    async fn create_first(
        &self,
        app: &AppName,
        name: &str,
        description: &str,
        deadline: Deadline,
    ) -> Result<(), CallError> {
        self.create_index(app, name, Some(description), deadline).await?;
        self.tag_mark(name, deadline).await
    }
}

/// The state as JSON, without the texts of errors if they make it too long.
fn described(state: &AppState) -> Option<String> {
    let full = serde_json::to_string(state).ok()?;
    if full.len() <= LONGEST_DESCRIPTION {
        return Some(full);
    }
    let mut short = state.clone();
    short.webhooks.reason = None;
    short.credentials.reason = None;
    serde_json::to_string(&short).ok().filter(|text| text.len() <= LONGEST_DESCRIPTION)
}
