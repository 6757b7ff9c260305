//! The vault against Secrets Manager: one contract, several stand-ins.
//!
//! `contract` holds what must be true of any store, ours or not. `referee` starts the stand-ins that we did not write,
//! `moto` and `ministack`, if they are on the `PATH` or where `MOTO_SERVER` and `MINISTACK` say; a known gap of theirs
//! is left out by name and with its reason. `faults` needs a store that can be told to fail, which only our simulator
//! can; `odd` has answers that not even that one gives.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod referee;
#[cfg(test)]
mod shop;

use referee::Emulator;

#[tokio::test]
async fn the_simulator_keeps_the_contract() {
    let simulator = shop::simulator().await;
    // The races make 800 versions of one secret in a second; AWS keeps 100 for a day.
    simulator.secrets.version_quota(10_000);
    contract::check(&simulator.secrets.endpoint_url(), &[]).await;
}

#[tokio::test]
async fn moto_keeps_the_contract() {
    let gaps = [
        (
            "a_write_takes_a_retired_record_back",
            "moto takes puts and moves on a secret that is scheduled for deletion, and leaves it scheduled",
        ),
        ("a_forged_next_is_told_from_an_outage", "moto answers 500 to a token that is no number"),
    ];
    if let Some(moto) = Emulator::moto().await {
        contract::check(&moto.endpoint_url, &gaps).await;
    }
}

#[tokio::test]
async fn ministack_keeps_the_contract() {
    let gaps = [(
        "a_forged_next_is_told_from_an_outage",
        "ministack ignores the NextToken of a batch, since it gives everything in one page",
    )];
    if let Some(ministack) = Emulator::ministack().await {
        contract::check(&ministack.endpoint_url, &gaps).await;
    }
}
