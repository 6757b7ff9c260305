use super::*;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn trusted() -> TrustedIssuer {
    TrustedIssuer {
        issuer: "https://issuer.example".to_owned(),
        audiences: vec!["broker".to_owned(), "other".to_owned()],
    }
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
