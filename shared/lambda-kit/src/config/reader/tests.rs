use super::*;
use crate::config::base_url;

const PREFIX: Variable = Variable::with_default("SECRET_PREFIX", "webex-token-broker/");
const API: Variable = Variable::with_default("WEBEX_API_BASE", "https://webexapis.com/v1");
const FUNCTION: Variable = Variable::with_default("REFRESHER_FUNCTION", "refresher");
const TTL: Variable = Variable::with_default("CACHE_TTL", "60");
const FLAG: Variable = Variable::with_default("SHOW_TOKENS", "false");
const URL: Variable = Variable::optional("WEBHOOK_URL");
const KEY: Variable = Variable::optional("CONSENT_KEY_SHA256").confidential();

/// The values, or the error message, if `variable` is set to `value` and nothing else is set.
fn read(variable: &str, value: &str) -> String {
    let lookup = |name: &str| (name == variable).then(|| value.to_owned());
    let mut env = Reader::new(&lookup);
    let values = (
        env.secret_prefix(PREFIX),
        env.webex_api(API).map(String::from),
        env.lambda_function(FUNCTION),
        env.seconds(TTL, &(0..=3_600)).map(|ttl| ttl.as_secs()),
        env.flag(FLAG),
        env.optional(URL, |text| base_url(text).ok_or_else(|| "an http or https URL".to_owned())),
        env.optional(KEY, |_| Err::<(), _>("a digest".to_owned())),
    );
    match env.finish(|| Some(values)) {
        Ok(values) => format!("{values:?}"),
        Err(invalid) => invalid.to_string(),
    }
}

#[test]
fn unset_and_empty_variables_have_their_defaults() {
    let defaults = read("", "");
    insta::assert_snapshot!(defaults, @r#"(Some("webex-token-broker/"), Some("https://webexapis.com/v1"), Some("refresher"), Some(60), Some(false), Some(None), Some(None))"#);
    for variable in ["CACHE_TTL", "WEBHOOK_URL", "CONSENT_KEY_SHA256"] {
        assert_eq!(read(variable, ""), defaults, "{variable}");
    }
}

#[test]
fn errors_name_the_variable_its_value_and_what_is_allowed() {
    let malformed = [
        ("SECRET_PREFIX", "a b/"),
        ("WEBEX_API_BASE", "http://webexapis.com/v1"),
        ("WEBEX_API_BASE", "https://webexapis.com"),
        ("REFRESHER_FUNCTION", "a b"),
        ("CACHE_TTL", "1h"),
        ("SHOW_TOKENS", "yes"),
        ("WEBHOOK_URL", "hooks.example"),
        ("CONSENT_KEY_SHA256", "canary"),
    ];
    let messages = malformed.map(|(variable, value)| read(variable, value)).join("\n");
    insta::assert_snapshot!(messages, @r#"
    SECRET_PREFIX is "a b/": it must be up to 400 of the characters A-Z a-z 0-9 / _ + = . @ -
    WEBEX_API_BASE is "http://webexapis.com/v1": it must be an https URL without user, query or fragment (plain http is for loopback only: it shows tokens to everybody on the way)
    WEBEX_API_BASE is "https://webexapis.com": it must be a URL with the path /v1 at a host of Webex, such as https://webexapis.com/v1
    REFRESHER_FUNCTION is "a b": it must be a Lambda function's name or ARN
    CACHE_TTL is "1h": it must be a whole number of seconds from 0 to 3600
    SHOW_TOKENS is "yes": it must be true or false
    WEBHOOK_URL is "hooks.example": it must be an http or https URL
    CONSENT_KEY_SHA256 must be a digest
    "#);
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    assert!(!read("WEBEX_API_BASE", "https://u:canary@webexapis.com").contains("canary"));
}

#[test]
fn all_problems_are_reported_together() {
    let lookup = |_: &str| Some("#".to_owned());
    let mut env = Reader::new(&lookup);
    let function = env.lambda_function(FUNCTION);
    let ttl = env.seconds(TTL, &(0..=60));
    let InvalidConfig(problems) = env.finish(|| function.zip(ttl)).unwrap_err();
    let names: Vec<_> = problems.iter().map(|problem| problem.variable).collect();
    assert_eq!(names, ["REFRESHER_FUNCTION", "CACHE_TTL"]);
}
