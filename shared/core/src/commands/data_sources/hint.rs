//! `data_sources`: an event of Webex's, or an operator, asks to look at the data sources of one grant now.

use jiff::{SignedDuration, Timestamp};

use super::counts::DataSourceCounts;
use super::findings::OrgLook;
use super::{kept_alive, look};
use crate::context::{Context, Ports};
use crate::data_sources::{DataSourceRecords, WantedDataSource};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::DataSourceStore as _;

/// How long a look answers the events that follow it. Webex reports the broker's own renewals too.
const ECHO: SignedDuration = SignedDuration::from_secs(60);

/// Looks at the data sources of a grant whether they are due or not, unless that was done a moment ago. Events say when to
/// look and nothing else, so that a forged or repeated one changes nothing.
pub(crate) async fn look_at_data_sources<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
) -> Result<DataSourceCounts, BrokerError> {
    let app = cx.load_app(&id.app).await?;
    let wanted = kept_alive(&app, cx.settings.sweep_interval);
    let known = cx.store.data_sources_of(id).await?;
    let mut counts = DataSourceCounts::default();
    if wanted.is_empty() || is_echo(&known, &wanted, cx.now()) {
        counts.add_records(&known, &wanted, cx.now());
        return Ok(counts);
    }
    let look = look::look(cx, &OrgLook { id, wanted: &wanted, target: None }, &known).await?;
    for problem in &look.problems {
        problem.log();
    }
    counts.renewed = look.renewed;
    counts.add_records(&look.records, &wanted, cx.now());
    Ok(counts)
}

fn is_echo(known: &DataSourceRecords, wanted: &[(u8, WantedDataSource)], now: Timestamp) -> bool {
    wanted.iter().all(|(place, _)| match known.get(place) {
        Some(record) => now.duration_since(record.looked_at) < ECHO,
        None => false,
    })
}
