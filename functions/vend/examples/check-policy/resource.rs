//! Apps and grants by their names.

use broker_core::id::{AppName, GrantId};
use vend::{AccessRequest, Action, Resource};

/// An app, or a grant of it.
pub(super) struct NamedResource {
    pub(super) app: AppName,
    grant: Option<GrantId>,
}

impl NamedResource {
    /// Reads `APP` or `APP/SUBJECT`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if !text.contains('/') {
            let app = AppName::parse(text).map_err(|error| error.to_string())?;
            return Ok(Self { app, grant: None });
        }
        let grant = GrantId::parse(text).map_err(|error| error.to_string())?;
        Ok(Self { app: grant.app.clone(), grant: Some(grant) })
    }

    /// Any grant of the app, if it is an app.
    pub(super) fn or_any_grant(self) -> Result<Self, String> {
        match self.grant {
            Some(_) => Ok(self),
            // No organisation has this id, so that a policy for one grant does not permit it.
            None => Self::parse(&format!("{}/00000000-0000-0000-0000-000000000000", self.app)),
        }
    }

    /// The request; `None` for an action on a grant if this is an app.
    pub(super) fn request(&self, action: Action) -> Option<AccessRequest<'_>> {
        let resource = match (action, &self.grant) {
            (Action::List, _) => Resource::App(&self.app),
            (_, Some(grant)) => Resource::Grant(grant),
            (_, None) => return None,
        };
        Some(AccessRequest { action, resource })
    }
}
