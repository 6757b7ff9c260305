//! Deleting the data sources of a grant that an operator ends.

use crate::app::App;
use crate::context::{Context, Ports};
use crate::data_sources::{DataSourceRecords, find};
use crate::grant::Grant;
use crate::port::{DataSourceApi as _, DataSourceStore as _, WebexError};

/// Deletes the broker's own data sources in the org of a grant whose token still lives. A failure is logged and keeps
/// nothing from being removed: a data source that nobody renews ends within a day.
pub(crate) async fn delete_data_sources<P: Ports>(cx: &Context<'_, P>, app: &App, grant: &Grant) {
    if app.data_sources().is_empty() {
        return;
    }
    let known = cx.store.data_sources_of(&grant.id).await.unwrap_or_default();
    if let Err(error) = delete_at_webex(cx, app, grant, &known).await {
        let id = &grant.id;
        tracing::warn!(
            app = %id.app, subject = %id.subject, outcome = "not_deleted", code = error.code(),
            webex.tracking_id = error.tracking_id,
            "{id}: its data sources were not deleted, and end within a day: {error}"
        );
    }
}

async fn delete_at_webex<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    grant: &Grant,
    known: &DataSourceRecords,
) -> Result<(), WebexError> {
    let Some(pair) = &grant.pair else { return Ok(()) };
    let (token, deadline) = (&pair.access_token, cx.webex_deadline());
    let listed = cx.webex.list_data_sources(token, deadline).await?;
    for (place, wanted) in (1..).zip(app.data_sources()) {
        if let Some(own) = find(&listed, wanted, known.get(&place)) {
            cx.webex.delete_data_source(&own.id, token, deadline).await?;
        }
    }
    Ok(())
}
