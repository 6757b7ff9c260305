//! The configuration of the AWS SDK: region, credentials and endpoints, resolved once.

mod https;

use aws_config::environment::credentials::EnvironmentVariableCredentialsProvider;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_types::service_config::ServiceConfigKey;

use crate::config::{InvalidConfig, InvalidVariable, Lookup, environment, is_loopback};
use https::SharedHttps;

/// Stands for a region that is not configured. Without any region, the SDK's credentials would ask the metadata service.
const NO_REGION: &str = "none";

/// Loads the configuration of the SDK without a call over the network: the region comes from the environment or the
/// profile, never from the metadata service, and the first call that needs credentials fetches them.
///
/// Lambda sets the credentials in the environment. Then the chain of all other sources is not built.
pub async fn load() -> SdkConfig {
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::builder().build())
        .or_else(Region::new(NO_REGION));
    let https = SharedHttps::new(&environment);
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(region).http_client(https);
    if has_credentials(&environment) {
        loader = loader.credentials_provider(EnvironmentVariableCredentialsProvider::new());
    }
    loader.load().await
}

/// Whether the environment has credentials. Where it does, they come first in the SDK's chain too.
fn has_credentials(lookup: Lookup<'_>) -> bool {
    let is_set = |name| !lookup(name).unwrap_or_default().trim().is_empty();
    is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY")
}

/// The region that is configured.
pub fn region(sdk: &SdkConfig) -> Option<&str> {
    sdk.region().map(Region::as_ref).filter(|region| *region != NO_REGION)
}

/// The problem of a configuration without a region, with which every call would fail.
pub(crate) fn missing_region(sdk: &SdkConfig) -> Option<InvalidVariable> {
    if region(sdk).is_some() {
        return None;
    }
    Some(InvalidVariable::missing("AWS_REGION", "set to the region of the deployment, such as eu-central-1"))
}

/// Refuses `CALLERS=open` where it could open a real store: in Lambda, or where `AWS_LAMBDA_FUNCTION_NAME` is set, unless
/// the Secrets Manager endpoint is on loopback.
pub fn may_be_open(sdk: &SdkConfig, lookup: Lookup<'_>) -> Result<(), InvalidConfig> {
    let function_name = lookup("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    if function_name.is_empty() || has_local_store(sdk) {
        return Ok(());
    }
    Err(InvalidConfig(vec![InvalidVariable {
        variable: "CALLERS",
        value: Some("open".to_owned()),
        allowed: "unset where AWS_LAMBDA_FUNCTION_NAME is set and the Secrets Manager endpoint that the SDK would use \
                  (AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL, AWS's own) is not on loopback"
            .to_owned(),
    }]))
}

fn has_local_store(sdk: &SdkConfig) -> bool {
    match secrets_manager_endpoint(sdk) {
        Some(url) => is_loopback(&url),
        None => false,
    }
}

/// The configured Secrets Manager endpoint that the SDK's clients would use: that of the service before the general one,
/// the environment before the profile, and none where `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is set.
fn secrets_manager_endpoint(sdk: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("Secrets Manager")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    if let Some(config) = sdk.service_config()
        && let Some(endpoint) = config.load_config(key)
    {
        return Some(endpoint);
    }
    sdk.endpoint_url().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_types::service_config::LoadServiceConfig;

    #[derive(Debug)]
    struct ServiceEndpoint(&'static str);

    impl LoadServiceConfig for ServiceEndpoint {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            (key.service_id() == "Secrets Manager" && !self.0.is_empty()).then(|| self.0.to_owned())
        }
    }

    fn open_in_lambda(service: &'static str, general: Option<&str>) -> bool {
        let mut sdk = SdkConfig::builder().service_config(ServiceEndpoint(service));
        sdk.set_endpoint_url(general.map(str::to_owned));
        may_be_open(&sdk.build(), &|_| Some("vend".to_owned())).is_ok()
    }

    #[test]
    fn credentials_of_the_environment_need_key_and_secret() {
        let has = |key: &'static str, secret: &'static str| {
            has_credentials(&|name: &str| match name {
                "AWS_ACCESS_KEY_ID" => Some(key.to_owned()),
                "AWS_SECRET_ACCESS_KEY" => Some(secret.to_owned()),
                _ => None,
            })
        };
        assert!(has("AKIAEXAMPLE", "example"));
        for (key, secret) in [("AKIAEXAMPLE", ""), ("", "example"), (" ", "example"), ("", "")] {
            assert!(!has(key, secret), "{key:?}, {secret:?}: the rest of the chain is asked");
        }
        assert!(!has_credentials(&|_| None));
    }

    #[test]
    fn open_callers_in_lambda_need_a_store_on_loopback() {
        assert!(open_in_lambda("http://127.0.0.1:4566", None));
        assert!(open_in_lambda("", Some("http://localhost:4566")));
        assert!(open_in_lambda("http://[::1]:4566", Some("https://vpce.example")));
        assert!(!open_in_lambda("", None));
        assert!(!open_in_lambda("https://secretsmanager.example", Some("http://localhost:4566")));
        assert!(!open_in_lambda("http://127.0.0.1@evil.example", None));
    }

    #[test]
    fn open_callers_outside_lambda_are_accepted() {
        assert!(may_be_open(&SdkConfig::builder().build(), &|_| None).is_ok());
    }

    #[test]
    fn missing_region_is_named() {
        let none = SdkConfig::builder().region(Region::new(NO_REGION)).build();
        let problem = missing_region(&none).unwrap();
        assert!(problem.to_string().starts_with("AWS_REGION must be set"), "{problem}");
    }
}
