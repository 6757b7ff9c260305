//! Getting a better pair for one grant. The arrows point one way: `heal` uses `refresh` and `mint`, `mint` uses `minter`,
//! `minter` uses `refresh`; `failures` records how each attempt ended.

mod failures;
mod heal;
mod mint;
mod minter;
mod org_name;
mod outcome;
mod refresh;

pub(crate) use failures::{log_result, record_result, wants_more_time};
pub(crate) use heal::{heal, mint_or_retire, retire_unannounced};
pub(crate) use mint::{mint, mint_with, store_minted};
pub(crate) use minter::{bearer, is_alive as minter_is_alive};
pub(crate) use outcome::RenewalOutcome;
pub(crate) use refresh::{ClaimResult, claim, holds_same_pair, refresh};
