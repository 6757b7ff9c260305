//! Answers of the refresher.

use serde_json::{Value, json};

/// The UUID of the org number `number`.
pub(crate) fn org(number: usize) -> String {
    format!("ce861fba-6e2f-49f9-9a84-{number:012}")
}

/// The minter, which has two months left.
pub(crate) fn minter() -> Value {
    json!({
        "app": "minter", "subject": "default", "state": "active", "failing": false,
        "access_token_expires_at": "2026-12-06T12:00:00Z", "refresh_token_expires_at": "2027-01-25T12:00:00Z",
        "renewed_at": "2026-11-22T12:00:00Z", "due_at": "2026-11-29T12:00:00Z",
        "name": "Broker Developer",
    })
}

/// A grant that is well.
pub(crate) fn active(number: usize) -> Value {
    json!({
        "app": "reports", "subject": org(number), "state": "active", "failing": false,
        "access_token_expires_at": "2026-12-05T12:30:00Z", "refresh_token_expires_at": "2027-02-20T12:00:00Z",
        "renewed_at": "2026-11-21T12:30:00Z", "due_at": "2026-11-28T12:30:00Z",
        "authorized_at": "2026-09-01T08:00:00Z", "name": format!("Customer {number} Ltd"),
    })
}

/// A grant whose renewals fail.
pub(crate) fn failing(number: usize, code: &str) -> Value {
    let mut grant = active(number);
    let failure = json!({
        "failing": true, "code": code, "tracking_id": "ROUTER_6566A1B2", "attempts": 5,
        "since": "2026-11-24T10:00:00Z", "access_token_expires_at": "2026-11-27T02:00:00Z",
        "due_at": "2026-11-24T10:00:00Z",
        "reason": "Webex refused to refresh the token: invalid_client (Client authentication failed)",
    });
    for (field, value) in failure.as_object().unwrap() {
        grant[field] = value.clone();
    }
    grant
}

/// Grants in every other state.
pub(crate) fn others() -> Vec<Value> {
    vec![
        json!({ "app": "reports", "subject": org(91), "state": "pending", "failing": false }),
        json!({ "app": "reports", "subject": org(92), "state": "fenced", "failing": false,
                "reason": "nothing is vended since an event announced a withdrawal; a sweep asks Webex" }),
        json!({ "app": "reports", "subject": org(93), "state": "revoked", "failing": false, "blocked": true }),
        json!({
            "app": "reports", "subject": org(94), "state": "unreadable", "failing": false,
            "code": "unreadable",
            "reason": "the record cannot be read and was left alone: access_token_expires_at: expected a time",
        }),
    ]
}

/// The minter's app and a Service App.
pub(crate) fn apps() -> Value {
    json!([
        {
            "app": "minter", "kind": "integration", "client_id": "C0ffee", "webhooks": { "state": "off" },
            "credentials": { "state": "ok", "checked_at": "2026-11-26T11:10:00Z" },
            "counts": { "pending": 0, "active": 1, "failing": 0, "fenced": 0, "revoked": 0, "unreadable": 0 },
            "live_tokens": 2, "last_sweep_at": "2026-11-26T11:48:00Z", "problems": [],
        },
        {
            "app": "reports", "kind": "service_app", "client_id": "Cafe", "webhooks": { "state": "registered" },
            "credentials": { "state": "ok", "checked_at": "2026-11-26T11:10:00Z" },
            "counts": { "pending": 1, "active": 2, "failing": 1, "fenced": 1, "revoked": 1, "unreadable": 1 },
            "live_tokens": 251, "last_sweep_at": "2026-11-26T11:48:00Z", "problems": [],
        },
    ])
}

/// Apps whose description, credentials and registrations are wrong.
pub(crate) fn broken_apps() -> Value {
    let mut apps = apps();
    apps[1]["problems"] = json!(["unknown field `org`; did you mean `orgs`?"]);
    apps[1]["credentials"] = json!({ "state": "wrong", "reason": "invalid_client (Client authentication failed)" });
    apps[1]["webhooks"] = json!({ "state": "failing", "reason": "http_403: the token lacks a scope" });
    apps
}

/// A page of `status` without a next one.
pub(crate) fn page(apps: &Value, grants: &[Value]) -> Value {
    json!({ "apps": apps, "grants": grants })
}

/// A fleet in which everything is well.
pub(crate) fn healthy() -> Value {
    page(&apps(), &[minter(), active(1), active(2)])
}

/// A fleet with something of everything.
pub(crate) fn mixed() -> Value {
    let mut grants = vec![minter(), active(1), failing(2, "invalid_client")];
    grants.extend(others());
    page(&broken_apps(), &grants)
}

/// A grant that was authorised, failed, recovered, withdrew and came back.
pub(crate) fn with_history() -> Value {
    let mut grant = active(1);
    grant["history"] = json!([
        { "at": "2026-11-16T09:00:00Z", "what": "authorized", "by": "event" },
        { "at": "2026-11-16T09:00:02Z", "what": "minted", "by": "event", "tracking_id": "ROUTER_1" },
        { "at": "2026-11-18T10:00:00Z", "what": "failing", "by": "sweep", "code": "http_503", "tracking_id": "ROUTER_2" },
        { "at": "2026-11-20T10:00:00Z", "what": "recovered", "by": "sweep" },
        { "at": "2026-11-21T07:00:00Z", "what": "fenced", "by": "event" },
        { "at": "2026-11-21T12:30:00Z", "what": "restored",
          "by": "operator arn:aws:sts::123456789012:assumed-role/ops/alex" },
    ]);
    grant
}

/// The answer to a sweep with one failure.
pub(crate) fn sweep_with_failure() -> Value {
    json!({
        "scanned": 412, "renewed": 31, "minted": 1, "retired": 0, "failing": 1, "pending": 0, "skipped": 380,
        "deferred": 0, "unreadable": 0, "webhooks_repaired": 2, "elapsed_ms": 9120,
        "failures": [{
            "app": "reports", "subject": org(2), "code": "http_503", "tracking_id": "ROUTER_6566",
            "reason": "Webex answered 503 Service Unavailable to a refresh; the pair is kept and tried again",
        }],
    })
}

/// The answer to a sweep in which nothing failed.
pub(crate) fn sweep() -> Value {
    json!({ "scanned": 3, "renewed": 0, "minted": 0, "webhooks_repaired": 2, "elapsed_ms": 812, "failures": [] })
}
