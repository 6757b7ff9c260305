//! What this function is told by its environment.

use std::path::Path;
use std::sync::Arc;

use broker_core::id::GrantId;
use jiff::SignedDuration;
use lambda_kit::config::{InvalidConfig, Lookup, Reader};
use url::Url;

use crate::Policy;
use crate::identity::Trusted;

/// The variables that this function uses.
#[derive(Clone)]
pub struct Settings {
    /// `SECRET_PREFIX`: start of every secret's name.
    pub secret_prefix: String,
    /// `WEBEX_API_BASE`: where guests are made.
    pub webex_api_base: Url,
    /// `MINTER`: the grant that is vended to nobody.
    pub minter: GrantId,
    /// `REFRESHER_FUNCTION`: whom to ask for a better pair.
    pub refresher_function: String,
    /// `CACHE_TTL`: how long a record may be served from memory.
    pub cache_ttl: SignedDuration,
    /// `CALLERS=open`: whether callers need no identity. [`crate::build`] refuses it where it could do harm.
    pub open_callers: bool,
    /// `CALLER_POLICY`: who may have what; without one, the deployment's own account everything.
    pub policy: Option<Arc<Policy>>,
    /// `OIDC_ISSUERS`: whose tokens are taken.
    pub issuers: Vec<Trusted>,
}

impl Settings {
    /// Reads and checks them, the policy's file among them.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let (prefix, base, minter) = (env.secret_prefix(), env.webex_api_base(), env.minter());
        let (function, ttl, open) = (env.refresher_function(), env.cache_ttl(), env.open_callers());
        let root = lookup("LAMBDA_TASK_ROOT").unwrap_or_default();
        let policy = env.own("CALLER_POLICY", |path| match open {
            Some(true) => Err("unset where CALLERS is open, which lets in whom the policy would not".to_owned()),
            _ => read_policy(&Path::new(&root).join(path)),
        });
        let issuers = env.own("OIDC_ISSUERS", Trusted::list);
        env.finish(|| {
            Some(Self {
                secret_prefix: prefix?,
                webex_api_base: base?,
                minter: minter?,
                refresher_function: function?,
                cache_ttl: ttl?,
                open_callers: open?,
                policy: policy?,
                issuers: issuers?.unwrap_or_default(),
            })
        })
    }
}

/// The policy in a file. A relative path begins at the package's root, which `LAMBDA_TASK_ROOT` names.
fn read_policy(path: &Path) -> Result<Arc<Policy>, String> {
    let allowed = "the path, in the function's package, of a Cedar policy that fits callers.cedarschema";
    let text = std::fs::read_to_string(path).map_err(|error| format!("{allowed}; {}: {error}", path.display()))?;
    Policy::parse(&text).map(Arc::new).map_err(|why| format!("{allowed}; {}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(variables: &[(&str, &str)]) -> String {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let lookup = |name: &str| find(name).map(|(_, value)| (*value).to_owned());
        match Settings::read(&lookup) {
            Ok(_) => "not refused".to_owned(),
            Err(invalid) => invalid.to_string(),
        }
    }

    /// Writes a policy and says why it is refused.
    fn refused_policy(name: &str, text: &str) -> String {
        let folder = std::env::temp_dir().join(format!("vend-settings-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        refused(&[("CALLER_POLICY", name), ("LAMBDA_TASK_ROOT", folder.to_str().unwrap())])
    }

    #[test]
    fn what_restricts_callers_and_cannot_be_read_stops_the_start() {
        let missing = refused(&[("CALLER_POLICY", "no/such.cedar")]);
        assert!(
            missing.starts_with("CALLER_POLICY is \"no/such.cedar\"") && missing.contains("No such file"),
            "{missing}"
        );
        assert!(refused(&[("OIDC_ISSUERS", "https://issuer.example")]).starts_with("OIDC_ISSUERS is"));
        assert!(refused(&[("CALLERS", "closed")]).starts_with("CALLERS"));
        let both = refused(&[("CALLERS", "open"), ("CALLER_POLICY", "policy.cedar")]);
        assert!(both.starts_with("CALLER_POLICY") && both.contains("CALLERS is open"), "{both}");
    }

    #[test]
    fn a_policy_that_is_none_is_refused_with_the_place() {
        let malformed = refused_policy("malformed.cedar", "permit (principal, action, resource);\n\npermit (nobody);");
        assert!(malformed.contains("line 3, column 9"), "{malformed}");
        let invalid = refused_policy("invalid.cedar", "permit (principal, action, resource)\nwhen { context.colour };");
        assert!(invalid.contains("line 2, column 8") && invalid.contains("colour"), "{invalid}");
    }

    #[test]
    fn the_defaults_will_do() {
        let settings = Settings::read(&|_| None).unwrap();
        assert!(!settings.open_callers && settings.policy.is_none() && settings.issuers.is_empty());
        assert_eq!(settings.minter.to_string(), "minter/default");
    }
}
