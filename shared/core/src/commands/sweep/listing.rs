//! Listing all grants: in one pass while they are few, in parts at once when they are many.

use std::collections::BTreeMap;
use std::sync::Mutex;

use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

use super::app_states::AppStates;
use super::census::Census;
use super::scheduled;
use crate::app::App;
use crate::clock::Deadline;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::AppName;
use crate::port::{GrantsPart, Store as _, StoreError};
use crate::sync::lock;

/// Grants of all apps up to which one pass lists them: 50 pages of 20, about 15 seconds. More passes cost more calls.
const ONE_PASS: u32 = 1_000;

/// Grants of an app up to which one pass lists them, where there are many in all.
const ONE_PASS_OF_APP: u32 = 500;

/// Passes at once. A page takes about 0.3 s and Secrets Manager accepts about 100 a second.
const PASSES_AT_ONCE: usize = 24;

/// How the listing ended.
pub(super) struct ListingEnd {
    /// The parts that were listed to the end.
    pub(super) complete: Vec<GrantsPart>,
    /// The initials of the subjects that were not listed to the end, by app. The next sweep begins with them.
    pub(super) unlisted: BTreeMap<AppName, String>,
    /// Why a part was not listed to the end.
    pub(super) cut_short: Option<StoreError>,
}

/// Lists all grants into `census`. An error means that not one page could be read.
pub(super) async fn list<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    states: &AppStates,
    census: &Mutex<Census<'_>>,
    deadline: Deadline,
) -> Result<ListingEnd, BrokerError> {
    let names = states.names_with(apps);
    let passes = stream::iter(parts(&names, states)).map(|part| list_part(cx, part, census, deadline));
    let mut passes = passes.buffer_unordered(PASSES_AT_ONCE);
    let mut listing = ListingEnd { complete: Vec::new(), unlisted: BTreeMap::new(), cut_short: None };
    let mut has_listed = false;
    while let Some((part, end)) = passes.next().await {
        has_listed |= end.is_ok();
        match end {
            Ok(None) => listing.complete.push(part),
            Ok(Some(error)) | Err(error) => listing.add_unlisted(&part, &names, error),
        }
    }
    match listing.cut_short {
        Some(error) if !has_listed => Err(error.into()),
        _ => Ok(listing),
    }
}

/// The parts in the order in which they are listed: those first that the sweep before did not reach.
fn parts(names: &[AppName], states: &AppStates) -> Vec<GrantsPart> {
    let is_complete = names.iter().all(|app| states.unlisted(app).is_empty());
    let grants: u32 = names.iter().map(|app| states.known_grants(app)).sum();
    if is_complete && grants <= ONE_PASS {
        return vec![GrantsPart::All];
    }
    let mut first = Vec::new();
    let mut then = Vec::new();
    for app in names {
        let unlisted = states.unlisted(app);
        if unlisted.is_empty() && states.known_grants(app) <= ONE_PASS_OF_APP {
            then.push(GrantsPart::App(app.clone()));
            continue;
        }
        for initial in GrantsPart::INITIALS.chars() {
            let part = GrantsPart::Initial { app: app.clone(), initial };
            if unlisted.contains(initial) {
                first.push(part);
            } else {
                then.push(part);
            }
        }
    }
    first.extend(then);
    first
}

async fn list_part<P: Ports>(
    cx: &Context<'_, P>,
    part: GrantsPart,
    census: &Mutex<Census<'_>>,
    deadline: Deadline,
) -> (GrantsPart, Result<Option<StoreError>, StoreError>) {
    if part != GrantsPart::All && deadline.left(cx.now()) == SignedDuration::ZERO {
        let code = "DeadlineReached".to_owned();
        return (part, Ok(Some(StoreError::Unavailable { operation: "BatchGetSecretValue", code })));
    }
    scheduled::restore_live_records(cx, &part, census, deadline).await;
    let mut see = |page| lock(census).add_page(page);
    let end = cx.store.list_grants(&part, &mut see, deadline).await;
    (part, end)
}

impl ListingEnd {
    fn add_unlisted(&mut self, part: &GrantsPart, names: &[AppName], error: StoreError) {
        match part {
            GrantsPart::All => {
                for app in names {
                    self.unlisted.insert(app.clone(), GrantsPart::INITIALS.to_owned());
                }
            }
            GrantsPart::App(app) => {
                self.unlisted.insert(app.clone(), GrantsPart::INITIALS.to_owned());
            }
            GrantsPart::Initial { app, initial } => self.unlisted.entry(app.clone()).or_default().push(*initial),
        }
        if self.cut_short.is_none() {
            self.cut_short = Some(error);
        }
    }
}
