//! All combinations of callers, grants and actions under the policy of the examples. The expected results were written by
//! hand from the comments in callers-examples.cedar.

use broker_core::clock::Clock as _;
use serde_json::{Value, json};
use vend::Vend;

use crate::harness::{Deployment, ManualClock, TestRequest};
use crate::oidc::{AUDIENCE, Issuer, Key};

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
const EXPECTED: [(&str, [&str; 6]); 13] = [
    ("role reporting",                    ["VRL", "VRL", "",    "",    "",  ""]),
    ("role reporting, with a path",       ["VRL", "VRL", "",    "",    "",  ""]),
    ("user of the partner",               ["VR",  "",    "",    "",    "",  ""]),
    ("role reporting of the partner",     ["VR",  "",    "",    "",    "",  ""]),
    ("root of a third account",           ["",    "",    "",    "",    "",  ""]),
    ("role billing",                      ["",    "",    "",    "",    "",  ""]),
    ("role ops-eu",                       ["L",   "L",   "L",   "L",   "L", ""]),
    ("role ops-eu of a third account",    ["",    "",    "",    "",    "",  ""]),
    ("github, main",                      ["",    "",    "VR",  "",    "",  ""]),
    ("github, a pull request",            ["",    "",    "",    "",    "",  ""]),
    ("google, lobby",                     ["",    "",    "",    "VRG", "",  ""]),
    ("google, lobby unverified",          ["",    "",    "",    "",    "",  ""]),
    ("github, claiming to be the lobby",  ["",    "",    "",    "",    "",  ""]),
];

/// The issuers and keys with which the callers prove their identities.
struct Callers {
    google: (Issuer, Key),
    github: (Issuer, Key),
    exp: i64,
}

impl Callers {
    fn identify(&self, who: &str, request: TestRequest) -> TestRequest {
        let own = |name: &str| format!("arn:aws:sts::123456789012:assumed-role/{name}/s");
        let lobby = json!({"sub": "1", "email": "lobby@acme.iam.gserviceaccount.com", "email_verified": true});
        let unverified = json!({"sub": "1", "email": "lobby@acme.iam.gserviceaccount.com", "email_verified": false});
        let (main, pull) =
            (json!({"sub": "repo:acme/dialler:ref:refs/heads/main"}), json!({"sub": "repo:acme/dialler:pull_request"}));
        match who {
            "role reporting" => request.caller(Some(&own("reporting"))),
            "role reporting, with a path" => request.caller(Some("arn:aws:iam::123456789012:role/eu/reporting")),
            "user of the partner" => request.caller(Some("arn:aws:iam::210987654321:user/bo")),
            "role reporting of the partner" => {
                request.caller(Some("arn:aws:sts::210987654321:assumed-role/reporting/s"))
            }
            "root of a third account" => request.caller(Some("arn:aws:iam::999999999999:root")),
            "role billing" => request.caller(Some(&own("billing"))),
            "role ops-eu" => request.caller(Some(&own("ops-eu"))),
            "role ops-eu of a third account" => request.caller(Some("arn:aws:sts::999999999999:assumed-role/ops-eu/s")),
            "github, main" => self.bearer(&self.github, &main, request),
            "github, a pull request" => self.bearer(&self.github, &pull, request),
            "google, lobby" => self.bearer(&self.google, &lobby, request),
            "google, lobby unverified" => self.bearer(&self.google, &unverified, request),
            "github, claiming to be the lobby" => self.bearer(&self.github, &lobby, request),
            other => panic!("unknown caller {other}"),
        }
    }

    fn bearer(&self, (issuer, key): &(Issuer, Key), claims: &Value, request: TestRequest) -> TestRequest {
        let mut claims = claims.clone();
        claims["iss"] = issuer.url.clone().into();
        claims["aud"] = AUDIENCE.into();
        claims["exp"] = self.exp.into();
        request.caller(None).header("authorization", &format!("Bearer {}", key.token(&claims)))
    }
}

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

/// A deployment with the policy of the examples, whose issuers are on this machine.
async fn deployment() -> (Deployment, Callers) {
    let (google_key, github_key) = (Key::new("g", "ES256"), Key::new("h", "ES256"));
    let (google, github) = (Issuer::start(&[&google_key]).await, Issuer::start(&[&github_key]).await);
    let examples = include_str!("../../../../infra/callers-examples.cedar")
        .replace("https://accounts.google.com", &google.url)
        .replace("https://token.actions.githubusercontent.com", &github.url);
    let file = std::env::temp_dir().join(format!("matrix-{}.cedar", std::process::id()));
    std::fs::write(&file, examples).unwrap();
    let issuers = json!([google.trusted_for(AUDIENCE), github.trusted_for(AUDIENCE)]).to_string();
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", file.to_str().unwrap())]).await;
    world.minter().await;
    for name in ["reports", "dialler", "lobby"] {
        let app = world.app(name);
        world.onboard(&app, ORG).await;
    }
    let exp = world.clock.now().as_second() + 3600;
    (world, Callers { google: (google, google_key), github: (github, github_key), exp })
}

async fn allowed(vend: &Vend<ManualClock>, world: &Deployment, request: &TestRequest, what: &str) -> bool {
    let answer = world.at(vend, request).await;
    match answer.status {
        200 | 404 => true,
        403 => false,
        other => panic!("{what}: {other} {}", answer.text),
    }
}

#[tokio::test]
async fn example_policy_permits_exactly_what_it_says() {
    let (world, callers) = deployment().await;
    let mut wrong = Vec::new();
    for (who, row) in EXPECTED {
        for (grant, expected) in GRANTS.iter().zip(row) {
            for (letter, request) in requests(grant) {
                let what = format!("{who}: {letter} {grant}");
                let got = allowed(&world.vend, &world, &callers.identify(who, request), &what).await;
                if got != expected.contains(letter) {
                    wrong.push(format!("{what}: {}", if got { "allowed" } else { "refused" }));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn audit_line_names_the_permitting_policy() {
    let (world, callers) = deployment().await;
    for (who, grant, policy) in
        [("role reporting", GRANTS[0], "reporting-reads-reports"), ("github, main", GRANTS[2], "deploys-from-main")]
    {
        let [(_, vend), ..] = requests(grant);
        assert_eq!(world.at(&world.vend, &callers.identify(who, vend)).await.status, 200, "{who}");
        let app = grant.split('/').next().unwrap();
        let lines = crate::harness::lines_about(ORG);
        assert!(lines.iter().any(|line| line["app"] == app && line["policy"] == policy), "{who}");
    }
}
