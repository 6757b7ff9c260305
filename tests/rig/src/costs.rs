//! What a deployment costs in a month: calls as counted, times list prices.

mod prices;
mod text;

use serde::Serialize;

pub use text::{cost_picture, cost_tables};

use prices::Prices;

const HOURS: f64 = 730.0;
const MINUTES: f64 = HOURS * 60.0;
/// Organisations' pairs are renewed between 40 and 50 % of 14 days, and packed ones up to eight hours before that.
const RENEWALS: f64 = HOURS / 24.0 / 6.13;
/// Calls for one renewal: the new version, and the move of its label (`examples/budgets.rs` holds it).
const CALLS_OF_A_RENEWAL: f64 = 2.0;
/// Records in a page of `BatchGetSecretValue`.
const PAGE: f64 = 20.0;
/// Calls of an idle sweep beside its pages.
const CALLS_OF_A_SWEEP: f64 = 8.0;
/// Names in a page of `ListSecrets`.
const NAMES: f64 = 100.0;
/// Characters that a record takes in a pack, where it is compressed (`document::pack::tests` holds it), and of a full pack.
const RECORD: f64 = 360.0;
const PACK: f64 = 48.0 * 1_024.0;
/// How full packs are on average: a full one is halved.
const FILLED: f64 = 0.7;
/// Calls to renew a packed grant and to pack it again: claim, restore, claim, move, put, move, describe, delete, describe.
const CALLS_OF_A_PACKED_RENEWAL: f64 = 12.0;
/// Times a day that a pack is written, and calls for that: read, put, move.
const PACKINGS: f64 = 4.0;
const CALLS_OF_A_PACKING: f64 = 3.0;
/// Passes of a sweep over all packs.
const PASSES: f64 = 2.0;
/// The apps', the webhooks' and the minter's.
const SECRETS_BESIDE_GRANTS: f64 = 6.0;
/// Alarms of the template that no parameter turns on.
const ALARMS: f64 = 22.0;
/// Megabytes of memory of each function, and the milliseconds that Lambda bills for a warm vend.
const MEMORY: f64 = 256.0;
const BILLED: f64 = 2.0;
/// Pages that a sweep reads in a second, and writes.
const PAGES_A_SECOND: f64 = 40.0;
const WRITES_A_SECOND: f64 = 48.0;

/// Hours that a renewed grant has a secret of its own before it is packed again: until the next hourly sweep, and a minute.
pub(crate) const HOURS_ALONE: f64 = 1.02;

/// How grants are stored.
#[derive(Debug, Clone, Copy, Serialize)]
pub enum Layout {
    /// A secret for each.
    Single,
    /// Packs, and a secret of its own for so many hours after a renewal.
    Packed {
        /// The hours.
        hours_alone: f64,
    },
}

/// What is measured for the calculation.
#[derive(Debug, Clone, Copy)]
pub struct MeasuredLoad {
    /// Bytes that a vend logs.
    pub bytes: f64,
    /// Metrics that are recorded in each hour.
    pub series: f64,
}

/// A month, in dollars.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MonthlyCost {
    /// Organisations.
    pub organisations: f64,
    /// How they are stored.
    pub layout: Layout,
    /// Secrets.
    pub storage: f64,
    /// Calls of sweeps, renewals and packing.
    pub sweeps: f64,
    /// Calls of vend, each organisation's token asked for once a minute.
    pub vend: f64,
    /// Requests and time of all functions.
    pub lambda: f64,
    /// Lines of vend, each organisation's token asked for once a minute.
    pub logs: f64,
    /// Custom metrics.
    pub metrics: f64,
    /// Alarms.
    pub alarms: f64,
}

impl MonthlyCost {
    /// The cost of one app's `organisations` with hourly sweeps.
    pub fn of(organisations: f64, layout: Layout, measured: MeasuredLoad) -> Self {
        let prices = Prices::list();
        let (secrets, calls) = match layout {
            Layout::Single => (organisations, single_calls(organisations)),
            Layout::Packed { hours_alone } => {
                let alone = organisations * RENEWALS * hours_alone / HOURS;
                (packs(organisations) + alone, packed_calls(organisations, alone))
            }
        };
        let vends = organisations * MINUTES;
        let renewals = organisations * RENEWALS;
        let sweeping = HOURS * pages(secrets) / PAGES_A_SECOND + renewals / WRITES_A_SECOND;
        let gigabyte_seconds = (vends * BILLED / 1_000.0 + sweeping) * MEMORY / 1_024.0;
        // One look at the app's mark a minute, and a record once after its renewal and in the last quarter of its life.
        let vend_calls = MINUTES + renewals;
        Self {
            organisations,
            layout,
            storage: (secrets + SECRETS_BESIDE_GRANTS) * prices.secret,
            sweeps: calls * prices.call,
            vend: vend_calls * prices.call,
            lambda: (vends + HOURS) * prices.request + gigabyte_seconds * prices.gigabyte_second,
            logs: vends * measured.bytes / 1e9 * prices.log_gigabyte,
            metrics: measured.series * prices.series,
            alarms: ALARMS * prices.alarm,
        }
    }

    /// Storage and sweeps of an organisation.
    pub fn storage_and_sweeps(&self) -> f64 {
        (self.storage + self.sweeps) / self.organisations
    }

    /// Everything.
    pub fn total(&self) -> f64 {
        self.storage + self.sweeps + self.vend + self.lambda + self.logs + self.metrics + self.alarms
    }
}

fn packs(organisations: f64) -> f64 {
    (organisations * RECORD / (PACK * FILLED)).ceil()
}

fn pages(secrets: f64) -> f64 {
    (secrets / PAGE).ceil()
}

/// A sweep looks for secrets that wait for deletion in error.
fn lists(organisations: f64) -> f64 {
    (organisations / NAMES).ceil()
}

fn single_calls(organisations: f64) -> f64 {
    HOURS * (CALLS_OF_A_SWEEP + pages(organisations) + lists(organisations))
        + organisations * RENEWALS * CALLS_OF_A_RENEWAL
}

fn packed_calls(organisations: f64, alone: f64) -> f64 {
    let sweeps =
        HOURS * (CALLS_OF_A_SWEEP + PASSES * pages(packs(organisations)) + pages(alone) + lists(organisations));
    let packings = packs(organisations) * PACKINGS * HOURS / 24.0 * CALLS_OF_A_PACKING;
    sweeps + packings + organisations * RENEWALS * CALLS_OF_A_PACKED_RENEWAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_organisations_cost_a_few_dollars_packed() {
        let measured = MeasuredLoad { bytes: 800.0, series: 14.0 };
        let single = MonthlyCost::of(1_000.0, Layout::Single, measured);
        assert!(single.storage_and_sweeps() > 0.4, "{single:?}");
        let packed = MonthlyCost::of(1_000.0, Layout::Packed { hours_alone: HOURS_ALONE }, measured);
        assert!(packed.storage_and_sweeps() <= 0.01, "{packed:?}");
        assert!(packed.vend < 5.0, "{packed:?}");
    }
}
