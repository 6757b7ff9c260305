//! An SDK configuration with the endpoints of the simulator and of the stand-in for Lambda.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

#[derive(Debug)]
struct Endpoints {
    secrets: String,
    lambda: String,
    events: String,
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        match (key.env(), key.service_id()) {
            ("AWS_ENDPOINT_URL", "Secrets Manager") => Some(self.secrets.clone()),
            ("AWS_ENDPOINT_URL", "Lambda") => Some(self.lambda.clone()),
            ("AWS_ENDPOINT_URL", "EventBridge") => Some(self.events.clone()),
            _ => None,
        }
    }
}

pub(super) async fn sdk(secrets: String, lambda: String, events: String) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "journeys");
    let defaults = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    defaults.load().await.into_builder().service_config(Endpoints { secrets, lambda, events }).build()
}
