//! Listing all grants: in one pass while they are few, in parts at once when they are many.

mod order;

use std::collections::BTreeMap;
use std::sync::Mutex;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::SignedDuration;

use order::{parts, unlisted_of};

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

/// Calls at once. One takes about 0.3 s and Secrets Manager accepts about 100 a second.
const CALLS_AT_ONCE: usize = 32;

/// Calls that a pass over many pages makes at once, and one over very many. So few such passes run that some end before time
/// does, and the next sweep need not begin with the same ones.
const CALLS_OF_LONG_PASS: (usize, usize) = (4, 8);

/// Grants of an app above which the pass over an initial has many pages, of names at least.
const MANY: u32 = 16_000;

/// Grants of an app with secrets of their own above which it has very many.
const VERY_MANY: u32 = 80_000;

/// How the listing ended.
pub(super) struct ListingEnd {
    /// The parts that were listed to the end.
    pub(super) complete: Vec<GrantsPart>,
    /// The initials of the subjects that were not listed to the end, by app and in the order in which the next sweep begins
    /// with them.
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
    let mut waiting = parts(&names, states).into_iter().enumerate().peekable();
    let mut running = FuturesUnordered::new();
    let mut calls = 0;
    let mut listing = ListingProgress::default();
    loop {
        let has_room = |part: &GrantsPart| calls + calls_at_once(part, states) <= CALLS_AT_ONCE;
        if let Some((at, part)) = waiting.next_if(|(_, part)| has_room(part)) {
            calls += calls_at_once(&part, states);
            running.push(async move { (at, list_part(cx, &part, census, deadline).await, part) });
        } else if let Some((at, end, part)) = running.next().await {
            calls -= calls_at_once(&part, states);
            listing.add(at, part, end);
        } else {
            return listing.end(&names);
        }
    }
}

/// The passes that have ended.
#[derive(Default)]
struct ListingProgress {
    complete: Vec<GrantsPart>,
    /// The others by their place in the order.
    unlisted: BTreeMap<usize, GrantsPart>,
    cut_short: Option<StoreError>,
    has_listed: bool,
}

impl ListingProgress {
    fn add(&mut self, at: usize, part: GrantsPart, end: Result<Option<StoreError>, StoreError>) {
        self.has_listed |= end.is_ok();
        match end {
            Ok(None) => self.complete.push(part),
            Ok(Some(error)) | Err(error) => {
                self.unlisted.insert(at, part);
                self.cut_short.get_or_insert(error);
            }
        }
    }

    fn end(self, names: &[AppName]) -> Result<ListingEnd, BrokerError> {
        let Self { complete, unlisted, cut_short, has_listed } = self;
        match cut_short {
            Some(error) if !has_listed => Err(error.into()),
            _ => Ok(ListingEnd { complete, unlisted: unlisted_of(unlisted.into_values(), names), cut_short }),
        }
    }
}

/// How many calls the pass over a part makes at once.
fn calls_at_once(part: &GrantsPart, states: &AppStates) -> usize {
    let GrantsPart::Initial { app, .. } = part else { return 1 };
    let counts = states.known_counts(app);
    let grants = counts.total();
    if grants.saturating_sub(counts.packed) > VERY_MANY {
        CALLS_OF_LONG_PASS.1
    } else if grants > MANY {
        CALLS_OF_LONG_PASS.0
    } else {
        1
    }
}

async fn list_part<P: Ports>(
    cx: &Context<'_, P>,
    part: &GrantsPart,
    census: &Mutex<Census<'_>>,
    deadline: Deadline,
) -> Result<Option<StoreError>, StoreError> {
    if *part != GrantsPart::All && deadline.left(cx.now()) == SignedDuration::ZERO {
        let code = "DeadlineReached".to_owned();
        return Ok(Some(StoreError::Unavailable { operation: "BatchGetSecretValue", code }));
    }
    scheduled::restore_live_records(cx, part, census, deadline).await;
    let mut see = |page| lock(census).add_page(page);
    cx.store.list_grants(part, &mut see, deadline).await
}
