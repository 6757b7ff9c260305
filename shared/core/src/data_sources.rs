//! Data sources ("bring your own data source"), the second clock of a Service App: Webex signs a token (a JWS) for each
//! of them, which ends after at most a day, and then stops delivering.
//!
//! The rules without I/O: `wanted` says what an operator asks for, `record` what is known about one of them and when
//! it is looked at again, `remote` what Webex lists, and `step` what follows from all three.
//!
//! Architecture invariant: Webex is the truth and a record is a hint when to look. A record that is lost or old costs a
//! call, and never a second data source, because the broker finds its own by URL and subject.

mod record;
mod remote;
mod step;
mod wanted;

use sha2::{Digest as _, Sha256};

pub use record::{DataSourceFailure, DataSourceRecord, DataSourceRecords};
pub use remote::RemoteDataSource;
pub use step::{DataSourceStep, duplicates_of, find, step_for};
pub use wanted::WantedDataSource;

/// The first 8 hexadecimal digits of the SHA-256 of a text: enough to see that it has changed.
pub fn short_digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..4])
}

#[cfg(test)]
mod tests;
