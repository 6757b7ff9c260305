//! Configuration from the environment.

use std::path::Path;
use std::sync::Arc;

use broker_core::id::GrantId;
use jiff::SignedDuration;
use lambda_kit::base_path::BasePath;
use lambda_kit::config::{InvalidConfig, Lookup, Reader, Variable};
use url::Url;

use crate::access::identity::TrustedIssuer;
use crate::access::policy::Policy;

const METRICS_STACK: Variable = Variable::optional("METRICS_STACK");
const SECRET_PREFIX: Variable = Variable::with_default("SECRET_PREFIX", "webex-token-broker/");
const WEBEX_API_BASE: Variable = Variable::with_default("WEBEX_API_BASE", "https://webexapis.com/v1");
const MINTER: Variable = Variable::with_default("MINTER", "minter/default");
const REFRESHER_FUNCTION: Variable = Variable::with_default("REFRESHER_FUNCTION", "refresher");
const CACHE_TTL: Variable = Variable::with_default("CACHE_TTL", "60");
const BASE_PATH: Variable = Variable::optional("BASE_PATH");
const CALLERS: Variable = Variable::optional("CALLERS");
const CALLER_POLICY: Variable = Variable::optional("CALLER_POLICY");
const OIDC_ISSUERS: Variable = Variable::optional("OIDC_ISSUERS");

/// The variables that this function reads.
pub const VARIABLES: &[Variable] = &[
    METRICS_STACK,
    SECRET_PREFIX,
    WEBEX_API_BASE,
    MINTER,
    REFRESHER_FUNCTION,
    CACHE_TTL,
    BASE_PATH,
    CALLERS,
    CALLER_POLICY,
    OIDC_ISSUERS,
];

/// The settings of the vend function.
#[derive(Clone)]
pub struct Settings {
    /// `METRICS_STACK`: the value of the metrics' dimension `stack`; `None` for metrics without it.
    pub metrics_stack: Option<String>,
    /// `SECRET_PREFIX`: prefix of the names of all secrets.
    pub secret_prefix: String,
    /// `WEBEX_API_BASE`: base URL of the Webex API, where guests are created.
    pub webex_api_base: Url,
    /// `MINTER`: the grant whose token mints, which is never vended.
    pub minter: GrantId,
    /// `REFRESHER_FUNCTION`: name or ARN of the function that renews grants.
    pub refresher_function: String,
    /// `CACHE_TTL`: how long a record may be served from memory.
    pub cache_ttl: SignedDuration,
    /// `BASE_PATH`: the path below which the function answers.
    pub base_path: BasePath,
    /// `CALLERS=open`: whether callers need no identity. [`crate::build`] refuses it where it could do harm.
    pub open_callers: bool,
    /// `CALLER_POLICY`: which caller may have which token. `None` admits the IAM callers of the deployment's own account
    /// to everything.
    pub policy: Option<Arc<Policy>>,
    /// `OIDC_ISSUERS`: the issuers whose identity tokens are accepted.
    pub issuers: Vec<TrustedIssuer>,
}

impl Settings {
    /// Reads and checks the variables, and reads the policy file.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let metrics_stack = env.metric_dimension(METRICS_STACK);
        let secret_prefix = env.secret_prefix(SECRET_PREFIX);
        let webex_api_base = env.webex_api(WEBEX_API_BASE);
        let minter = env.parsed(MINTER, "app/subject, such as minter/default", |text| GrantId::parse(text).ok());
        let refresher_function = env.lambda_function(REFRESHER_FUNCTION);
        let cache_ttl = env.seconds(CACHE_TTL, &(0..=3_600));
        let base_path = env.base_path(BASE_PATH);
        let open_callers = env.open_callers(CALLERS);
        let callers_are_open = open_callers == Some(true);
        let policy = env.optional(CALLER_POLICY, |path| {
            if callers_are_open {
                return Err(
                    "not set where CALLERS is open, which admits callers whom the policy would refuse".to_owned()
                );
            }
            // The variable that names the root of the function's package is Lambda's own.
            let package = lookup("LAMBDA_TASK_ROOT").unwrap_or_default();
            read_policy(&Path::new(&package).join(path))
        });
        let issuers = env.optional(OIDC_ISSUERS, TrustedIssuer::list);
        env.finish(|| {
            Some(Self {
                metrics_stack: metrics_stack?,
                secret_prefix: secret_prefix?,
                webex_api_base: webex_api_base?,
                minter: minter?,
                refresher_function: refresher_function?,
                cache_ttl: cache_ttl?,
                base_path: base_path?,
                open_callers: open_callers?,
                policy: policy?,
                issuers: issuers?.unwrap_or_default(),
            })
        })
    }
}

/// Reads a policy file. The path is relative to the root of the function's package.
fn read_policy(path: &Path) -> Result<Arc<Policy>, String> {
    let allowed = "the path, in the function's package, of a Cedar policy that fits callers.cedarschema";
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return Err(format!("{allowed}; {}: {error}", path.display())),
    };
    match Policy::parse(&text) {
        Ok(policy) => Ok(Arc::new(policy)),
        Err(reason) => Err(format!("{allowed}; {}: {reason}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use lambda_kit::config::testing::{assert_reads_exactly, assert_refused_by_name};

    use super::*;

    fn refused(variables: &[(&str, &str)]) -> String {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let lookup = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        match Settings::read(&lookup) {
            Ok(_) => "not refused".to_owned(),
            Err(invalid) => invalid.to_string(),
        }
    }

    /// The error for a policy file that holds `text`.
    fn refused_policy(name: &str, text: &str) -> String {
        let folder = std::env::temp_dir().join(format!("vend-settings-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        refused(&[("CALLER_POLICY", name), ("LAMBDA_TASK_ROOT", folder.to_str().unwrap())])
    }

    #[test]
    fn unreadable_caller_restrictions_are_refused() {
        let missing = refused(&[("CALLER_POLICY", "no/such.cedar")]);
        assert!(
            missing.starts_with("CALLER_POLICY is \"no/such.cedar\"") && missing.contains("No such file"),
            "{missing}"
        );
        assert!(refused(&[("OIDC_ISSUERS", "https://issuer.example")]).starts_with("OIDC_ISSUERS is"));
        let common = r#"[{"issuer":"https://login.microsoftonline.com/common/v2.0","audience":"x"}]"#;
        let common = refused(&[("OIDC_ISSUERS", common)]);
        assert!(common.starts_with("OIDC_ISSUERS is") && common.contains("<tenant id>/v2.0"), "{common}");
        assert!(refused(&[("CALLERS", "closed")]).starts_with("CALLERS"));
        let both = refused(&[("CALLERS", "open"), ("CALLER_POLICY", "policy.cedar")]);
        assert!(both.starts_with("CALLER_POLICY") && both.contains("CALLERS is open"), "{both}");
    }

    #[test]
    fn malformed_policy_is_refused_with_its_place() {
        let malformed = refused_policy("malformed.cedar", "permit (principal, action, resource);\n\npermit (nobody);");
        assert!(malformed.contains("line 3, column 9"), "{malformed}");
        let invalid = refused_policy("invalid.cedar", "permit (principal, action, resource)\nwhen { context.colour };");
        assert!(invalid.contains("line 2, column 8") && invalid.contains("colour"), "{invalid}");
    }

    #[test]
    fn unset_variables_have_their_defaults() {
        let settings = Settings::read(&|_| None).unwrap();
        assert!(!settings.open_callers && settings.policy.is_none() && settings.issuers.is_empty());
        assert_eq!(settings.minter.to_string(), "minter/default");
    }

    #[test]
    fn settings_read_exactly_the_declared_variables() {
        assert_reads_exactly(VARIABLES, Settings::read);
    }

    #[test]
    fn malformed_variables_are_refused_by_name() {
        assert_refused_by_name(
            &[
                ("MINTER", "noslash"),
                ("WEBEX_API_BASE", "https://webexapis.com"),
                ("CACHE_TTL", "3601"),
                ("BASE_PATH", "a b"),
                ("METRICS_STACK", " "),
            ],
            Settings::read,
        );
    }
}
