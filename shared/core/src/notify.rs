//! Sending to the event bus what an invocation has to tell.

use std::collections::BTreeMap;

use crate::context::{Context, Ports};
use crate::id::{AppName, GrantId};
use crate::notice::{GrantChange, Notice, NoticeStatus, names};
use crate::port::{BusEvent, Events as _};
use crate::settings::BrokerSettings;

/// Sends the events and counts those that the bus did not take. Returns whether it took all.
pub(crate) async fn send<P: Ports>(cx: &Context<'_, P>, events: &[BusEvent]) -> bool {
    if events.is_empty() {
        return true;
    }
    let not_sent = cx.events.send(events, cx.deadline).await;
    cx.invocation.count_events_not_sent(not_sent);
    not_sent == 0
}

/// Sends the changes that the invocation has written: notices for people first, then an event for each.
pub(crate) async fn send_changes<P: Ports>(cx: &Context<'_, P>) {
    let changes = cx.invocation.take_grant_changes();
    if !cx.events.is_on() {
        return;
    }
    let mut events: Vec<BusEvent> = Vec::new();
    for notice in collected(&changes, cx.settings) {
        events.extend(notice.to_event(cx.now()));
    }
    for change in &changes {
        events.extend(change.to_event(&cx.settings.minter));
    }
    send(cx, &events).await;
}

/// Sends a notice of the status `test`.
pub(crate) async fn send_test<P: Ports>(cx: &Context<'_, P>, text: Option<&str>) -> bool {
    if !cx.events.is_on() {
        return false;
    }
    let said = text.unwrap_or("This is a test. Notices of webex-token-broker arrive here.");
    let notice = Notice::new("test", NoticeStatus::Test, None, &[]);
    let notice = notice.saying("webex-token-broker: test", said, cx.settings);
    match notice.to_event(cx.now()) {
        Some(event) => send(cx, &[event]).await,
        None => false,
    }
}

/// One notice for each app and kind of change.
fn collected(changes: &[GrantChange], settings: &BrokerSettings) -> Vec<Notice> {
    let mut groups: BTreeMap<(AppName, &'static str), Vec<GrantId>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.is_for_people()) {
        let group = groups.entry((change.id.app.clone(), change.kind)).or_default();
        if !group.contains(&change.id) {
            group.push(change.id.clone());
        }
    }
    groups.into_iter().map(|((app, kind), grants)| notice_of(app, kind, &grants, settings)).collect()
}

fn notice_of(app: AppName, kind: &'static str, grants: &[GrantId], settings: &BrokerSettings) -> Notice {
    let is_minter = grants == [settings.minter.clone()];
    let (kind, happened) = match (kind, is_minter) {
        ("activated", true) => ("minter.activated", "the minter works: it mints the pairs of Service Apps"),
        ("replaced", true) => ("minter.replaced", "the minter has a new pair, from a consent or an import"),
        ("removed", true) => ("minter.removed", "an operator removed the minter: nothing can be minted without it"),
        ("activated", _) => ("grant.activated", "authorised: the token can be vended"),
        ("replaced", _) => ("grant.replaced", "has a new pair, from a consent or an import"),
        ("fenced", _) => ("grant.fenced", "withdrawn, according to Webex's event: the token is not vended any more"),
        ("retired", _) => {
            ("grant.retired", "ended: Webex confirms that the authorisation is withdrawn; restore works for 7 days")
        }
        ("restored", _) => ("grant.restored", "taken back by an operator"),
        ("blocked", _) => ("grant.blocked", "removed by an operator, and kept out until unblocked"),
        ("unblocked", _) => ("grant.unblocked", "let in again by an operator; the next authorisation counts"),
        _ => ("grant.removed", "removed by an operator"),
    };
    let notice = Notice::new(kind, NoticeStatus::Changed, Some(app), grants);
    let subject = match grants {
        [grant] => format!("{grant}: {happened}"),
        _ => format!("{} grants: {happened}", grants.len()),
    };
    notice.saying(&subject, &format!("{}: {happened}.", names(grants)), settings)
}
