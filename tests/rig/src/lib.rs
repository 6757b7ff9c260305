//! Measures the functions as they are deployed: as processes between a Lambda Runtime API and an AWS of this machine.
//!
//! Read in this order: `runtime` (Lambda), `aws` (Secrets Manager and Lambda's Invoke over TLS), `throttle` (the processor's
//! share of a memory size), [`Function`] (a process), `variant` (which functions, with which variables), `cold`, `warm`,
//! `sweep` and `packing` (what is measured), `report` (text, JSON and picture).

#![expect(clippy::disallowed_methods, reason = "measurements take real time, and read the environment of the machine")]

mod aws;
mod certificates;
mod cold;
pub mod costs;
mod fleet;
mod function;
mod instructions;
mod message;
mod packing;
mod quota;
mod report;
mod runtime;
mod spread;
mod sweep;
mod throttle;
mod variant;
mod warm;

pub use aws::AwsEndpoint;
pub use certificates::Certificates;
pub use cold::{ColdFigures, measure_starts};
pub use function::{Function, FunctionInvocation};
pub use instructions::{InstructionCounts, can_count, count_instructions};
pub use packing::measure_packing;
pub use quota::{QuotaFigures, measure_due, measure_onboarding};
pub use report::{PICTURE_STYLE, Report};
pub use runtime::floor;
pub use spread::Spread;
pub use sweep::{SweepFigures, count_series, measure_sweeps};
pub use throttle::Throttle;
pub use variant::{Binaries, Variant, variants};
pub use warm::{WarmFigures, measure_warm};

/// Locks a mutex. A thread that panicked leaves nothing half written behind.
fn lock<T: ?Sized>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
