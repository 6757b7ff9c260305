use super::*;

fn secs(duration: SignedDuration) -> i64 {
    duration.as_secs()
}

/// What reading every variable says when `variable` is set to `value` and nothing else is set.
fn said(variable: &str, value: &str) -> String {
    let lookup = |name: &str| (name == variable).then(|| value.to_owned());
    let mut env = Reader::new(&lookup);
    let read = (
        (env.secret_prefix(), env.webex_api_base().map(String::from), env.minter()),
        (env.refresher_function(), env.webhook_url(), env.renew_at_fraction()),
        (env.fence_settle().map(secs), env.cache_ttl().map(secs), env.show_tokens()),
        (env.allow_envelope_org(), env.open_callers()),
    );
    let _: Option<Option<()>> = env.own("CALLER_POLICY", |_| Err("what its function says".to_owned()));
    match env.finish(|| Some(read)) {
        Ok(read) => format!("{read:?}"),
        Err(invalid) => invalid.to_string(),
    }
}

#[test]
fn nothing_set_gives_the_contracts_defaults_and_an_empty_value_counts_as_none() {
    let defaults = said("", "");
    insta::assert_snapshot!(defaults, @r#"((Some("webex-token-broker/"), Some("https://webexapis.com/v1"), Some(GrantId { app: "minter", subject: "default" })), (Some("refresher"), Some(None), Some(RenewAt(0.5))), (Some(300), Some(60), Some(false)), (Some(false), Some(false)))"#);
    assert_eq!(said("CACHE_TTL", ""), defaults);
    assert_eq!(said("CALLERS", ""), defaults);
}

#[test]
fn an_error_names_the_variable_its_value_and_what_is_allowed() {
    let wrong = [
        ("SECRET_PREFIX", "a b/"),
        ("WEBEX_API_BASE", "http://webexapis.com/v1"),
        ("MINTER", "minter"),
        ("REFRESHER_FUNCTION", "a b"),
        ("WEBHOOK_URL", "hooks.example"),
        ("RENEW_AT_FRACTION", "1.0"),
        ("FENCE_SETTLE", "-1"),
        ("CACHE_TTL", "1h"),
        ("SHOW_TOKENS", "yes"),
        ("ALLOW_ENVELOPE_ORG", "1"),
        ("CALLERS", "closed"),
        ("CALLER_POLICY", "policy.cedar"),
    ];
    let said = wrong.map(|(variable, value)| said(variable, value)).join("\n");
    insta::assert_snapshot!(said, @r#"
    SECRET_PREFIX is "a b/": it must be up to 400 of the characters A-Z a-z 0-9 / _ + = . @ -
    WEBEX_API_BASE is "http://webexapis.com/v1": it must be an https URL without user, query or fragment (plain http, which shows tokens to everybody on the way, is for loopback only)
    MINTER is "minter": it must be app/subject, such as minter/default
    REFRESHER_FUNCTION is "a b": it must be a Lambda function's name or ARN
    WEBHOOK_URL is "hooks.example": it must be an http or https URL without user, query or fragment
    RENEW_AT_FRACTION is "1.0": it must be a fraction from 0.01 to 0.9, so that some sweeps always fall between due and dead
    FENCE_SETTLE is "-1": it must be a whole number of seconds from 0 to 86400
    CACHE_TTL is "1h": it must be a whole number of seconds from 0 to 3600
    SHOW_TOKENS is "yes": it must be true or false
    ALLOW_ENVELOPE_ORG is "1": it must be true or false
    CALLERS is "closed": it must be open, or not set
    CALLER_POLICY is "policy.cedar": it must be what its function says
    "#);
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    assert!(!said("WEBEX_API_BASE", "https://u:canary@webexapis.com").contains("canary"));
}

#[test]
fn all_problems_are_reported_together() {
    let lookup = |_: &str| Some("#".to_owned());
    let mut env = Reader::new(&lookup);
    let read = (env.minter(), env.cache_ttl());
    let InvalidConfig(invalid) = env.finish(|| Some((read.0?, read.1?))).unwrap_err();
    assert_eq!(invalid.iter().map(|one| one.variable).collect::<Vec<_>>(), ["MINTER", "CACHE_TTL"]);
}
