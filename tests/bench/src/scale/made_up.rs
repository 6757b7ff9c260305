//! Apps, organisations and tokens of the simulated deployment.

use broker_core::app::{App, AppType, Client, Integration, ServiceApp};
use broker_core::id::{AppName, ApplicationId, GrantId, OrgId};
use broker_core::pair::Pair;
use broker_core::token::{AccessToken, ClientSecret, RefreshToken};
use jiff::{SignedDuration, Timestamp};

/// The life of an access token.
pub const ACCESS_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The life of a refresh token.
pub(super) const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The app that has the grants.
pub(super) const APP: &str = "reports";
/// The app of the minter.
pub(super) const MINTERS_APP: &str = "minter";

/// The organisation of a grant as a number: all are evenly spread, and in order.
fn number_of(n: usize, grants: usize) -> u128 {
    let distance = u128::MAX / grants as u128;
    n as u128 * distance + distance / 2
}

/// The organisation of a grant.
pub(super) fn org_of(n: usize, grants: usize) -> OrgId {
    let hex = format!("{:032x}", number_of(n, grants));
    let text = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    OrgId::parse(&text).unwrap_or_else(|_| panic!("{text} should be an organisation"))
}

/// The pair of a grant.
pub(super) fn pair_of(n: usize, id: &GrantId, issued_at: Timestamp) -> Pair {
    Pair {
        access_token: AccessToken::new(token('a', n, id, issued_at)),
        access_token_expires_at: issued_at + ACCESS_LIFE,
        refresh_token: Some(RefreshToken::new(token('r', n, id, issued_at))),
        refresh_token_expires_at: Some(issued_at + REFRESH_LIFE),
        scope: None,
    }
}

/// A token as long as Webex's: 64 characters, a cluster and the organisation. A million are made for each sweep.
fn token(kind: char, n: usize, id: &GrantId, issued_at: Timestamp) -> String {
    let mut text = String::with_capacity(106);
    text.push(kind);
    push_hex(&mut text, n as u64);
    push_hex(&mut text, issued_at.as_millisecond().unsigned_abs());
    text.push_str("0123456789abcdef0123456789abcde_PF84_");
    text.push_str(id.subject.as_str());
    text
}

fn push_hex(text: &mut String, number: u64) {
    for place in (0..16).rev() {
        let digit = (number >> (4 * place)) & 15;
        text.push(char::from(b"0123456789abcdef"[digit as usize]));
    }
}

pub(super) fn app_name(text: &str) -> AppName {
    AppName::parse(text).unwrap_or_else(|_| panic!("{text} should be a name"))
}

/// The minter's grant.
pub(super) fn minter() -> GrantId {
    GrantId::parse("minter/default").unwrap_or_else(|error| panic!("{error}"))
}

/// The apps: the minter's, and the one of the grants.
pub(super) fn apps() -> Vec<App> {
    vec![described(MINTERS_APP), described(APP)]
}

/// The app as its secret describes it.
pub(super) fn described(text: &str) -> App {
    let kind = match text {
        APP => AppType::ServiceApp(ServiceApp {
            application_id: ApplicationId::of_client("C1"),
            orgs: Vec::new(),
            data_sources: Vec::new(),
        }),
        _ => AppType::Integration(Integration { redirect_uri: "https://broker.example".to_owned(), scopes: None }),
    };
    let client = Client { id: "C1".to_owned(), secret: ClientSecret::new("secret") };
    App { name: app_name(text), client, kind, problems: Vec::new(), version: "1".to_owned() }
}
