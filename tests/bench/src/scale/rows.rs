//! Many grants in little memory: one that is merely renewed is a time and a version, and is made up when it is read.

use std::collections::BTreeMap;
use std::ops::Range;

use broker_core::app::{App, AppType, Client, Integration, ServiceApp};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, ApplicationId, GrantId, OrgId};
use broker_core::pair::Pair;
use broker_core::port::{GrantsPart, StoreError, Stored, Version};
use broker_core::token::{AccessToken, ClientSecret, RefreshToken};
use jiff::{SignedDuration, Timestamp};

/// The life of an access token.
pub const ACCESS_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The life of a refresh token.
pub(super) const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The app that has the grants.
const APP: &str = "reports";

/// The grants of one app.
pub(super) struct GrantRows {
    pub(super) renewed_at: Vec<Timestamp>,
    /// The grants that are not merely renewed.
    changed: BTreeMap<usize, Grant>,
    versions: Vec<u32>,
}

impl GrantRows {
    pub(super) fn new(renewed_at: Vec<Timestamp>) -> Self {
        Self { versions: vec![1; renewed_at.len()], renewed_at, changed: BTreeMap::new() }
    }

    /// The grants that `part` covers, which are one range because their names are in order.
    pub(super) fn range(&self, part: &GrantsPart) -> Range<usize> {
        let grants = self.renewed_at.len();
        let (app, initial) = match part {
            GrantsPart::All => return 0..grants,
            GrantsPart::App(app) => (app, None),
            GrantsPart::Initial { app, initial } => (app, Some(initial)),
        };
        match initial {
            _ if app.as_str() != APP => 0..0,
            None => 0..grants,
            Some(initial) => match initial.to_digit(16) {
                Some(digit) => first_of(digit, grants)..first_of(digit + 1, grants),
                None => 0..0,
            },
        }
    }

    pub(super) fn find(&self, id: &GrantId) -> Option<Stored> {
        if id.app.as_str() != APP {
            return None;
        }
        Some(self.stored(grant_of(id, self.renewed_at.len())?))
    }

    pub(super) fn stored(&self, n: usize) -> Stored {
        let version = Version(self.versions[n].to_string());
        if let Some(grant) = self.changed.get(&n) {
            return Stored { grant: grant.clone(), version };
        }
        let app = name(APP);
        let renewed_at = self.renewed_at[n];
        let mut grant = Grant::pending(GrantId::new(app, org_of(n, self.renewed_at.len()).into()), None);
        grant.state = State::Active;
        grant.renewed_at = Some(renewed_at);
        grant.pair = Some(Pair {
            access_token: AccessToken::new(format!("access-{n}")),
            access_token_expires_at: renewed_at + ACCESS_LIFE,
            refresh_token: Some(RefreshToken::new(format!("refresh-{n}"))),
            refresh_token_expires_at: Some(renewed_at + REFRESH_LIFE),
            scope: None,
        });
        Stored { grant, version }
    }

    pub(super) fn replace(&mut self, grant: &Grant, read: &Version) -> Result<Version, StoreError> {
        let Some(n) = grant_of(&grant.id, self.renewed_at.len()) else { return Err(StoreError::Conflict) };
        if self.versions[n].to_string() != read.0 {
            return Err(StoreError::Conflict);
        }
        self.versions[n] += 1;
        let is_plain = grant.state == State::Active && grant.failure.is_none() && grant.renewing_since.is_none();
        match (is_plain, grant.renewed_at) {
            (true, Some(renewed_at)) => {
                self.renewed_at[n] = renewed_at;
                self.changed.remove(&n);
            }
            _ => drop(self.changed.insert(n, grant.clone())),
        }
        Ok(Version(self.versions[n].to_string()))
    }
}

/// The first grant whose organisation begins with a hexadecimal `digit` or a later one.
fn first_of(digit: u32, grants: usize) -> usize {
    let (mut first, mut end) = (0, grants);
    while first < end {
        let middle = usize::midpoint(first, end);
        if place(middle, grants) >> 124 < u128::from(digit) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    first
}

/// The organisation of a grant as a number: all are evenly spread, and in order.
fn place(n: usize, grants: usize) -> u128 {
    let distance = u128::MAX / grants as u128;
    n as u128 * distance + distance / 2
}

fn org_of(n: usize, grants: usize) -> OrgId {
    let hex = format!("{:032x}", place(n, grants));
    let text = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    OrgId::parse(&text).unwrap_or_else(|_| panic!("{text} should be an organisation"))
}

fn grant_of(id: &GrantId, grants: usize) -> Option<usize> {
    let place = u128::from_str_radix(&id.subject.as_str().replace('-', ""), 16).ok()?;
    usize::try_from(place / (u128::MAX / grants as u128)).ok()
}

fn name(text: &str) -> AppName {
    AppName::parse(text).unwrap_or_else(|_| panic!("{text} should be a name"))
}

/// The apps: the minter's, which has no grant here, and the one of the grants.
pub(super) fn apps() -> Vec<App> {
    vec![described("minter"), described(APP)]
}

fn described(text: &str) -> App {
    let kind = match text {
        APP => AppType::ServiceApp(ServiceApp {
            application_id: ApplicationId::of_client("C1"),
            orgs: Vec::new(),
            data_sources: Vec::new(),
        }),
        _ => AppType::Integration(Integration { redirect_uri: "https://broker.example".to_owned(), scopes: None }),
    };
    let client = Client { id: "C1".to_owned(), secret: ClientSecret::new("secret") };
    App { name: name(text), client, kind, problems: Vec::new(), version: "1".to_owned() }
}
