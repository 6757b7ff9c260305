//! Signatures cover every byte of the body.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::{Sha256, Sha512};
use simulator::webex::Delivery;

use super::TestDeployment;
use crate::harness::TestRequest;

const SPARK: &str = "X-Spark-Signature";
const WEBEX: &str = "X-Webex-Signature";

fn sha256(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    format!("SHA-256={}", hex::encode(mac.chain_update(body).finalize().into_bytes()))
}

fn sha512(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap();
    format!("SHA-512={}", hex::encode(mac.chain_update(body).finalize().into_bytes()))
}

/// `text` with the character at index `at` replaced by another hexadecimal digit.
fn flipped(text: &str, at: usize) -> String {
    let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[tokio::test]
async fn missing_malformed_or_wrong_first_signature_is_401() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    let right = delivery.header(SPARK).unwrap().to_owned();
    let table = [
        ("empty", String::new()),
        ("a word", "none".to_owned()),
        ("upper case", right.to_uppercase()),
        ("a prefix", format!("sha1={right}")),
        ("a digit short", right[1..].to_owned()),
        ("a digit long", format!("{right}0")),
        ("not hexadecimal", right.replace(&right[..1], "g")),
        ("twice, as the gateway joins it", format!("{right},{right}")),
        ("SHA-256 in its place", sha256(&deployment.app.secret, &delivery.body)[8..].to_owned()),
        ("all zero", "0".repeat(40)),
        ("the first digit changed", flipped(&right, 0)),
        ("the last digit changed", flipped(&right, 39)),
    ];
    for (what, signature) in table {
        let answer = deployment.send(&delivery.clone().with(SPARK, signature)).await;
        assert_eq!((answer.status, answer.problem()), (401, "bad-signature".to_owned()), "{what}");
    }
    assert_eq!(deployment.status(&delivery).await, 202, "the one that all were made of");
    assert_eq!(deployment.world.lambda.queued().len(), 1);
}

#[tokio::test]
async fn one_changed_byte_in_body_or_secret_is_401() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    for at in [0, delivery.body.len() / 2, delivery.body.len() - 1] {
        let mut changed = delivery.clone();
        changed.body[at] ^= 1;
        assert_eq!(deployment.status(&changed).await, 401, "byte {at}");
    }
    let mut longer = delivery.clone();
    longer.body.push(b'\n');
    assert_eq!(deployment.status(&longer).await, 401, "a line break at the end");
    let mut compact = delivery.clone();
    compact.body = compact.body.strip_suffix(b"}").unwrap().to_vec();
    compact.body.extend_from_slice(b" }");
    assert_eq!(deployment.status(&compact).await, 401, "the same JSON, other bytes");
    for at in [0, deployment.app.secret.len() - 1] {
        let secret = flipped(&deployment.app.secret, at);
        assert_eq!(deployment.status(&Delivery::sign(&secret, delivery.body.clone())).await, 401, "secret, {at}");
    }
    assert_eq!(deployment.status(&Delivery::sign("", delivery.body.clone())).await, 401, "the empty secret");
    assert_eq!(deployment.world.lambda.queued().len(), 0);
}

#[tokio::test]
async fn well_formed_second_signature_must_match_too() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    let (short, long) =
        (sha256(&deployment.app.secret, &delivery.body), sha512(&deployment.app.secret, &delivery.body));
    let (wrong_short, wrong_long) = (flipped(&short, 20), flipped(&long, 20));
    let table = [
        ("both", format!("{short}, {long}"), 202),
        ("both, the other way round", format!("{long}, {short}"), 202),
        ("SHA-256 alone", short.clone(), 202),
        ("SHA-512 alone", long.clone(), 202),
        ("no blank between", format!("{short},{long}"), 202),
        ("wrong SHA-256", wrong_short.clone(), 401),
        ("wrong SHA-512", wrong_long.clone(), 401),
        ("right SHA-256, wrong SHA-512", format!("{short}, {wrong_long}"), 401),
        ("wrong SHA-256, right SHA-512", format!("{wrong_short}, {long}"), 401),
        ("of another body", sha256(&deployment.app.secret, b"{}"), 401),
        ("of another secret", sha256("another", &delivery.body), 401),
    ];
    for (what, signature, status) in table {
        assert_eq!(deployment.status(&delivery.clone().with(WEBEX, signature)).await, status, "{what}");
    }
}

#[tokio::test]
async fn malformed_second_signature_counts_as_absent() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    let wrong = format!("SHA-256={}", "0".repeat(64));
    for malformed in [
        "",
        "none",
        "SHA-256=",
        "SHA-256=00",
        "SHA-1=0000000000000000000000000000000000000000",
        &wrong.replace('0', "A"),
        &format!("{wrong}, MD5=00"),
        &format!("{wrong}, {wrong}"),
        &wrong.replace("SHA-256=", ""),
    ] {
        assert_eq!(deployment.status(&delivery.clone().with(WEBEX, malformed)).await, 202, "{malformed}");
        let wrong_first = delivery.clone().with(WEBEX, malformed).with(SPARK, "0".repeat(40));
        assert_eq!(deployment.status(&wrong_first).await, 401, "the first decides: {malformed}");
    }
}

#[tokio::test]
async fn second_signature_never_replaces_the_first() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    let both = delivery.clone().with_webex_signature(&deployment.app.secret);
    assert_eq!(deployment.status(&both).await, 202);
    let second_only = deployment.request(&both).without(SPARK);
    assert_eq!(deployment.world.at_webhook(&second_only).await.status, 401);
}

/// The vectors of webex-api.md section 5. The answers are 200 and 400, because neither body is an event of the app.
#[tokio::test]
async fn published_signature_vectors_are_accepted() {
    let deployment = TestDeployment::new().await;
    let long = r#"{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh","resource":"serviceApp","event":"authorized"}"#;
    let sha256 = "SHA-256=5f0a226c4c5d56d5d7ab71ebeea1468154e5dcbade28b7455f72be544586cfb3";
    deployment.store(&["myBongoSecret", "somesupersecretphrase"]);
    let vector = |body: &str, signature: &str| -> TestRequest {
        let delivery = Delivery::unsigned(body.as_bytes().to_vec()).with(SPARK, signature);
        deployment.request(&delivery)
    };
    let short = vector(r#"{"a":1,"b":2,"c":{"d":3}}"#, "01e0cb6a53731b9615b483335d77d97023410c72");
    assert_eq!(deployment.world.at_webhook(&short).await.json(), json!({"ignored": "another resource"}));
    let long = vector(long, "663e0b860b83352a2ecdc347e52d98296bc18582");
    assert_eq!(deployment.world.at_webhook(&long).await.status, 400, "believed, and without an org");
    assert_eq!(deployment.world.at_webhook(&long.clone().header(WEBEX, sha256)).await.status, 400);
    let wrong = flipped(sha256, 30);
    assert_eq!(deployment.world.at_webhook(&long.header(WEBEX, &wrong)).await.status, 401);
}
