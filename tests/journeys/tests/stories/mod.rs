//! Stories, told from the outside: Webex and Secrets Manager on one side, a caller on the other.

mod crashes;
mod events;
mod healing;
mod isolation;
mod lag;
mod main_job;
mod one_renewal;
mod outage;
mod pace;
mod races;
mod registrations;

use jiff::SignedDuration;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Past the contract's default for `FENCE_SETTLE`.
const SETTLED: SignedDuration = SignedDuration::from_secs(301);
