//! The figures of many sweeps together, and what they cost.

use jiff::SignedDuration;

use super::SweepFigures;
use super::made_up::ACCESS_LIFE;
use super::quota::Calls;
use super::store::SecretHours;

/// Writes a second that an account may make.
const QUOTA: f64 = 50.0;
/// Hours of a month.
const MONTH: f64 = 730.0;

/// The figures of a run.
#[derive(Debug, Clone)]
pub struct RunFigures {
    /// Hours, of which each had a sweep.
    pub hours: u32,
    /// The longest sweep.
    pub longest: SignedDuration,
    /// The greatest share of the quota of writes in a sweep that took ten seconds or more.
    pub busiest: f64,
    /// The grants that a sweep left to the next one, at most.
    pub deferred: u32,
    /// Life left in the access token that came closest to its end.
    pub least_life: SignedDuration,
    /// Calls to Secrets Manager.
    pub calls: Calls,
    /// Calls to Webex.
    pub webex_calls: u64,
    /// Secrets, times the hours that they existed.
    pub secret_hours: SecretHours,
    /// Pairs that were refreshed.
    pub renewed: u64,
    /// The greatest share of throttled writes in an hour.
    pub throttled: f64,
}

/// List prices of US East (N. Virginia), from <https://aws.amazon.com/secrets-manager/pricing/>.
#[derive(Debug, Clone, Copy)]
pub struct Prices;

impl Prices {
    /// Of a secret, in a month.
    pub const SECRET: f64 = 0.40;
    /// Of a call.
    pub const CALL: f64 = 0.05 / 10_000.0;
    /// The secrets beside grants and packs: the apps', the webhooks' and the minter's.
    pub const OTHER_SECRETS: f64 = 6.0;
}

impl Default for RunFigures {
    fn default() -> Self {
        Self {
            hours: 0,
            longest: SignedDuration::ZERO,
            busiest: 0.0,
            deferred: 0,
            least_life: ACCESS_LIFE,
            calls: Calls::default(),
            webex_calls: 0,
            secret_hours: SecretHours::default(),
            renewed: 0,
            throttled: 0.0,
        }
    }
}

impl RunFigures {
    /// Adds one sweep.
    pub fn add(&mut self, sweep: &SweepFigures) {
        let took = sweep.took.as_secs_f64();
        self.hours += 1;
        self.longest = self.longest.max(sweep.took);
        if took >= 10.0 {
            self.busiest = self.busiest.max(float(sweep.writes_of_sweep) / took / QUOTA);
        }
        self.deferred = self.deferred.max(sweep.report.deferred);
        self.least_life = self.least_life.min(sweep.oldest);
        self.calls.extend(&sweep.calls);
        self.webex_calls += sweep.webex_calls;
        self.secret_hours.own += sweep.hours.own;
        self.secret_hours.packs += sweep.hours.packs;
        self.renewed += u64::from(sweep.report.renewed);
        let writes = float(sweep.calls.writes().max(1));
        self.throttled = self.throttled.max(float(sweep.calls.throttled) / writes);
    }

    /// A number of the run, as it is in one day.
    pub fn a_day(&self, number: u64) -> f64 {
        float(number) * 24.0 / f64::from(self.hours)
    }

    /// The share of the quota of writes over the whole run.
    pub fn average(&self) -> f64 {
        float(self.calls.most_in_a_quota()) / (f64::from(self.hours) * 3_600.0) / QUOTA
    }

    /// The grants' own secrets, on average.
    pub fn own_secrets(&self) -> f64 {
        self.secret_hours.own / f64::from(self.hours)
    }

    /// Packs, on average.
    pub fn packs(&self) -> f64 {
        self.secret_hours.packs / f64::from(self.hours)
    }

    /// Dollars a month for the calls.
    pub fn dollars_of_calls(&self) -> f64 {
        float(self.calls.all()) * MONTH / f64::from(self.hours) * Prices::CALL
    }

    /// Dollars a month for storage and sweeps.
    pub fn dollars(&self) -> f64 {
        (self.own_secrets() + self.packs() + Prices::OTHER_SECRETS) * Prices::SECRET + self.dollars_of_calls()
    }
}

/// A number of calls, secrets or bytes.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn float(number: u64) -> f64 {
    number as f64
}
