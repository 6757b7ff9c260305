use broker_core::request::{Apps, Reason, RefresherRequest};
use broker_core::token::{AuthorizationCode, CodeVerifier, Fingerprint, LinkToken};
use serde_json::json;

use super::*;

fn detail(payload: Value) -> String {
    let error = Command::parse(payload).unwrap_err();
    assert_eq!(error.code, "invalid_request");
    error.detail
}

#[test]
fn scheduler_event_is_a_sweep() {
    let event = json!({"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.scheduler",
        "account": "123456789012", "time": "2026-11-21T12:00:00Z", "region": "eu-central-1", "resources": [], "detail": "{}"});
    for payload in [event, json!({}), json!({"sweep": {}}), json!({"sweep": null})] {
        assert!(matches!(
            Command::parse(payload),
            Ok(Command::Sweep(Sweep { webhook_url: None, allow_retirements: false, force: false }))
        ));
    }
}

#[test]
fn unknown_siblings_of_a_command_are_ignored() {
    let payload = json!({"sweep": {"webhook_url": "https://a.example"}, "execution_id": "x", "time": 7});
    let Ok(Command::Sweep(sweep)) = Command::parse(payload) else { panic!("not a sweep") };
    assert_eq!(sweep.webhook_url.as_deref(), Some("https://a.example"));
}

#[test]
fn payload_without_exactly_one_command_is_refused() {
    for payload in [json!({"renwe": {}}), json!({"sweep": {}, "fence": {}}), json!([]), json!("sweep"), json!(null)] {
        let detail = detail(payload);
        assert!(detail.contains("reconcile, fence"), "{detail}");
    }
}

#[test]
fn unknown_names_get_the_nearest_known_one() {
    let id = |field: &str| json!({"app": "a", "subject": "b", field: "canary"});
    let table = [
        (json!({"renwe": {}}), "renwe is unknown, did you mean renew?"),
        (json!({"Sweep": {}}), "Sweep is unknown, did you mean sweep?"),
        (json!({"fence": id("subjct")}), "fence: unknown field subjct, did you mean subject?"),
        (json!({"reconcile": id("authorised_at")}), "unknown field authorised_at, did you mean authorized_at?"),
        (json!({"import": id("refreshToken")}), "unknown field refreshToken, did you mean refresh_token?"),
        (json!({"sweep": {"webhookUrl": "canary"}}), "sweep: unknown field webhookUrl, did you mean webhook_url?"),
        (json!({"verify": id("zzz")}), "verify: unknown field zzz; it takes app, subject"),
        (json!({"apps": {"zzz": 1}}), "apps: unknown field zzz; it takes none"),
        (json!({"verify": id("a token\n")}), "unknown field (not a field's name)"),
    ];
    for (payload, expected) in table {
        let detail = detail(payload);
        assert!(detail.contains(expected), "{detail}");
        assert!(!detail.contains("canary"), "{detail}");
    }
}

#[test]
fn bad_field_is_named_and_not_quoted() {
    let cases = [
        (json!({"fence": {"subject": "default"}}), "fence: missing field `app`"),
        (json!({"import": {"app": "a", "subject": "b", "refresh_token": {"canary": 1}}}), "import: "),
        (json!({"renew": {"app": "a", "subject": "b", "if_sha256": "canary"}}), "64 hexadecimal digits"),
        (json!({"renew": {"app": "a", "subject": "b", "reason": "canary"}}), "renew: "),
        (json!({"verify": {"app": "CANARY", "subject": "b"}}), "an app's name must be"),
        (json!({"import": {"app": "a", "subject": "b", "expires_in": "canary"}}), "import: "),
    ];
    for (payload, expected) in cases {
        let detail = detail(payload);
        assert!(detail.contains(expected), "{detail}");
        assert!(!detail.to_lowercase().contains("canary"), "{detail}");
    }
}

#[test]
fn every_request_of_an_http_function_is_understood() {
    let id = || GrantId::parse("reports/default").unwrap();
    let now = "2026-11-26T08:00:00Z".parse().unwrap();
    let exchange = Exchange {
        id: id(),
        code: AuthorizationCode::new("c"),
        redirect_uri: "https://x.example/callback".to_owned(),
        code_verifier: CodeVerifier::new("v"),
        show: true,
        link: Some(LinkToken::new("l")),
    };
    let renew = Renew {
        force: false,
        id: id(),
        if_sha256: Fingerprint::parse(&"0".repeat(64)),
        reason: Some(Reason::Rejected),
        deadline: Some(now),
    };
    let requests = [
        RefresherRequest::Reconcile(Reconcile { id: id(), authorized_at: Some(now) }),
        RefresherRequest::Fence(id()),
        RefresherRequest::Renew(renew),
        RefresherRequest::Apps(Apps {}),
        RefresherRequest::Exchange(exchange),
        RefresherRequest::MakeLink(MakeLink { id: id(), scope: None }),
        RefresherRequest::Status(StatusRequest::default()),
        RefresherRequest::Verify(id()),
        RefresherRequest::Restore(id()),
        RefresherRequest::Remove(Remove { id: id(), block: true }),
        RefresherRequest::Unblock(id()),
    ];
    for request in requests {
        let payload = serde_json::to_value(&request).unwrap();
        assert!(Command::parse(payload).is_ok(), "{request:?}");
    }
}

#[test]
fn org_is_read_in_any_form() {
    let written = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
    let payload = json!({"fence": {"app": "reports", "subject": written}});
    let Ok(Command::Hint(Hint::Fence(id))) = Command::parse(payload) else { panic!("not a fence") };
    assert_eq!(id.to_string(), "reports/ce861fba-6e2f-49f9-9a84-b354008fac9e");
}
