//! AWS as its SDK knows it: region, credentials and endpoints, resolved once.

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_types::service_config::ServiceConfigKey;

use crate::config::{Invalid, InvalidConfig, Lookup, is_loopback};

/// Stands for a region that nobody named. Without any, the SDK's credentials would ask the metadata service for one.
const NO_REGION: &str = "none";

/// Reads the configuration of the SDK. Nothing is asked over the network: the region comes from the environment or the
/// profile, never from the metadata service, and credentials are fetched by the first call that needs them.
pub async fn load() -> SdkConfig {
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::builder().build())
        .or_else(Region::new(NO_REGION));
    aws_config::defaults(BehaviorVersion::latest()).region(region).load().await
}

/// Refuses a configuration without a region, with which every call would fail.
pub fn has_region(sdk: &SdkConfig) -> Result<(), InvalidConfig> {
    let missing = || Invalid {
        variable: "AWS_REGION",
        value: None,
        allowed: "set to the region of the deployment, such as eu-central-1".to_owned(),
    };
    let named = sdk.region().filter(|region| region.as_ref() != NO_REGION);
    named.map(|_| ()).ok_or_else(|| InvalidConfig(vec![missing()]))
}

/// Refuses `CALLERS=open` wherever it could open a real store: inside a Lambda function (or what says it is one) whose
/// Secrets Manager is not on this machine.
pub fn may_be_open(sdk: &SdkConfig, lookup: Lookup<'_>) -> Result<(), InvalidConfig> {
    let lambda = lookup("AWS_LAMBDA_FUNCTION_NAME").is_some_and(|name| !name.is_empty());
    let local = store_endpoint(sdk).is_some_and(|url| is_loopback(&url));
    if local || !lambda {
        return Ok(());
    }
    Err(InvalidConfig(vec![Invalid {
        variable: "CALLERS",
        value: Some("open".to_owned()),
        allowed: "unset where AWS_LAMBDA_FUNCTION_NAME is set and the Secrets Manager endpoint that the SDK would use \
                  (AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL, AWS's own) is not on loopback"
            .to_owned(),
    }]))
}

/// The Secrets Manager endpoint that the SDK's own clients would take from `sdk`, if it is configured: the service's
/// before the general one, the environment's before the profile's, none if configured endpoints are to be ignored.
fn store_endpoint(sdk: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("Secrets Manager")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let of_the_service = sdk.service_config().and_then(|config| config.load_config(key));
    of_the_service.or_else(|| sdk.endpoint_url().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_types::service_config::LoadServiceConfig;

    #[derive(Debug)]
    struct Service(&'static str);

    impl LoadServiceConfig for Service {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            (key.service_id() == "Secrets Manager" && !self.0.is_empty()).then(|| self.0.to_owned())
        }
    }

    fn open_in_lambda(service: &'static str, general: Option<&str>) -> bool {
        let mut sdk = SdkConfig::builder().service_config(Service(service));
        sdk.set_endpoint_url(general.map(str::to_owned));
        may_be_open(&sdk.build(), &|_| Some("vend".to_owned())).is_ok()
    }

    #[test]
    fn callers_are_open_only_where_the_store_is_on_this_machine() {
        assert!(open_in_lambda("http://127.0.0.1:4566", None));
        assert!(open_in_lambda("", Some("http://localhost:4566")));
        assert!(open_in_lambda("http://[::1]:4566", Some("https://vpce.example")));
        assert!(!open_in_lambda("", None));
        assert!(!open_in_lambda("https://secretsmanager.example", Some("http://localhost:4566")));
        assert!(!open_in_lambda("http://127.0.0.1@evil.example", None));
    }

    #[test]
    fn outside_lambda_they_may_be_open_anyway() {
        assert!(may_be_open(&SdkConfig::builder().build(), &|_| None).is_ok());
    }

    #[test]
    fn a_missing_region_is_named() {
        let none = SdkConfig::builder().region(Region::new(NO_REGION)).build();
        let invalid = has_region(&none).unwrap_err();
        assert!(invalid.to_string().starts_with("AWS_REGION must be set"), "{invalid}");
    }
}
