//! The function as a process.

use simulator::lambda::comes_up_in_a_black_hole;

#[tokio::test]
async fn process_starts_while_every_service_is_down() -> anyhow::Result<()> {
    comes_up_in_a_black_hole(env!("CARGO_BIN_EXE_consent")).await
}
