//! The store port over AWS Secrets Manager.
//!
//! Read in this order: `names` (what is called how), `document` (what stands in a secret), `store` (the port itself:
//! reads, the compare-and-swap, retiring, scans and pages), `cache` (what a warm door keeps in memory).
//!
//! Architecture invariants:
//! - A write replaces exactly the version that was read: the new version is put under a private staging label, then
//!   `AWSCURRENT` moves with `RemoveFromVersionId` = the version read. Nothing else ever moves it.
//! - No content of a secret is in an error, a log line or a `Debug` output. Reasons name the field and what was
//!   expected there, never what was found.
//! - Every call that counts against an account's quota of writes or lists takes a slot of `pace` first.
//!
//! Who uses what, and the IAM actions that it takes:
//! - vend: [`CachedGrants`] and [`SecretsManagerStore::page`]: `GetSecretValue`, `BatchGetSecretValue`, `ListSecrets`.
//! - webhook: [`CachedKeys`]: `GetSecretValue`.
//! - refresher: [`SecretsManagerStore`]: the same three and `CreateSecret`, `TagResource` (a record is tagged as it is
//!   made), `PutSecretValue`, `UpdateSecretVersionStage`, `DescribeSecret`, `DeleteSecret`, `RestoreSecret`.
//!
//! `BatchGetSecretValue` and `ListSecrets` take no resource but `*`; what a batch may read is decided by
//! `GetSecretValue` on each secret.

mod cache;
mod client;
mod document;
mod error;
mod names;
mod pace;
mod store;
#[cfg(test)]
mod testing;

pub use cache::{CachedGrants, CachedKeys, Held, Lookup, Record, Standing};
pub use client::{client, sdk_settings};
pub use store::{Page, PageError, SecretsManagerStore};
