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

/// Calls that the pass over an initial of a large app makes at once.
const CALLS_OF_LONG_PASS: usize = 8;

/// Grants of an app above which the pass over an initial has many pages.
const LARGE: u32 = 16_000;

/// Pages that are read in a second, names of a page that lists what waits for deletion, and records of a page.
const PAGES_A_SECOND: f64 = 80.0;
const NAMES: u32 = 100;
const RECORDS: u32 = 20;

/// How often a page is read on average, because the parts of a long list bring its first pages again, and the time until the
/// parts are begun.
const READ_AGAIN: f64 = 1.4;
const UNTIL_PARTS: SignedDuration = SignedDuration::from_secs(40);

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
    let takes_turns = takes_longer(&names, states, deadline.left(cx.now()));
    let calls_of = |part: &GrantsPart| if takes_turns && is_long(part, states) { CALLS_OF_LONG_PASS } else { 1 };
    let mut calls = 0;
    let mut listing = ListingProgress::default();
    loop {
        let has_room = |part: &GrantsPart| calls + calls_of(part) <= CALLS_AT_ONCE;
        if let Some((at, part)) = waiting.next_if(|(_, part)| has_room(part)) {
            calls += calls_of(&part);
            running.push(async move { (at, list_part(cx, &part, census, deadline).await, part) });
        } else if let Some((at, end, part)) = running.next().await {
            calls -= calls_of(&part);
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

/// Whether all lists are expected to take longer than the time that is `left`. Then few long passes run at once, so that
/// some of them end: what is not read to the end is read again.
fn takes_longer(names: &[AppName], states: &AppStates, left: SignedDuration) -> bool {
    let pages = names.iter().map(|app| {
        let counts = states.known_counts(app);
        counts.total() / NAMES + counts.total().saturating_sub(counts.packed) / RECORDS
    });
    let reading = f64::from(pages.sum::<u32>()) * READ_AGAIN / PAGES_A_SECOND;
    UNTIL_PARTS + SignedDuration::from_secs_f64(reading) > left
}

fn is_long(part: &GrantsPart, states: &AppStates) -> bool {
    match part {
        GrantsPart::Initial { app, .. } => states.known_grants(app) > LARGE,
        GrantsPart::All | GrantsPart::App(_) => false,
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
