//! The adapter against several implementations of Secrets Manager.
//!
//! `contract` holds what must be true of any implementation. It runs against the simulator and against the emulators
//! `moto` and `ministack`, if they are on the `PATH` or where `MOTO_SERVER` and `MINISTACK` point; a known gap of an
//! emulator is skipped by name and with its reason. `faults` needs the simulator's faults; `malformed` has answers that
//! no implementation gives.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod malformed;

use emulator::Emulator;

#[tokio::test]
async fn simulator_keeps_the_contract() {
    let simulator = fixture::simulator().await;
    // The races make 800 versions of one secret in a second; AWS keeps 100 for a day.
    simulator.secrets.version_quota(10_000);
    contract::check(&simulator.secrets.endpoint_url(), &[]).await;
}

#[tokio::test]
async fn moto_keeps_the_contract() {
    let gaps = [
        (
            "replace_restores_a_retired_record",
            "moto accepts writes to a secret that is scheduled for deletion, and leaves it scheduled",
        ),
        ("page_refuses_a_forged_next", "moto answers 500 to a token that is not a number"),
    ];
    if let Some(moto) = Emulator::moto().await {
        contract::check(&moto.endpoint_url, &gaps).await;
    }
}

#[tokio::test]
async fn ministack_keeps_the_contract() {
    let gaps = [(
        "page_refuses_a_forged_next",
        "ministack ignores the NextToken of a batch, because it returns everything in one page",
    )];
    if let Some(ministack) = Emulator::ministack().await {
        contract::check(&ministack.endpoint_url, &gaps).await;
    }
}
