use super::*;

/// An Ed25519 key (RFC 8037 appendix A.2).
const PUBLIC_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

#[test]
fn list_merges_entries_of_one_issuer() {
    let text = r#"[{"issuer":"https://a.example","audience":"x"},{"issuer":"https://b.example","audience":"y","more":1},
        {"issuer":"https://a.example","audience":"z"}]"#;
    let list = TrustedIssuer::list(text).unwrap();
    assert_eq!(list.len(), 2);
    let audiences: Vec<_> =
        list[0].audiences.iter().map(|rule| (rule.claim.as_str(), rule.audience.as_str())).collect();
    assert_eq!(audiences, [("aud", "x"), ("aud", "z")]);
    assert!(TrustedIssuer::list("[]").unwrap().is_empty());
}

#[test]
fn list_reads_where_keys_come_from() {
    let source = |more: &str| {
        let list = TrustedIssuer::list(&format!(r#"[{{"issuer":"https://a.example","audience":"x"{more}}}]"#));
        list.unwrap().remove(0).keys
    };
    assert_eq!(source(""), KeySource::Discovery);
    let url = "https://keys.example/jwks.json";
    assert_eq!(source(&format!(r#","jwks_uri":"{url}""#)), KeySource::Url(url.to_owned()));
    assert!(matches!(source(&format!(r#","jwks":{{"keys":[{PUBLIC_KEY}]}}"#)), KeySource::Inline(_)));
}

#[test]
fn client_id_as_audience_means_access_tokens() {
    let required = |more: &str| {
        let text = format!(r#"[{{"issuer":"https://a.example","audience":"x","audience_claim":"client_id"{more}}}]"#);
        TrustedIssuer::list(&text).unwrap().remove(0).audiences.remove(0).required
    };
    assert_eq!(required(""), [("token_use".to_owned(), "access".to_owned())]);
    assert_eq!(required(r#","required_claims":{}"#), []);
    assert_eq!(required(r#","required_claims":{"tid":"t"}"#), [("tid".to_owned(), "t".to_owned())]);
}

#[test]
fn list_errors_name_the_problem() {
    let entry = |more: &str| format!(r#"[{{"issuer":"https://a.example","audience":"x"{more}}}]"#);
    let private = PUBLIC_KEY.replace(r#""x""#, r#""d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x""#);
    for (bad, word) in [
        (String::new(), "JSON list"),
        ("{}".to_owned(), "JSON list"),
        ("[1]".to_owned(), "JSON list"),
        (r#"[{"issuer":"https://a.example"}]"#.to_owned(), "audience"),
        (r#"[{"issuer":"http://a.example","audience":"x"}]"#.to_owned(), "https"),
        (r#"[{"issuer":"https://a.example","audience":" "}]"#.to_owned(), "audiences"),
        (
            r#"[{"issuer":"https://login.microsoftonline.com/common/v2.0","audience":"x"}]"#.to_owned(),
            "<tenant id>/v2.0",
        ),
        (entry(r#","audience_claim":"sub""#), "audience_claim"),
        (entry(r#","audience_claim":"""#), "audience_claim"),
        (entry(r#","audience_claims":"client_id""#), "did you mean audience_claim?"),
        (entry(r#","required_claim":{}"#), "did you mean required_claims?"),
        (entry(r#","jwksUri":"https://k.example""#), "did you mean jwks_uri?"),
        (entry(r#","jwks_secret":"x""#), "jwks_uri"),
        (entry(r#","jwks_uri":"http://k.example/keys""#), "jwks_uri"),
        (entry(r#","jwks_uri":"https://k.example","jwks":{"keys":[]}"#), "not both"),
        (entry(r#","jwks":[]"#), "JSON Web Key Set"),
        (entry(r#","jwks":{"keys":[]}"#), "at least one"),
        (entry(r#","jwks":{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#), "public keys alone"),
        (entry(&format!(r#","jwks":{{"keys":[{private}]}}"#)), "public keys alone"),
        (
            format!(
                r#"[{{"issuer":"https://a.example","audience":"x"}},
                    {{"issuer":"https://a.example","audience":"y","jwks":{{"keys":[{PUBLIC_KEY}]}}}}]"#
            ),
            "same jwks",
        ),
    ] {
        let error = TrustedIssuer::list(&bad).unwrap_err();
        assert!(error.contains(word), "{bad}: {error}");
    }
}
