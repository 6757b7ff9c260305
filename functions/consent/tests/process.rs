//! The function as a process.

use simulator::lambda::starts_while_upstreams_hang;

#[tokio::test]
async fn process_starts_while_every_service_is_down() -> anyhow::Result<()> {
    starts_while_upstreams_hang(env!("CARGO_BIN_EXE_consent")).await
}
