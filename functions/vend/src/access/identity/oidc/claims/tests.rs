use super::*;
use crate::access::identity::oidc::KeySource;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn trusted() -> TrustedIssuer {
    TrustedIssuer {
        issuer: "https://issuer.example".to_owned(),
        keys: KeySource::Discovery,
        audiences: ["broker", "other"].map(|audience| rule("aud", audience, &[])).into(),
    }
}

fn rule(claim: &str, audience: &str, required: &[(&str, &str)]) -> AudienceRule {
    let required = required.iter().map(|(claim, value)| ((*claim).to_owned(), (*value).to_owned())).collect();
    AudienceRule { claim: claim.to_owned(), audience: audience.to_owned(), required }
}

fn read(claims: Map<String, Value>, trusted: &TrustedIssuer, now: Timestamp) -> Result<OidcIdentity, InvalidToken> {
    check(&claims, trusted, now)?;
    subject(claims, trusted.issuer.clone())
}

fn read_changed(change: &Value) -> Result<OidcIdentity, InvalidToken> {
    let mut claims = json!({"iss": "https://issuer.example", "sub": "ada", "aud": "broker", "exp": NOW + 60});
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| *value != json!("-"));
    read(claims.as_object().unwrap().clone(), &trusted(), Timestamp::from_second(NOW).unwrap())
}

#[test]
fn read_allows_30_seconds_of_leeway() {
    for (change, expected) in [
        (json!({"exp": NOW + 1}), Ok(())),
        (json!({"exp": NOW - 29}), Ok(())),
        (json!({"exp": NOW - 30}), Err(InvalidToken::Expired)),
        (json!({"exp": 0}), Err(InvalidToken::Expired)),
        (json!({"exp": 1_800_000_000.5}), Ok(())),
        (json!({"exp": "-"}), Err(InvalidToken::Malformed)),
        (json!({"exp": "tomorrow"}), Err(InvalidToken::Malformed)),
        (json!({"exp": 1e300}), Err(InvalidToken::Malformed)),
        (json!({"nbf": NOW + 30}), Ok(())),
        (json!({"nbf": NOW + 31}), Err(InvalidToken::NotYet)),
        (json!({"nbf": "now"}), Err(InvalidToken::Malformed)),
    ] {
        assert_eq!(read_changed(&change).map(|_| ()), expected, "{change}");
    }
}

#[test]
fn read_checks_audience_issuer_and_subject() {
    for (change, expected) in [
        (json!({"aud": "other"}), Ok(())),
        (json!({"aud": ["a", "broker"]}), Ok(())),
        (json!({"aud": []}), Err(InvalidToken::Audience)),
        (json!({"aud": "Broker"}), Err(InvalidToken::Audience)),
        (json!({"aud": {"broker": 1}}), Err(InvalidToken::Audience)),
        (json!({"aud": "-"}), Err(InvalidToken::Audience)),
        (json!({"iss": "https://issuer.example/"}), Err(InvalidToken::Issuer)),
        (json!({"iss": ["https://issuer.example"]}), Err(InvalidToken::Issuer)),
        (json!({"sub": ""}), Err(InvalidToken::Malformed)),
        (json!({"sub": 7}), Err(InvalidToken::Malformed)),
        (json!({"sub": "a".repeat(256)}), Err(InvalidToken::Malformed)),
    ] {
        assert_eq!(read_changed(&change).map(|_| ()), expected, "{change}");
    }
}

#[test]
fn read_flattens_claims_to_sets_of_strings() {
    let change = json!({"email_verified": true, "groups": ["a", "b"], "google": {"compute_engine": {"zone": "z"}}, "iat": 1, "n": 7});
    let mut claims = read_changed(&change).unwrap().claims;
    claims.sort();
    let expected = [
        ("aud", vec!["broker"]),
        ("email_verified", vec!["true"]),
        ("google.compute_engine.zone", vec!["z"]),
        ("groups", vec!["a", "b"]),
        ("n", vec!["7"]),
    ];
    let expected = expected.map(|(name, values)| (name.to_owned(), values.into_iter().map(str::to_owned).collect()));
    assert_eq!(claims, Vec::from(expected));
    assert_eq!(read_changed(&json!({})).unwrap().name(), "https://issuer.example#ada");
}

#[test]
fn tokens_without_aud_name_their_client() {
    let trusted = TrustedIssuer { audiences: vec![rule("client_id", "app", &[("token_use", "access")])], ..trusted() };
    let claims = json!({"iss": "https://issuer.example", "sub": "s", "exp": NOW + 60, "client_id": "app", "token_use": "access"});
    let read_but = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        read(claims.as_object().unwrap().clone(), &trusted, Timestamp::from_second(NOW).unwrap()).map(|_| ())
    };
    let required = InvalidToken::RequiredClaim { claim: "token_use".to_owned(), value: "access".to_owned() };
    assert_eq!(read_but("sub", json!("s")), Ok(()));
    assert_eq!(read_but("client_id", json!("another")), Err(InvalidToken::Audience));
    assert_eq!(read_but("client_id", Value::Null), Err(InvalidToken::Audience));
    assert_eq!(read_but("token_use", json!("id")), Err(required.clone()));
    assert_eq!(read_but("token_use", Value::Null), Err(required));
}

#[test]
fn claims_that_flatten_to_one_name_are_both_dropped() {
    let change =
        json!({"a.b": "mine", "a": {"b": "theirs", "c": "kept"}, "x.y.z": ["1"], "x": {"y.z": "2", "y": {"z": "3"}}});
    let mut claims = read_changed(&change).unwrap().claims;
    claims.sort();
    let names: Vec<_> = claims.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.c", "aud"]);
}

/// The example of AWS's documentation of outbound identity federation.
#[test]
fn tags_of_an_aws_principal_are_claims() {
    let change = json!({"sub": "arn:aws:iam::123456789012:role/DataProcessingRole", "https://sts.amazonaws.com/": {
        "aws_account": "123456789012", "source_region": "us-east-1", "org_id": "o-abc1234567",
        "principal_tags": {"environment": "production", "cost-center": "engineering"},
        "request_tags": {"job-id": "job-2024-001"}}});
    let identity = read_changed(&change).unwrap();
    for (name, value) in [
        ("https://sts.amazonaws.com/.aws_account", "123456789012"),
        ("https://sts.amazonaws.com/.principal_tags.environment", "production"),
        ("https://sts.amazonaws.com/.principal_tags.cost-center", "engineering"),
        ("https://sts.amazonaws.com/.request_tags.job-id", "job-2024-001"),
    ] {
        assert_eq!(identity.claim(name), Some(&[value.to_owned()][..]), "{name}");
    }
}
