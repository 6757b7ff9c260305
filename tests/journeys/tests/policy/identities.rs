//! The callers of the matrix, and the identities that they prove, in the shapes that their issuers document.

use serde_json::{Value, json};

use crate::harness::TestRequest;
use crate::oidc::{AUDIENCE, Key};

pub(super) const GOOGLE: &str = "https://accounts.google.com";
pub(super) const GITHUB: &str = "https://token.actions.githubusercontent.com";
pub(super) const AWS: &str = "https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws";
pub(super) const COGNITO: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E";
pub(super) const KUBERNETES: &str = "https://kubernetes.default.svc.cluster.local";
pub(super) const ENTRA: &str = "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/";

const COGNITO_CLIENT: &str = "1example23456789";

/// An issuer with the key with which it signs.
pub(super) struct Signer {
    issuer: &'static str,
    key: Key,
}

/// The issuers of the examples. Their keys are in the configuration, so that they have their own URLs here.
pub(super) fn signers() -> Vec<Signer> {
    [(GOOGLE, "RS256"), (GITHUB, "RS256"), (AWS, "ES384"), (COGNITO, "RS512"), (KUBERNETES, "ES512"), (ENTRA, "PS384")]
        .map(|(issuer, alg)| Signer { issuer, key: Key::new("k1", alg) })
        .into()
}

/// `OIDC_ISSUERS` for these issuers.
pub(super) fn configuration(signers: &[Signer]) -> String {
    let entry = |signer: &Signer| {
        let mut entry = json!({"issuer": signer.issuer, "audience": AUDIENCE, "jwks": {"keys": [signer.key.jwk()]}});
        if signer.issuer == COGNITO {
            entry["audience"] = COGNITO_CLIENT.into();
            entry["audience_claim"] = "client_id".into();
        }
        entry
    };
    Value::Array(signers.iter().map(entry).collect()).to_string()
}

/// What a caller of the matrix sends: the ARN that AWS puts into the event, or the issuer and the claims of a token.
pub(super) enum Proof {
    Arn(String),
    Token(&'static str, Value),
}

pub(super) fn proof(who: &str) -> Proof {
    if let Some(arn) = arn(who) {
        return Proof::Arn(arn);
    }
    let (issuer, claims) = match who.split_once(", ") {
        Some(("github", which)) => (GITHUB, github(which)),
        Some(("google", which)) => (GOOGLE, google(which)),
        Some(("aws", which)) => (AWS, aws(which)),
        Some(("cognito", which)) => (COGNITO, cognito(which)),
        Some(("kubernetes", which)) => (KUBERNETES, kubernetes(which)),
        Some(("entra", which)) => (ENTRA, entra(which)),
        _ => panic!("unknown caller {who}"),
    };
    Proof::Token(issuer, claims)
}

fn arn(who: &str) -> Option<String> {
    let session = |account: &str, name: &str| format!("arn:aws:sts::{account}:assumed-role/{name}/s");
    Some(match who {
        "role reporting" => session("123456789012", "reporting"),
        "role reporting, with a path" => "arn:aws:iam::123456789012:role/eu/reporting".to_owned(),
        "user of the partner" => "arn:aws:iam::210987654321:user/bo".to_owned(),
        "role reporting of the partner" => session("210987654321", "reporting"),
        "role exporter of the partner" => session("210987654321", "exporter"),
        "role exporter of a third account" => session("999999999999", "exporter"),
        "root of a third account" => "arn:aws:iam::999999999999:root".to_owned(),
        "role billing" => session("123456789012", "billing"),
        "role ops-eu" => session("123456789012", "ops-eu"),
        "role ops-eu of a third account" => session("999999999999", "ops-eu"),
        _ => return None,
    })
}

/// GitHub's example of a token, of a repository with immutable subjects.
fn github(which: &str) -> Value {
    let mut claims = json!({"sub": "repo:acme@123456/dialler@456789:ref:refs/heads/main", "repository": "acme/dialler",
        "repository_id": "456789", "repository_owner": "acme", "repository_owner_id": "123456", "ref": "refs/heads/main",
        "ref_type": "branch", "event_name": "push", "run_attempt": "1", "runner_environment": "github-hosted"});
    match which {
        "main" => {}
        "main, with a mutable subject" => claims["sub"] = "repo:acme/dialler:ref:refs/heads/main".into(),
        "another branch" => claims["ref"] = "refs/heads/feature".into(),
        "a pull request" => {
            claims["sub"] = "repo:acme@123456/dialler@456789:pull_request".into();
            claims["ref"] = "refs/pull/7/merge".into();
            claims["event_name"] = "pull_request".into();
        }
        "a pull request's target" => claims["event_name"] = "pull_request_target".into(),
        "the name taken by another" => claims["repository_id"] = "999999".into(),
        "claiming to be the lobby" => claims = google("lobby"),
        other => panic!("unknown token of GitHub: {other}"),
    }
    claims
}

fn google(which: &str) -> Value {
    let verified = match which {
        "lobby" => true,
        "lobby unverified" => false,
        other => panic!("unknown token of Google: {other}"),
    };
    json!({"sub": "110169484474386276334", "azp": "110169484474386276334", "email": "lobby@acme.iam.gserviceaccount.com",
        "email_verified": verified})
}

/// The example of "Understanding token claims" in AWS's guide.
fn aws(which: &str) -> Value {
    let mut own = json!({"aws_account": "123456789012", "source_region": "us-east-1", "org_id": "o-abc1234567",
        "ou_path": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/",
        "principal_tags": {"environment": "production", "team": "data-engineering", "cost-center": "engineering"},
        "lambda_source_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:process-data",
        "request_tags": {"job-id": "job-2024-001", "priority": "high"}});
    match which {
        "data engineering" => {}
        "another team" => own["principal_tags"]["team"] = "marketing".into(),
        "the team in its request" => {
            own["request_tags"]["team"] = "data-engineering".into();
            own["principal_tags"] = json!({});
        }
        other => panic!("unknown token of AWS: {other}"),
    }
    json!({"sub": "arn:aws:iam::123456789012:role/DataProcessingRole", "https://sts.amazonaws.com/": own})
}

/// The examples of Cognito's access and identity tokens: the first has no `aud`, the second no `client_id`.
fn cognito(which: &str) -> Value {
    let mut claims = json!({"sub": COGNITO_CLIENT, "client_id": COGNITO_CLIENT, "token_use": "access", "version": 2,
        "scope": "broker/tokens", "aud": null});
    match which {
        "access token" => {}
        "identity token" => {
            claims = json!({"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "aud": COGNITO_CLIENT, "token_use": "id"});
        }
        "identity token with client_id" => claims["token_use"] = "id".into(),
        "another client" => claims["client_id"] = "another".into(),
        other => panic!("unknown token of Cognito: {other}"),
    }
    claims
}

/// A projected token of a pod.
fn kubernetes(which: &str) -> Value {
    let account = match which {
        "nightly" => "nightly",
        "another account" => "default",
        other => panic!("unknown token of Kubernetes: {other}"),
    };
    json!({"aud": [AUDIENCE], "sub": format!("system:serviceaccount:reports:{account}"),
        "kubernetes.io": {"namespace": "reports", "pod": {"name": "nightly-0", "uid": "1"},
            "serviceaccount": {"name": account, "uid": "2"}}})
}

/// An application's token of version 1.0.
fn entra(which: &str) -> Value {
    let mut claims = json!({"sub": "1f5b8f35-0000-4000-8000-000000000001", "oid": "1f5b8f35-0000-4000-8000-000000000001",
        "appid": "6e74172b-be56-4843-9ff4-e66a39bb12e3", "appidacr": "1", "ver": "1.0", "idtyp": "app",
        "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47", "roles": ["Tokens.Read"]});
    match which {
        "application" => {}
        "another application" => claims["appid"] = "00000000-0000-4000-8000-000000000002".into(),
        "without its slash" => claims["iss"] = ENTRA.trim_end_matches('/').into(),
        "another tenant" => claims["iss"] = "https://sts.windows.net/00000000-0000-4000-8000-000000000003/".into(),
        other => panic!("unknown token of Entra: {other}"),
    }
    claims
}

/// The request with this proof, in a token that ends at `exp`.
pub(super) fn prove(request: TestRequest, proof: &Proof, signers: &[Signer], exp: i64) -> TestRequest {
    match proof {
        Proof::Arn(arn) => request.caller(Some(arn)),
        Proof::Token(issuer, claims) => {
            let signer = signers.iter().find(|signer| signer.issuer == *issuer).unwrap();
            let token = signer.key.token(&complete(claims, issuer, exp));
            request.caller(None).header("authorization", &format!("Bearer {token}"))
        }
    }
}

/// The claims with the issuer, the audience and the times that they do not name. A claim that is `null` is left out.
fn complete(claims: &Value, issuer: &str, exp: i64) -> Value {
    let mut all = json!({"iss": issuer, "aud": AUDIENCE, "iat": exp - 3600, "nbf": exp - 3600, "exp": exp, "jti": "1"});
    let all_claims = all.as_object_mut().unwrap();
    all_claims.extend(claims.as_object().cloned().unwrap());
    all_claims.retain(|_, value| !value.is_null());
    all
}
