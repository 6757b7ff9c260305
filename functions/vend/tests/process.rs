//! The function as a process.

use simulator::lambda::starts_while_a_connection_hangs;

#[tokio::test]
async fn an_outage_of_everything_stops_no_start() -> anyhow::Result<()> {
    starts_while_a_connection_hangs(env!("CARGO_BIN_EXE_vend")).await
}
