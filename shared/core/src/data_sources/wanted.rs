//! The data sources that an operator asks for.

use jiff::SignedDuration;

use super::short_digest;

/// Sweeps that must fit into the life of a data source: it is renewed at half of it, and one sweep may fail.
const SWEEPS_IN_A_LIFE: i32 = 3;

/// One data source that every org of an app is to have: an entry of `data_sources` in the app's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDataSource {
    /// Where Webex delivers.
    pub url: String,
    /// The schema of what is delivered.
    pub schema_id: String,
    /// The claim `aud` of the JWS.
    pub audience: String,
    /// The claim `sub` of the JWS.
    pub subject: String,
    /// The life of the JWS, in minutes.
    pub lifetime_minutes: u32,
    /// Whether one that is disabled is made active again.
    pub reactivate: bool,
}

impl WantedDataSource {
    /// The longest life that Webex grants, in minutes.
    pub const LONGEST_LIFETIME: u32 = 1440;

    /// Data sources of one app. Each takes a tag of the secret of every grant.
    pub const MOST: usize = 4;

    /// The life of the JWS.
    pub fn lifetime(&self) -> SignedDuration {
        SignedDuration::from_mins(self.lifetime_minutes.into())
    }

    /// Why sweeps that are `interval` apart cannot keep it alive, in words.
    pub fn refusal(&self, interval: SignedDuration) -> Option<String> {
        let least = interval * SWEEPS_IN_A_LIFE;
        if self.lifetime() >= least {
            return None;
        }
        Some(format!(
            "data_sources: a lifetime of {} minutes holds fewer than {SWEEPS_IN_A_LIFE} sweeps, so the data source is not \
             kept alive; set lifetime_minutes to at least {}, or sweep more often",
            self.lifetime_minutes,
            least.as_mins()
        ))
    }

    /// The digest of the description, by which a change of it is seen.
    pub fn digest(&self) -> String {
        let Self { url, schema_id, audience, subject, lifetime_minutes, reactivate } = self;
        short_digest(&format!("{url}\n{schema_id}\n{audience}\n{subject}\n{lifetime_minutes}\n{reactivate}"))
    }
}
