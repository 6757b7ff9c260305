//! Debug output of every type that holds a secret, and the texts of errors about values that may hold one.

use std::fmt::Debug;

use broker_core::app::{App, AppType, Client, Integration, WebhookSecrets};
use broker_core::broker::{DevicePoll, Exchanged, Import};
use broker_core::clock::Deadline;
use broker_core::grant::Grant;
use broker_core::id::{AppName, ApplicationId, GrantId};
use broker_core::pair::{Pair, TokenResponse};
use broker_core::port::{AppEvent, CodeExchange, Found, Registration, RegistrationDraft, Stored, Version};
use broker_core::request::{Exchange, Granted, MadeLink, Reason, RefresherRequest, Renew};
use broker_core::token::{
    AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, DeviceCode, LinkToken, RefreshToken, WebhookSecret,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::canaries::Canaries;

const CANARY: &str = "a-canary-of-more-than-forty-eight-characters-in-every-type";

fn assert_no_canary(printed: &[String]) {
    let mut canaries = Canaries::default();
    canaries.add("a canary", CANARY);
    for text in printed {
        assert_eq!(canaries.found_in(text), [] as [&str; 0]);
        assert!(!text.contains("canary"), "{text}");
    }
}

fn debug_text(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn pair() -> Pair {
    Pair {
        access_token: AccessToken::new(CANARY),
        access_token_expires_at: Timestamp::UNIX_EPOCH,
        refresh_token: Some(RefreshToken::new(CANARY)),
        refresh_token_expires_at: None,
        scope: None,
    }
}

fn grant() -> Grant {
    let pending = Grant::pending(GrantId::parse("reports/default").unwrap(), None);
    pending.minted(pair(), Timestamp::UNIX_EPOCH)
}

#[test]
fn debug_output_of_tokens_and_pairs_holds_no_secret() {
    let issued = TokenResponse {
        access_token: AccessToken::new(CANARY),
        expires_in: SignedDuration::ZERO,
        refresh_token: Some(RefreshToken::new(CANARY)),
        refresh_token_expires_in: None,
        scope: None,
    };
    let poll = DevicePoll { id: GrantId::parse("minter/default").unwrap(), device_code: DeviceCode::new(CANARY) };
    let stored = Stored { grant: grant(), version: Version("1".to_owned()) };
    assert_no_canary(&[
        debug_text(&AccessToken::new(CANARY)),
        debug_text(&RefreshToken::new(CANARY)),
        debug_text(&ClientSecret::new(CANARY)),
        debug_text(&WebhookSecret::new(CANARY)),
        debug_text(&AuthorizationCode::new(CANARY)),
        debug_text(&CodeVerifier::new(CANARY)),
        debug_text(&DeviceCode::new(CANARY)),
        debug_text(&poll),
        debug_text(&issued),
        debug_text(&Pair::from_response(issued.clone(), Some(&pair()), Timestamp::UNIX_EPOCH)),
        debug_text(&grant()),
        debug_text(&stored),
        debug_text(&Found::Live(Box::new(stored.clone()))),
    ]);
}

#[test]
fn debug_output_of_apps_and_webhooks_holds_no_secret() {
    let client = Client { id: "C1".to_owned(), secret: ClientSecret::new(CANARY) };
    let integration = Integration { redirect_uri: "https://x.example".to_owned(), scopes: None };
    let app = App {
        name: AppName::parse("a").unwrap(),
        client: client.clone(),
        kind: AppType::Integration(integration),
        problems: Vec::new(),
        version: String::new(),
    };
    let keys =
        WebhookSecrets { secrets: vec![WebhookSecret::new(CANARY); 2], application_id: None, problems: Vec::new() };
    let registration = Registration {
        id: "1".to_owned(),
        name: "n".to_owned(),
        target_url: "https://x.example".to_owned(),
        resource: "serviceApp".to_owned(),
        event: "authorized".to_owned(),
        filter: None,
        secret: Some(WebhookSecret::new(CANARY)),
        active: true,
    };
    let draft = RegistrationDraft {
        name: "n".to_owned(),
        target_url: "https://x.example".to_owned(),
        event: AppEvent::Authorized,
        application_id: ApplicationId::of_client("C1"),
        secret: WebhookSecret::new(CANARY),
    };
    assert_no_canary(&[
        debug_text(&client),
        debug_text(&app),
        debug_text(&keys),
        debug_text(&registration),
        debug_text(&draft),
    ]);
}

#[test]
fn debug_output_of_requests_holds_no_secret() {
    let exchange = json!({"app": "a", "subject": "b", "code": CANARY, "redirect_uri": "x", "code_verifier": CANARY,
        "link": CANARY});
    let exchange: Exchange = serde_json::from_value(exchange).unwrap();
    let import = json!({"app": "a", "subject": "b", "access_token": CANARY, "refresh_token": CANARY});
    let import: Import = serde_json::from_value(import).unwrap();
    let code = CodeExchange {
        code: AuthorizationCode::new(CANARY),
        redirect_uri: "x".to_owned(),
        code_verifier: CodeVerifier::new(CANARY),
    };
    let renew = RefresherRequest::Renew(Renew {
        force: false,
        id: GrantId::parse("a/b").unwrap(),
        if_sha256: Some(AccessToken::new(CANARY).fingerprint()),
        reason: Some(Reason::Rejected),
        deadline: None,
    });
    let exchanged = Exchanged { grant: grant(), shown: Some(AccessToken::new(CANARY)) };
    let made = MadeLink { link: LinkToken::new(CANARY), expires_at: Timestamp::UNIX_EPOCH };
    let granted = json!({"state": "active", "access_token": CANARY});
    let granted: Granted = serde_json::from_value(granted).unwrap();
    let guest =
        webex::Guest { id: "1".to_owned(), access_token: AccessToken::new(CANARY), expires_in: SignedDuration::ZERO };
    assert_no_canary(&[
        debug_text(&exchange),
        debug_text(&import),
        debug_text(&code),
        debug_text(&renew),
        debug_text(&exchanged),
        debug_text(&made),
        debug_text(&granted),
        debug_text(&guest),
        debug_text(&RefresherRequest::Exchange(exchange)),
    ]);
    let payload = serde_json::to_string(&renew).unwrap();
    assert_no_canary(&[payload, debug_text(&Deadline::at(Timestamp::UNIX_EPOCH))]);
}

/// A password in a URL.
#[test]
fn error_for_a_malformed_variable_holds_no_secret() {
    for (variable, value) in [
        ("WEBEX_API_BASE", format!("https://ada:{CANARY}@webexapis.com/v1")),
        ("WEBHOOK_URL", format!("https://ada:{CANARY}@hooks.example")),
    ] {
        let lookup = |name: &str| if name == variable { Some(value.clone()) } else { None };
        let refused = refresher::Settings::read(&lookup).unwrap_err();
        assert!(refused.to_string().starts_with(variable), "{refused}");
        assert_no_canary(&[refused.to_string(), debug_text(&refused)]);
    }
}
