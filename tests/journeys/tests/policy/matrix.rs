//! All combinations of callers, grants and actions under the policy of the examples. The expected results were written by
//! hand from the comments in callers-examples.cedar.

use broker_core::clock::Clock as _;
use serde_json::json;

use super::identities::{self, Proof, Signer};
use crate::harness::{Deployment, TestRequest};

const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// The grants; `absent` is an app that does not exist.
const GRANTS: [&str; 6] = [
    "reports/ce861fba-6e2f-49f9-9a84-b354008fac9e",
    "reports/00000000-0000-4000-8000-000000000001",
    "dialler/ce861fba-6e2f-49f9-9a84-b354008fac9e",
    "lobby/ce861fba-6e2f-49f9-9a84-b354008fac9e",
    "absent/default",
    "minter/default",
];

/// What each caller may do with each of the grants: Vend, Reject, List (its app), Guest.
#[rustfmt::skip]
const EXPECTED: [(&str, [&str; 6]); 32] = [
    ("role reporting",                       ["VRL", "VRL", "",    "",    "",  ""]),
    ("role reporting, with a path",          ["VRL", "VRL", "",    "",    "",  ""]),
    ("user of the partner",                  ["VR",  "",    "",    "",    "",  ""]),
    ("role reporting of the partner",        ["VR",  "",    "",    "",    "",  ""]),
    ("role exporter of the partner",         ["VR",  "",    "VR",  "",    "",  ""]),
    ("role exporter of a third account",     ["",    "",    "",    "",    "",  ""]),
    ("root of a third account",              ["",    "",    "",    "",    "",  ""]),
    ("role billing",                         ["",    "",    "",    "",    "",  ""]),
    ("role ops-eu",                          ["L",   "L",   "L",   "L",   "L", ""]),
    ("role ops-eu of a third account",       ["",    "",    "",    "",    "",  ""]),
    ("github, main",                         ["",    "",    "VR",  "",    "",  ""]),
    ("github, main, with a mutable subject", ["",    "",    "VR",  "",    "",  ""]),
    ("github, another branch",               ["",    "",    "",    "",    "",  ""]),
    ("github, a pull request",               ["",    "",    "",    "",    "",  ""]),
    ("github, a pull request's target",      ["",    "",    "",    "",    "",  ""]),
    ("github, the name taken by another",    ["",    "",    "",    "",    "",  ""]),
    ("github, claiming to be the lobby",     ["",    "",    "",    "",    "",  ""]),
    ("google, lobby",                        ["",    "",    "",    "VRG", "",  ""]),
    ("google, lobby unverified",             ["",    "",    "",    "",    "",  ""]),
    ("aws, data engineering",                ["VR",  "VR",  "",    "",    "",  ""]),
    ("aws, another team",                    ["",    "",    "",    "",    "",  ""]),
    ("aws, the team in its request",         ["",    "",    "",    "",    "",  ""]),
    ("cognito, access token",                ["",    "",    "",    "VR",  "",  ""]),
    ("cognito, identity token",              UNIDENTIFIED),
    ("cognito, identity token with client_id", UNIDENTIFIED),
    ("cognito, another client",              UNIDENTIFIED),
    ("kubernetes, nightly",                  ["",    "",    "VR",  "",    "",  ""]),
    ("kubernetes, another account",          ["",    "",    "",    "",    "",  ""]),
    ("entra, application",                   ["VR",  "VR",  "",    "",    "",  ""]),
    ("entra, another application",           ["",    "",    "",    "",    "",  ""]),
    ("entra, without its slash",             UNIDENTIFIED),
    ("entra, another tenant",                UNIDENTIFIED),
];

/// The row of a caller whose token proves nothing: 401 for all requests.
const UNIDENTIFIED: [&str; 6] = ["401"; 6];

/// The four requests about a grant, by their letters.
fn requests(grant: &str) -> [(char, TestRequest); 4] {
    let (app, subject) = grant.split_once('/').unwrap();
    let base = format!("/v1/apps/{app}/grants");
    let digest = json!({"access_token_sha256": "0".repeat(64)});
    [
        ('V', TestRequest::get(&format!("{base}/{subject}/token"))),
        ('R', TestRequest::post(&format!("{base}/{subject}/token/rejected"), &digest)),
        ('L', TestRequest::get(&base)),
        ('G', TestRequest::post(&format!("{base}/{subject}/guests"), &json!({"subject": "a", "display_name": "Ada"}))),
    ]
}

/// A deployment with the policy of the examples, and its issuers.
async fn deployment() -> (Deployment, Vec<Signer>) {
    let signers = identities::signers();
    let issuers = identities::configuration(&signers);
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers-examples.cedar");
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", examples)]).await;
    world.minter().await;
    for name in ["reports", "dialler", "lobby"] {
        let app = world.app(name);
        world.onboard(&app, ORG).await;
    }
    (world, signers)
}

/// The request as this caller sends it.
fn by(who: &str, request: TestRequest, (world, signers): &(Deployment, Vec<Signer>)) -> TestRequest {
    identities::prove(request, &identities::proof(who), signers, world.clock.now().as_second() + 3600)
}

#[tokio::test]
async fn example_policy_permits_exactly_what_it_says() {
    let deployment = deployment().await;
    let mut wrong = Vec::new();
    for (who, row) in EXPECTED {
        for (grant, expected) in GRANTS.iter().zip(row) {
            for (letter, request) in requests(grant) {
                let answer = deployment.0.at(&deployment.0.vend, &by(who, request, &deployment)).await;
                let is_right = match answer.status {
                    401 => expected == "401",
                    200 | 404 => expected.contains(letter),
                    403 => expected != "401" && !expected.contains(letter),
                    _ => false,
                };
                if !is_right {
                    wrong.push(format!("{who}: {letter} {grant}: {} {}", answer.status, answer.text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The caller learns as whom it was refused, and nothing of the policy; the log says what would have had to be otherwise.
#[tokio::test]
async fn refusal_tells_the_caller_itself_and_the_log_why() {
    let deployment = deployment().await;
    for (n, (who, app, policy, claims)) in [
        ("github, another branch", "dialler", "deploys-from-main", "claims ref"),
        ("github, a pull request", "dialler", "deploys-from-main", "claims event_name, ref"),
        ("github, the name taken by another", "dialler", "deploys-from-main", "claims repository_id"),
        ("google, lobby unverified", "lobby", "lobby-invites-guests", "claims email_verified"),
        (
            "aws, another team",
            "reports",
            "data-engineers-read-reports",
            "claims https://sts.amazonaws.com/.principal_tags.team",
        ),
        ("kubernetes, another account", "dialler", "pod-reads-dialler", "claims sub"),
        ("entra, another application", "reports", "entra-app-reads-reports", "claims appid"),
    ]
    .into_iter()
    .enumerate()
    {
        let org = format!("00000000-0000-4000-8000-0000000003{n:02}");
        let token = TestRequest::get(&format!("/v1/apps/{app}/grants/{org}/token"));
        let answer = deployment.0.at(&deployment.0.vend, &by(who, token, &deployment)).await;
        let Proof::Token(issuer, sent) = identities::proof(who) else { panic!("{who}") };
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 403, "{who}");
        assert!(detail.contains(sent["sub"].as_str().unwrap()) && detail.contains(issuer), "{who}: {detail}");
        assert!(!answer.text.contains(policy) && !answer.text.contains("nearest"), "{who}: {}", answer.text);
        let lines = crate::harness::lines_about(&org);
        let reason = lines[0]["reason"].as_str().unwrap();
        assert!(reason.contains(policy) && reason.ends_with(claims), "{who}: {reason}");
    }
}

#[tokio::test]
async fn audit_line_names_the_permitting_policy() {
    let deployment = deployment().await;
    for (who, grant, policy) in
        [("role reporting", GRANTS[0], "reporting-reads-reports"), ("github, main", GRANTS[2], "deploys-from-main")]
    {
        let [(_, vend), ..] = requests(grant);
        assert_eq!(deployment.0.at(&deployment.0.vend, &by(who, vend, &deployment)).await.status, 200, "{who}");
        let app = grant.split('/').next().unwrap();
        let lines = crate::harness::lines_about(ORG);
        assert!(lines.iter().any(|line| line["app"] == app && line["policy"] == policy), "{who}");
    }
}
