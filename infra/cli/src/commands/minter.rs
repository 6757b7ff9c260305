//! `wtb minter`: the grant that mints.

use std::fmt::Write as _;

mod connect;

use serde_json::json;

use super::{grant, status};
use crate::arguments::MinterArguments;
use crate::attention;
use crate::broker::{Broker, grant_body};
use crate::failure::Failure;
use crate::fleet::Fleet;
use crate::report::Report;
use crate::session::Session;
use broker_core::id::GrantId;

pub(super) use connect::connect;

/// Shows the minter and whether it is to be replaced.
pub(super) async fn show(session: &Session<'_>, arguments: &MinterArguments) -> Result<Report, Failure> {
    let mut broker = Broker::reader(session).await?;
    let id = minter(&mut broker, arguments)?;
    let grants = match broker.ask("status", grant_body(&id)).await {
        Ok(answer) => answer["grants"].clone(),
        Err(failure) if ["not_found", "unknown_app"].contains(&failure.code.as_str()) => json!([]),
        Err(failure) => return Err(failure),
    };
    let fleet = Fleet::of(&json!({ "apps": [], "grants": grants }))?;
    let (look, now) = (session.look(), session.machine.now());
    let attention = attention::find(&fleet, &broker.deployment, true, now);
    let mut text = status::attention_text(&attention, true, look);
    if let Some(minter) = fleet.grants.first() {
        let _ = write!(text, "\n{}", grant::describe(&id, minter, look, now));
    }
    let json = json!({ "minter": grants[0], "attention": attention });
    Ok(Report::ok(text, json).needs_person(!attention.is_empty()))
}

/// The minter's grant: the one given, or the deployment's.
fn minter(broker: &mut Broker, arguments: &MinterArguments) -> Result<GrantId, Failure> {
    if let Some(id) = &arguments.minter {
        broker.deployment.minter = id.to_string();
    }
    broker.deployment.minter_id()
}
