//! Configuration from the environment.

use jiff::SignedDuration;
use lambda_kit::base_path::BasePath;
use lambda_kit::config::{InvalidConfig, Lookup, Reader, Variable};

const METRICS_STACK: Variable = Variable::optional("METRICS_STACK");
const SECRET_PREFIX: Variable = Variable::with_default("SECRET_PREFIX", "webex-token-broker/");
const REFRESHER_FUNCTION: Variable = Variable::with_default("REFRESHER_FUNCTION", "refresher");
const CACHE_TTL: Variable = Variable::with_default("CACHE_TTL", "60");
const BASE_PATH: Variable = Variable::optional("BASE_PATH");
const ALLOW_ENVELOPE_ORG: Variable = Variable::with_default("ALLOW_ENVELOPE_ORG", "false");

/// The variables that this function reads.
pub const VARIABLES: &[Variable] =
    &[METRICS_STACK, SECRET_PREFIX, REFRESHER_FUNCTION, CACHE_TTL, BASE_PATH, ALLOW_ENVELOPE_ORG];

/// The settings of the webhook function.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `METRICS_STACK`: the value of the metrics' dimension `stack`; `None` for metrics without it.
    pub metrics_stack: Option<String>,
    /// `SECRET_PREFIX`: prefix of the names of all secrets.
    pub secret_prefix: String,
    /// `REFRESHER_FUNCTION`: name or ARN of the function that takes the events.
    pub refresher_function: String,
    /// `CACHE_TTL`: how long webhook secrets are cached.
    pub cache_ttl: SignedDuration,
    /// `BASE_PATH`: the path below which the function answers.
    pub base_path: BasePath,
    /// `ALLOW_ENVELOPE_ORG`: whether the envelope's `orgId` replaces a missing `data.authorizerOrgId`.
    pub allow_envelope_org: bool,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let metrics_stack = env.metric_dimension(METRICS_STACK);
        let secret_prefix = env.secret_prefix(SECRET_PREFIX);
        let refresher_function = env.lambda_function(REFRESHER_FUNCTION);
        let cache_ttl = env.seconds(CACHE_TTL, &(0..=3_600));
        let base_path = env.base_path(BASE_PATH);
        let allow_envelope_org = env.flag(ALLOW_ENVELOPE_ORG);
        env.finish(|| {
            Some(Self {
                metrics_stack: metrics_stack?,
                secret_prefix: secret_prefix?,
                refresher_function: refresher_function?,
                cache_ttl: cache_ttl?,
                base_path: base_path?,
                allow_envelope_org: allow_envelope_org?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use lambda_kit::config::testing::{assert_reads_exactly, assert_refused_by_name};

    use super::*;

    #[test]
    fn settings_read_exactly_the_declared_variables() {
        assert_reads_exactly(VARIABLES, Settings::read);
    }

    #[test]
    fn malformed_variables_are_refused_by_name() {
        assert_refused_by_name(
            &[
                ("SECRET_PREFIX", "a b/"),
                ("REFRESHER_FUNCTION", "a b"),
                ("CACHE_TTL", "1h"),
                ("BASE_PATH", "a b"),
                ("ALLOW_ENVELOPE_ORG", "1"),
                ("METRICS_STACK", " "),
            ],
            Settings::read,
        );
    }
}
