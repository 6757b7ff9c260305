//! Whether the refresher answers, and what it says about sweeps and the minter.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Check;
use crate::attention;
use crate::broker::Broker;
use crate::exit::Exit;
use crate::fleet::Fleet;
use crate::format;
use crate::session::Session;

/// Time without a sweep from which on something is wrong: the longest interval of the template is two hours.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(4);

/// Asks for the first page of `status`. Returns whether the refresher answered.
pub(super) async fn examine(session: &Session<'_>, broker: &Broker, checks: &mut Vec<Check>) -> bool {
    let answer = match broker.ask("status", json!({})).await {
        Ok(answer) => answer,
        Err(failure) if failure.exit == Exit::Failed => {
            checks.push(Check::unknown("refresher", &failure));
            return true;
        }
        Err(failure) => {
            checks.push(Check::broken("refresher", &failure));
            return false;
        }
    };
    let fleet = match Fleet::of(&answer) {
        Ok(fleet) => fleet,
        Err(failure) => {
            checks.push(Check::unknown("refresher", &failure));
            return true;
        }
    };
    let number = format::count(fleet.apps.len() as u64, "app");
    checks.push(Check::ok("refresher", format!("{} answers; it knows {number}", broker.deployment.refresher)));
    let now = session.machine.now();
    checks.extend(sweeps(&fleet, now));
    let is_complete = answer["next"].is_null();
    let attention = attention::find(&fleet, &broker.deployment, is_complete, now);
    checks.push(match attention.len() {
        0 => Check::ok("grants", "nothing needs a person"),
        number => Check::warn("grants", format!("{number} things need a person"), "wtb status"),
    });
    true
}

fn sweeps(fleet: &Fleet, now: Timestamp) -> Option<Check> {
    let latest = fleet.apps.iter().filter_map(|app| app.last_sweep_at).max()?;
    let what = format!("the last one was {}", format::ago(Some(latest), now));
    if now.duration_since(latest) > LONGEST_PAUSE {
        let todo = "infra/RUNBOOK.md, \"Sweeps fail or do not happen\"";
        return Some(Check::fail("sweeps", what, todo));
    }
    Some(Check::ok("sweeps", what))
}
