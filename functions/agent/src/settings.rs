//! Configuration from the environment.

use std::path::PathBuf;

use client::SigningFront;
use lambda_kit::config::{InvalidConfig, InvalidVariable, Lookup, Reader, Variable};
use url::Url;

const VEND_URL: Variable = Variable::optional("VEND_URL");
const VEND_SIGNING_NAME: Variable = Variable::optional("VEND_SIGNING_NAME");
const IDENTITY_TOKEN_FILE: Variable = Variable::optional("IDENTITY_TOKEN_FILE");
const AGENT_PORT: Variable = Variable::with_default("AGENT_PORT", "2774");
const AGENT_GUARD_FILE: Variable = Variable::with_default("AGENT_GUARD_FILE", "/run/webex-token-agent/guard");

/// The variables that the agent reads. As an extension it reads Lambda's own besides.
pub const VARIABLES: &[Variable] = &[VEND_URL, VEND_SIGNING_NAME, IDENTITY_TOKEN_FILE, AGENT_PORT, AGENT_GUARD_FILE];

/// The settings of the agent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `VEND_URL`: base URL of vend. [`Settings::vend`] refuses to go on without it.
    pub vend_url: Option<Url>,
    /// `VEND_SIGNING_NAME`: the service in signatures; `None` for the one that the address names, otherwise `lambda`.
    pub signing_name: Option<&'static str>,
    /// `IDENTITY_TOKEN_FILE`: a file with an OIDC identity token; `None` to sign with AWS credentials.
    pub identity_token_file: Option<PathBuf>,
    /// `AGENT_PORT`: the port on 127.0.0.1.
    pub port: u16,
    /// `AGENT_GUARD_FILE`: the file with the token that callers must show. An extension does not use it.
    pub guard_file: PathBuf,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let vend_url = env.token_url(VEND_URL);
        let signing_name = env.optional(VEND_SIGNING_NAME, parse_signing_name);
        let identity_token_file = env.optional(IDENTITY_TOKEN_FILE, |text| Ok(PathBuf::from(text)));
        let port = env.parsed(AGENT_PORT, "a port from 1 to 65535", |text| text.parse().ok().filter(|port| *port > 0));
        let guard_file = env.parsed(AGENT_GUARD_FILE, "a path", |text| Some(PathBuf::from(text)));
        env.finish(|| {
            Some(Self {
                vend_url: vend_url?,
                signing_name: signing_name?,
                identity_token_file: identity_token_file?,
                port: port?,
                guard_file: guard_file?,
            })
        })
    }

    /// The address of vend.
    pub fn vend(&self) -> Result<&Url, InvalidConfig> {
        let Some(url) = &self.vend_url else {
            let allowed = "set to the address of vend, such as https://abc.lambda-url.eu-central-1.on.aws";
            return Err(InvalidConfig(vec![InvalidVariable::missing(VEND_URL.name, allowed)]));
        };
        Ok(url)
    }

    /// The service that signatures for vend name, and the region if the address names one.
    pub(crate) fn signing(&self) -> (&'static str, Option<String>) {
        let front = match &self.vend_url {
            Some(url) => SigningFront::of_address(url.as_str()),
            None => None,
        };
        match front {
            Some(front) => (self.signing_name.unwrap_or(front.service), Some(front.region)),
            None => (self.signing_name.unwrap_or("lambda"), None),
        }
    }
}

fn parse_signing_name(text: &str) -> Result<&'static str, String> {
    SigningFront::service_named(text).ok_or_else(|| "lambda, execute-api, or not set".to_owned())
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
        let malformed = [("VEND_URL", "http://vend.example"), ("VEND_SIGNING_NAME", "s3"), ("AGENT_PORT", "0")];
        assert_refused_by_name(&malformed, Settings::read);
    }

    #[test]
    fn signing_follows_the_address_and_the_variable() {
        let signing = |values: &[(&str, &str)]| {
            let lookup =
                |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Settings::read(&lookup).unwrap().signing()
        };
        let gateway = ("VEND_URL", "https://abc.execute-api.eu-central-1.amazonaws.com");
        assert_eq!(signing(&[gateway]), ("execute-api", Some("eu-central-1".to_owned())));
        let custom = ("VEND_URL", "https://vend.example");
        assert_eq!(signing(&[custom]), ("lambda", None));
        assert_eq!(signing(&[custom, ("VEND_SIGNING_NAME", "execute-api")]), ("execute-api", None));
    }

    #[test]
    fn missing_address_is_named() {
        let error = Settings::read(&|_| None).unwrap().vend().unwrap_err().to_string();
        assert!(error.starts_with("VEND_URL must be set"), "{error}");
    }
}
