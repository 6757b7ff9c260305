//! Round trips against the simulator, which is an independent reading of the same documents.

use broker_core::app::Client;
use broker_core::id::{ApplicationId, OrgId};
use broker_core::pair::TokenResponse;
use broker_core::port::{AppEvent, CodeExchange, RegistrationDraft, Webex as _, WebexError, WebexErrorKind};
use broker_core::token::{AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, RefreshToken, WebhookSecret};
use broker_core::verdict::MintVerdict;
use simulator::webex::{Challenge, Endpoint, Fault, OAuthErrors};
use simulator::{Clock as SimulatedClock, Options, Simulator};
use webex::WebexApi;

use crate::support::*;

const REDIRECT: &str = "https://consent.example/callback";
const SCOPES: [&str; 3] = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];

struct Platform {
    simulator: Simulator,
    clock: TestClock,
    api: WebexApi<TestClock>,
    integration: Client,
    bearer: AccessToken,
}

impl Platform {
    async fn start() -> Self {
        let clock = TestClock::new();
        let options = Options::new(SimulatedClock::fixed(broker_core::clock::Clock::now(&clock)));
        let simulator = Simulator::start(options).await.unwrap();
        let webex = &simulator.webex;
        let app = webex.register_integration("ada", &SCOPES, REDIRECT);
        let bearer = webex.grant_integration(&app, "ada").unwrap().access_token;
        Self {
            api: WebexApi::new(webex.base_url().parse().unwrap(), clock.clone()),
            integration: client_of(app.client_id, app.client_secret),
            bearer: AccessToken::new(bearer),
            simulator,
            clock,
        }
    }

    fn deadline(&self) -> broker_core::clock::Deadline {
        self.clock.deadline_in(seconds(600))
    }

    /// A pair for an org that has authorised a Service App, and that app.
    async fn minted(&self) -> (Client, TokenResponse) {
        let webex = &self.simulator.webex;
        let app = webex.register_service_app("ada", &["guest-issuer:write"]);
        let org = webex.add_org("customer");
        webex.authorize(&app, &org);
        let client = client_of(app.client_id, app.client_secret);
        let issued = self.mint(&client, &org).await.unwrap();
        (client, issued)
    }

    /// Mints for `org` with the application of `client`.
    async fn mint(&self, client: &Client, org: &str) -> Result<TokenResponse, WebexError> {
        let org = OrgId::parse(org).unwrap();
        let application = ApplicationId::of_client(&client.id);
        self.api.mint(client, &application, &org, &self.bearer, self.deadline()).await
    }

    async fn exchange(&self, code: &str) -> Result<TokenResponse, WebexError> {
        let exchange = CodeExchange {
            code: AuthorizationCode::new(code),
            redirect_uri: REDIRECT.to_owned(),
            code_verifier: CodeVerifier::new("verifier"),
        };
        self.api.exchange(&self.integration, &exchange, self.deadline()).await
    }

    fn code(&self) -> String {
        let challenge = Some(Challenge::s256("verifier"));
        let webex = &self.simulator.webex;
        webex.authorization_code(&self.integration.id, "ada", &["spark:all"], REDIRECT, challenge)
    }

    fn asked(&self, endpoint: Endpoint) -> usize {
        self.simulator.webex.journal().count(endpoint)
    }
}

fn client_of(id: String, secret: String) -> Client {
    let secret = ClientSecret::new(secret);
    Client { id, secret }
}

#[tokio::test]
async fn minted_pair_can_be_used_and_refreshed() {
    let platform = Platform::start().await;
    let (client, issued) = platform.minted().await;
    let (api, deadline) = (&platform.api, platform.deadline());
    let end = api.token_expiry(&issued.access_token, deadline).await.unwrap();
    assert_eq!(end, broker_core::clock::Clock::now(&platform.clock) + issued.expires_in);

    let guest = api.guest(&issued.access_token, "s", "Ann", deadline).await.unwrap();
    assert!(!guest.id.is_empty() && guest.expires_in.is_positive());

    let refresh_token = issued.refresh_token.unwrap();
    let refreshed = api.refresh(&client, &refresh_token, deadline).await.unwrap();
    assert!(platform.simulator.webex.is_alive(refreshed.access_token.expose()));
}

#[tokio::test]
async fn dead_refresh_token_is_recognised_in_each_envelope() {
    let platform = Platform::start().await;
    let (client, _) = platform.minted().await;
    for (spelling, code) in [
        (OAuthErrors::Envelope, "invalid_grant"),
        (OAuthErrors::Rfc6749, "invalid_grant"),
        (OAuthErrors::BareEnvelope, "http_400"),
    ] {
        platform.simulator.webex.configure(|settings| settings.oauth_errors = spelling);
        let dead = RefreshToken::new("canary-dead");
        let error = platform.api.refresh(&client, &dead, platform.deadline()).await.unwrap_err();
        assert_eq!((error.kind, error.code().as_str()), (WebexErrorKind::Answered(400), code), "{error:?}");
        assert!(error.tracking_id.unwrap().starts_with("ROUTERGW_"));
    }
}

#[tokio::test]
async fn refresh_survives_lost_answers_and_rate_limits() {
    let platform = Platform::start().await;
    let (client, issued) = platform.minted().await;
    let limited = Fault::RateLimited { status: 429, retry_after: Some(9) };
    for fault in [Fault::DropAfterEffect, Fault::Drop, Fault::NonJson(502), limited] {
        platform.simulator.webex.faults().fail_next(Endpoint::Refresh, 1, fault);
    }
    let refresh_token = issued.refresh_token.unwrap();
    platform.api.refresh(&client, &refresh_token, platform.deadline()).await.unwrap();
    assert_eq!(platform.asked(Endpoint::Refresh), 5);
    assert!(platform.clock.sleeps().contains(&seconds(9)));
}

#[tokio::test]
async fn authorization_code_is_exchanged_once() {
    let platform = Platform::start().await;
    let code = platform.code();
    let issued = platform.exchange(&code).await.unwrap();
    assert_eq!(issued.scope.as_deref(), Some("spark:all"));
    assert_eq!(platform.exchange(&code).await.unwrap_err().code(), "invalid_grant");

    let faults = platform.simulator.webex.faults();
    faults.fail_next(Endpoint::Exchange, 1, Fault::DropAfterEffect);
    let error = platform.exchange(&platform.code()).await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::Unreachable);
    assert_eq!(platform.asked(Endpoint::Exchange), 3);
}

#[tokio::test]
async fn webhooks_are_listed_updated_and_deleted() {
    let platform = Platform::start().await;
    let (api, bearer, deadline) = (&platform.api, &platform.bearer, platform.deadline());
    let mut draft = RegistrationDraft {
        application_id: ApplicationId::of_client(&platform.integration.id),
        event: AppEvent::Deauthorized,
        secret: WebhookSecret::new("canary-one"),
        ..draft()
    };
    for _ in 0..101 {
        api.create_webhook(&draft, bearer, deadline).await.unwrap();
    }
    let found = api.list_webhooks(bearer, deadline).await.unwrap();
    assert_eq!((found.len(), platform.asked(Endpoint::ListWebhooks)), (101, 2));

    draft.target_url = "https://elsewhere.example/".to_owned();
    api.update_webhook(&found[0].id, &draft, bearer, deadline).await.unwrap();
    for registration in &found[1..] {
        api.delete_webhook(&registration.id, bearer, deadline).await.unwrap();
    }
    api.delete_webhook(&found[1].id, bearer, deadline).await.unwrap();
    let left = api.list_webhooks(bearer, deadline).await.unwrap();
    let [moved] = &left[..] else { panic!("{left:?}") };
    assert_eq!((moved.target_url.as_str(), moved.active), ("https://elsewhere.example/", true));
    assert_eq!((moved.event.as_str(), moved.resource.as_str()), ("deauthorized", "serviceApp"));
}

#[tokio::test]
async fn block_page_of_a_cdn_gives_no_verdict() {
    let platform = Platform::start().await;
    let (client, issued) = platform.minted().await;
    for endpoint in [Endpoint::Refresh, Endpoint::TokenExpiry, Endpoint::Mint] {
        platform.simulator.webex.faults().fail_next(endpoint, 1, Fault::cdn_block());
    }
    let refresh_token = issued.refresh_token.unwrap();
    let refresh = platform.api.refresh(&client, &refresh_token, platform.deadline()).await.unwrap_err();
    let expiry = platform.api.token_expiry(&issued.access_token, platform.deadline()).await.unwrap_err();
    let mint = platform.mint(&client, ORG).await.unwrap_err();
    for error in [refresh, expiry, mint] {
        assert_eq!((error.kind, error.tracking_id.as_deref()), (WebexErrorKind::Foreign(403), None), "{error:?}");
        assert_eq!(error.mint_verdict(), MintVerdict::Later);
    }
    platform.api.refresh(&client, &refresh_token, platform.deadline()).await.unwrap();
}

#[tokio::test]
async fn refused_mints_name_the_org_or_the_minter() {
    let platform = Platform::start().await;
    let (client, _) = platform.minted().await;
    let org = platform.simulator.webex.add_org("stranger");
    let stranger = platform.mint(&client, &org).await.unwrap_err();
    assert_eq!(stranger.mint_verdict(), MintVerdict::NotAuthorized, "{stranger:?}");
    platform.simulator.webex.faults().fail_next(Endpoint::Mint, 1, Fault::MissingRights);
    let powerless = platform.mint(&client, ORG).await.unwrap_err();
    assert_eq!(powerless.mint_verdict(), MintVerdict::MinterRefused, "{powerless:?}");
}

#[tokio::test]
async fn dead_token_is_proven_dead() {
    let platform = Platform::start().await;
    let dead = AccessToken::new("dead");
    let error = platform.api.token_expiry(&dead, platform.deadline()).await.unwrap_err();
    assert!(error.proves_dead(), "{error:?}");
    let error = platform.api.token_owner(&dead, platform.deadline()).await.unwrap_err();
    assert!(error.proves_dead(), "{error:?}");
}

#[tokio::test]
async fn token_owner_is_known_only_with_a_people_scope() {
    let platform = Platform::start().await;
    let (_, guests_only) = platform.minted().await;
    let found = platform.api.token_owner(&guests_only.access_token, platform.deadline()).await;
    assert_eq!(found.unwrap(), None);

    let webex = &platform.simulator.webex;
    let app = webex.register_service_app("ada", &["spark:people_read"]);
    let org = webex.add_org("reader");
    webex.authorize(&app, &org);
    let client = client_of(app.client_id, app.client_secret);
    let issued = platform.mint(&client, &org).await.unwrap();
    let found = platform.api.token_owner(&issued.access_token, platform.deadline()).await;
    assert_eq!(found.unwrap(), Some(OrgId::parse(&org).unwrap()));
}
