//! Everything outside the refresher, and what must be true of it.

use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use broker_core::clock::{Clock as _, Deadline};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::pair::Pair;
use broker_core::port::{Found, Store as _};
use broker_core::token::AccessToken;
use jiff::{SignedDuration, Timestamp};

use super::clock::ModelClock;
use super::store::ModelStore;
use super::warm_vend::{ENVIRONMENTS, WarmVend};
use super::webex::ModelWebex;
use super::{ORGS, UNNAMED};

/// Where an org stands, as far as a caller of vend can tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// There is a token, and Webex takes it.
    Served,
    /// There is a token, and Webex does not take it.
    ServedADeadToken,
    /// There is none.
    NotServed,
}

/// What an acknowledged fence promises about one org.
#[derive(Default)]
struct Fence {
    /// How often the org has authorised the app.
    authorizations: u32,
    /// A fence was acknowledged, and the org has not authorised again since it was asked for.
    acknowledged: bool,
}

/// An org that had withdrawn when its fence was asked for. An authorisation that comes before the fence is
/// acknowledged may undo it rightly, so the promise holds for this withdrawal alone.
#[derive(Clone, Copy)]
pub(super) struct Withdrawal {
    org: usize,
    authorizations: u32,
}

pub(super) struct World {
    pub(super) clock: ModelClock,
    pub(super) store: ModelStore,
    pub(super) webex: ModelWebex,
    pub(super) orgs: Vec<GrantId>,
    pub(super) vends: [WarmVend; ENVIRONMENTS],
    /// `PACK_ABOVE`.
    pub(super) pack_above: AtomicU32,
    /// What was authorised how often, and fenced when.
    fences: Mutex<[Fence; ORGS]>,
}

impl World {
    pub(super) fn new(rotating: bool) -> Self {
        let clock = ModelClock::new();
        let orgs: Vec<OrgId> =
            (0..ORGS).map(|n| OrgId::parse(&format!("0000000{n}-0000-4000-8000-000000000000")).unwrap()).collect();
        let app = AppName::parse("reports").unwrap();
        let ids = orgs.iter().map(|org| GrantId::new(app.clone(), org.clone().into())).collect();
        let webex = ModelWebex::new(clock.clone(), rotating);
        let store = ModelStore::new(orgs[..UNNAMED].to_vec(), clock.clone(), webex.clone());
        let world = Self {
            vends: [(); ENVIRONMENTS].map(|()| WarmVend::new(&store, &clock)),
            pack_above: AtomicU32::new(0),
            clock,
            store,
            webex,
            orgs: ids,
            fences: Mutex::default(),
        };
        world.seed_minter();
        world
    }

    /// A minter that outlives every history; its own renewal is a story of its own.
    fn seed_minter(&self) {
        let pair = Pair {
            access_token: AccessToken::new(super::webex::MINTER),
            access_token_expires_at: Timestamp::MAX - SignedDuration::from_hours(48),
            refresh_token: None,
            refresh_token_expires_at: None,
            scope: None,
        };
        let pending = Grant::pending(GrantId::parse("minter/default").unwrap(), None);
        let grant = pending.minted(pair, self.clock.now());
        let deadline = Deadline::at(Timestamp::MAX);
        super::run::run_alone(self.store.create(&grant, deadline)).unwrap();
    }

    pub(super) fn org(&self, nth: usize) -> OrgId {
        self.orgs[nth].subject.org().cloned().unwrap()
    }

    pub(super) fn record(&self, nth: usize) -> Option<Grant> {
        match self.store.seen(&self.orgs[nth]) {
            Found::Live(stored) => Some(stored.grant),
            Found::Absent | Found::Retired => None,
        }
    }

    pub(super) fn stands(&self, nth: usize) -> Stands {
        let record = self.record(nth);
        match record.as_ref().and_then(Grant::vendable) {
            Some(pair) if self.webex.is_alive(&pair.access_token) => Stands::Served,
            Some(_) => Stands::ServedADeadToken,
            None => Stands::NotServed,
        }
    }

    pub(super) fn truth(&self, nth: usize) -> Stands {
        if self.webex.is_authorized(&self.org(nth)) { Stands::Served } else { Stands::NotServed }
    }

    pub(super) fn withdrawal(&self, nth: usize) -> Option<Withdrawal> {
        let authorizations = self.fences.lock().unwrap()[nth].authorizations;
        (!self.webex.is_authorized(&self.org(nth))).then_some(Withdrawal { org: nth, authorizations })
    }

    pub(super) fn fence_acknowledged(&self, withdrawal: Withdrawal) {
        let fence = &mut self.fences.lock().unwrap()[withdrawal.org];
        fence.acknowledged |= fence.authorizations == withdrawal.authorizations;
    }

    pub(super) fn authorized_again(&self, nth: usize) {
        let fence = &mut self.fences.lock().unwrap()[nth];
        *fence = Fence { authorizations: fence.authorizations + 1, acknowledged: false };
    }

    /// After an acknowledged fence nothing is vended until the org authorises again.
    pub(super) fn check_fences(&self) {
        for (nth, fence) in self.fences.lock().unwrap().iter().enumerate() {
            let vends = self.record(nth).is_some_and(|grant| grant.state == State::Active);
            assert!(!(fence.acknowledged && vends), "org {nth} is fenced, has not authorised again, and is vended");
        }
    }
}
