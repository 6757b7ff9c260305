//! The AWS configuration: region, credentials and endpoints as the AWS CLI resolves them.

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::arguments::Options;

/// Loads the configuration. The region comes from `--region`, the environment or the profile, never from the metadata
/// service, which takes seconds to be absent.
pub(crate) async fn load(options: &Options) -> SdkConfig {
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    let chosen = options.region.clone().map(Region::new);
    let region = RegionProviderChain::first_try(chosen)
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build());
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(region);
    if let Some(name) = &options.profile {
        loader = loader.profile_name(name);
    }
    loader.load().await
}
