//! The agent between stubs.

#![expect(clippy::unwrap_used, reason = "an unwrap that fails in a test fails that test")]
