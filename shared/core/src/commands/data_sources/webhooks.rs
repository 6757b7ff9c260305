//! The webhooks for `dataSources` in an org. The token of the org's own grant registers them, since Webex delivers to a
//! webhook what its creator may read.

use crate::app::WebhookSecrets;
use crate::commands::own_webhooks::{OWN_NAME, is_signed_with, target_url};
use crate::context::{Context, Ports};
use crate::id::AppName;
use crate::port::{DataSourceApi as _, DataSourceWebhook, Registration, Webex as _, WebexError};
use crate::token::AccessToken;

/// The events of the resource.
const EVENTS: [&str; 3] = ["created", "updated", "deleted"];

/// Where an app's webhooks deliver, and what signs them.
#[derive(Debug)]
pub(crate) struct DeliveryTarget {
    pub(crate) url: String,
    pub(crate) secrets: WebhookSecrets,
}

impl DeliveryTarget {
    /// The webhook function at `base`, for this app.
    pub(crate) fn of(base: &str, app: &AppName, secrets: WebhookSecrets) -> Self {
        Self { url: target_url(base, app), secrets }
    }

    fn draft(&self, app: &AppName, event: &'static str) -> Option<DataSourceWebhook> {
        Some(DataSourceWebhook {
            name: format!("{OWN_NAME}{app} data source {event}"),
            target_url: self.url.clone(),
            event,
            secret: self.secrets.secrets.first()?.clone(),
        })
    }
}

/// Registers what is missing in the org. One that no longer delivers, or is signed with another secret, is replaced; one
/// that points elsewhere belongs to another deployment.
pub(super) async fn register_webhooks<P: Ports>(
    cx: &Context<'_, P>,
    app: &AppName,
    target: &DeliveryTarget,
    token: &AccessToken,
) -> Result<(), WebexError> {
    let deadline = cx.webex_deadline();
    let registered = cx.webex.list_webhooks(token, deadline).await?;
    for event in EVENTS {
        let Some(draft) = target.draft(app, event) else { continue };
        let own = registered.iter().filter(|found| is_own(found, &draft));
        let (right, wrong): (Vec<&Registration>, Vec<&Registration>) = own.partition(|found| is_right(found, &draft));
        for replaced in wrong.iter().chain(right.iter().skip(1)) {
            cx.webex.delete_webhook(&replaced.id, token, deadline).await?;
        }
        if right.is_empty() {
            cx.webex.create_data_source_webhook(&draft, token, deadline).await?;
        }
    }
    Ok(())
}

fn is_own(found: &Registration, draft: &DataSourceWebhook) -> bool {
    found.resource == "dataSources"
        && found.event == draft.event
        && found.name.starts_with(OWN_NAME)
        && found.target_url == draft.target_url
}

fn is_right(found: &Registration, draft: &DataSourceWebhook) -> bool {
    found.active && is_signed_with(found, &draft.secret)
}
