//! Configuration from the environment.

use broker_core::id::GrantId;
use client::SigningFront;
use lambda_kit::config::{InvalidConfig, InvalidVariable, Lookup, Reader, Variable};
use url::Url;

const METRICS_STACK: Variable = Variable::optional("METRICS_STACK");
const WEBEX_API_BASE: Variable = Variable::with_default("WEBEX_API_BASE", "https://webexapis.com/v1");
const MINTER: Variable = Variable::with_default("MINTER", "minter/default");
const VEND_URL: Variable = Variable::optional("VEND_URL");
const VEND_SIGNING_NAME: Variable = Variable::with_default("VEND_SIGNING_NAME", "lambda");
const PROBE_GRANT: Variable = Variable::optional("PROBE_GRANT");
const PROBE_STRANGER_ROLE: Variable = Variable::optional("PROBE_STRANGER_ROLE");
const CALLERS: Variable = Variable::optional("CALLERS");

/// The variables that this function reads.
pub const VARIABLES: &[Variable] =
    &[METRICS_STACK, WEBEX_API_BASE, MINTER, VEND_URL, VEND_SIGNING_NAME, PROBE_GRANT, PROBE_STRANGER_ROLE, CALLERS];

/// The settings of the prober.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `METRICS_STACK`: the value of the metrics' dimension `stack`; `None` for metrics without it.
    pub metrics_stack: Option<String>,
    /// `WEBEX_API_BASE`: base URL of the Webex API, where the token is proved.
    pub webex_api_base: Url,
    /// `MINTER`: the grant that vend must refuse to every caller.
    pub minter: GrantId,
    /// `VEND_URL`: base URL of vend. [`crate::build`] refuses to go on without it.
    pub vend_url: Option<Url>,
    /// `VEND_SIGNING_NAME`: the service in signatures for vend, `lambda` or `execute-api`.
    pub signing_service: &'static str,
    /// `PROBE_GRANT`: the grant whose token is asked for. [`crate::build`] refuses to go on without it.
    pub grant: Option<GrantId>,
    /// `PROBE_STRANGER_ROLE`: ARN of a role that reaches vend and that the caller policy must not permit; `None` where
    /// there is no policy.
    pub stranger_role: Option<String>,
    /// `CALLERS=open`: whether vend lets in callers without an identity, so that the unsigned request is left out.
    pub open_callers: bool,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let metrics_stack = env.metric_dimension(METRICS_STACK);
        let webex_api_base = env.webex_api(WEBEX_API_BASE);
        let minter = env.parsed(MINTER, "app/subject, such as minter/default", |text| GrantId::parse(text).ok());
        let vend_url = env.token_url(VEND_URL);
        let signing_service = env.parsed(VEND_SIGNING_NAME, "lambda or execute-api", SigningFront::service_named);
        let grant = env.optional(PROBE_GRANT, |text| {
            GrantId::parse(text)
                .map_err(|_| "app/subject, such as reports/ce861fba-6e2f-49f9-9a84-b354008fac9e".to_owned())
        });
        let stranger_role = env.optional(PROBE_STRANGER_ROLE, parse_role);
        let open_callers = env.open_callers(CALLERS);
        env.finish(|| {
            Some(Self {
                metrics_stack: metrics_stack?,
                webex_api_base: webex_api_base?,
                minter: minter?,
                vend_url: vend_url?,
                signing_service: signing_service?,
                grant: grant?,
                stranger_role: stranger_role?,
                open_callers: open_callers?,
            })
        })
    }

    /// The problem of a variable that has no default and is not set.
    pub(crate) fn missing(variable: &'static str, allowed: &str) -> InvalidConfig {
        InvalidConfig(vec![InvalidVariable::missing(variable, allowed)])
    }
}

fn parse_role(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam", "", _, role] if role.starts_with("role/") => Ok(text.to_owned()),
        _ => Err("the ARN of an IAM role, or not set".to_owned()),
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
                ("METRICS_STACK", " "),
                ("WEBEX_API_BASE", "https://webexapis.com"),
                ("MINTER", "noslash"),
                ("VEND_URL", "http://vend.example"),
                ("VEND_SIGNING_NAME", "s3"),
                ("PROBE_GRANT", "reports"),
                ("PROBE_STRANGER_ROLE", "arn:aws:iam::111122223333:user/ada"),
                ("CALLERS", "all"),
            ],
            Settings::read,
        );
    }
}
