//! The function as a process.

use simulator::lambda::comes_up_in_a_black_hole;

#[tokio::test]
async fn an_outage_of_everything_stops_no_start() -> anyhow::Result<()> {
    comes_up_in_a_black_hole(env!("CARGO_BIN_EXE_webhook")).await
}
