//! The store port over AWS Secrets Manager.
//!
//! Read in this order: `names` (names of secrets), `document` (their JSON), `store` (the port itself: reads, the
//! compare-and-swap, retirement, scans and pages), `walk` (the pages of a scan), `packed` (grants in packs), `cache` (what
//! warm HTTP functions keep in memory).
//!
//! Architecture invariants:
//! - A write replaces exactly the version that was read: the new version is put under a private staging label, then
//!   `AWSCURRENT` moves with `RemoveFromVersionId` = the version read. Nothing else ever moves `AWSCURRENT`.
//! - No content of a secret appears in an error, a log line or a `Debug` output. Reasons name the field and what was
//!   expected there, never what was found.
//! - Every call that counts against an account's quota of writes or lists takes a slot of `rate_limit` first.
//!
//! Each function uses a part of this crate and needs these IAM actions:
//! - vend: [`CachedGrants`] and [`SecretsManagerStore::page`]: `GetSecretValue`, `BatchGetSecretValue`, `ListSecrets`.
//! - webhook: [`CachedWebhookSecrets`]: `GetSecretValue`.
//! - refresher: [`SecretsManagerStore`]: the same three and `CreateSecret`, `TagResource` (`CreateSecret` tags the
//!   record), `PutSecretValue`, `UpdateSecretVersionStage`, `UpdateSecret`, `DescribeSecret`, `DeleteSecret`,
//!   `RestoreSecret`.
//!
//! `BatchGetSecretValue` and `ListSecrets` take no resource but `*`; what a batch may read is decided by
//! `GetSecretValue` on each secret.

mod cache;
mod client;
mod document;
mod error;
mod names;
mod pack;
mod packed;
mod rate_limit;
mod store;
#[cfg(test)]
mod testing;
mod walk;

pub use cache::{CacheLookup, CachedGrant, CachedGrants, CachedPair, CachedWebhookSecrets};
pub use client::{client, sdk_settings};
pub use pack::{IsPacked, Pack, PackId, PackKey, PackNumber, PackStore, PacksPage, RetiredSecret, StoredPack};
pub use packed::PackedStore;
pub use rate_limit::{CallRateLimit, WriteRateLimits};
pub use store::{MOST_READS, Page, PageError, SecretsManagerStore};
pub use walk::{Beginning, PageOfNames, PagesByPrefix, walk};

/// The store of a deployment.
pub type GrantStore<C> = PackedStore<SecretsManagerStore<C>, C>;
