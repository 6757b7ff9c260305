use super::*;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn trusted() -> Trusted {
    Trusted { issuer: "https://issuer.example".to_owned(), audiences: vec!["broker".to_owned(), "other".to_owned()] }
}

fn said(change: &Value) -> Result<OidcIdentity, BadToken> {
    let mut claims = json!({"iss": "https://issuer.example", "sub": "ada", "aud": "broker", "exp": NOW + 60});
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| *value != json!("-"));
    read(claims.as_object().unwrap().clone(), &trusted(), Timestamp::from_second(NOW).unwrap())
}

#[test]
fn times_have_half_a_minute_of_leeway() {
    for (change, expected) in [
        (json!({"exp": NOW + 1}), Ok(())),
        (json!({"exp": NOW - 29}), Ok(())),
        (json!({"exp": NOW - 30}), Err(BadToken::Expired)),
        (json!({"exp": 0}), Err(BadToken::Expired)),
        (json!({"exp": 1_800_000_000.5}), Ok(())),
        (json!({"exp": "-"}), Err(BadToken::Malformed)),
        (json!({"exp": "tomorrow"}), Err(BadToken::Malformed)),
        (json!({"exp": 1e300}), Err(BadToken::Malformed)),
        (json!({"nbf": NOW + 30}), Ok(())),
        (json!({"nbf": NOW + 31}), Err(BadToken::NotYet)),
        (json!({"nbf": "now"}), Err(BadToken::Malformed)),
    ] {
        assert_eq!(said(&change).map(|_| ()), expected, "{change}");
    }
}

#[test]
fn it_must_be_for_us_by_our_issuer_about_somebody() {
    for (change, expected) in [
        (json!({"aud": "other"}), Ok(())),
        (json!({"aud": ["a", "broker"]}), Ok(())),
        (json!({"aud": []}), Err(BadToken::Audience)),
        (json!({"aud": "Broker"}), Err(BadToken::Audience)),
        (json!({"aud": {"broker": 1}}), Err(BadToken::Audience)),
        (json!({"aud": "-"}), Err(BadToken::Audience)),
        (json!({"iss": "https://issuer.example/"}), Err(BadToken::Issuer)),
        (json!({"iss": ["https://issuer.example"]}), Err(BadToken::Issuer)),
        (json!({"sub": ""}), Err(BadToken::Malformed)),
        (json!({"sub": 7}), Err(BadToken::Malformed)),
        (json!({"sub": "a".repeat(256)}), Err(BadToken::Malformed)),
    ] {
        assert_eq!(said(&change).map(|_| ()), expected, "{change}");
    }
}

#[test]
fn claims_are_sets_of_strings_under_dotted_names() {
    let change = json!({"email_verified": true, "groups": ["a", "b"], "google": {"compute_engine": {"zone": "z"}}, "iat": 1, "n": 7});
    let mut claims = said(&change).unwrap().claims;
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
    assert_eq!(said(&json!({})).unwrap().name(), "https://issuer.example#ada");
}
