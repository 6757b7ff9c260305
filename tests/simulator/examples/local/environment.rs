//! The environment of the functions.

use std::time::Duration;

use simulator::Simulator;

/// `FENCE_SETTLE` and `CACHE_TTL`, usually 300 s and 60 s: short, so that the story need not wait long.
pub(crate) const SETTLE_TIME: Duration = Duration::from_secs(3);

/// Variables of a developer's shell that would change the functions' behaviour.
pub(crate) const UNSET_VARIABLES: [&str; 18] = [
    "SECRET_PREFIX",
    "MINTER",
    "RENEW_AT_FRACTION",
    "CALLER_POLICY",
    "OIDC_ISSUERS",
    "VEND_SIGNING_NAME",
    "PROBE_STRANGER_ROLE",
    "SHOW_TOKENS",
    "CONSENT_KEY_SHA256",
    "ALLOW_ENVELOPE_ORG",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_LAMBDA_LOG_LEVEL",
    "RUST_LOG",
];

/// The environment that directs the functions to this machine. Nothing else distinguishes a local run from AWS.
pub(crate) fn environment(port: u16, simulator: &Simulator) -> [(&'static str, String); 21] {
    let functions = format!("http://127.0.0.1:{port}");
    let settle_time = SETTLE_TIME.as_secs().to_string();
    let no_file = if cfg!(windows) { "NUL" } else { "/dev/null" };
    [
        ("WEBEX_API_BASE", simulator.webex.base_url()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", simulator.secrets.endpoint_url()),
        ("AWS_ENDPOINT_URL_LAMBDA", functions.clone()),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", simulator.events.endpoint_url()),
        ("EVENT_BUS", "default".to_owned()),
        ("CONSOLE_URL", functions.clone()),
        ("VEND_URL", functions.clone()),
        ("PROBE_GRANT", "reports/default".to_owned()), // the story names the grant, since ids are made at the start
        ("WEBHOOK_URL", functions),
        ("REFRESHER_FUNCTION", "refresher".to_owned()),
        ("CALLERS", "open".to_owned()),
        ("FENCE_SETTLE", settle_time.clone()),
        ("CACHE_TTL", settle_time),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_CONFIG_FILE", no_file.to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", no_file.to_owned()),
        // Otherwise the SDK looks for an instance's credentials, which takes a second.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        // Requests to loopback must not go through a proxy of the machine.
        ("NO_PROXY", "127.0.0.1".to_owned()),
        ("no_proxy", "127.0.0.1".to_owned()),
    ]
}
