//! What callers copy, run as it stands; and the Rust client.

use std::process::Command;

use client::{Bearer, BoxError, Error, VendClient};

use super::street::{Street, root};
use super::{ORG, sigv4};

fn snippet(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root().join("tests/journeys/snippets"));
    command
}

#[tokio::test]
async fn curl_snippet_signs() {
    let command = || snippet("sh", &["fetch.sh"]);
    Street::new().await.renews_a_dead_token(command, &["--rejected"], "ends").await;
}

#[tokio::test]
async fn rust_snippet_uses_the_client() {
    let here = std::env::current_exe().unwrap();
    let built = here.ancestors().nth(2).unwrap().join("examples").join("fetch");
    if built.exists() {
        let command = || snippet(built.to_str().unwrap(), &[]);
        assert!(Street::new().await.renews_a_dead_token(command, &["--rejected"], "ends").await.is_some());
    } else {
        println!("skipped: `cargo t` builds the example, `cargo test --test journeys` does not");
    }
}

#[tokio::test]
async fn wrong_key_is_refused_before_the_function() {
    let street = Street::new().await;
    let credentials = aws_sdk_secretsmanager::config::Credentials::new(sigv4::ACCESS_KEY, "wrong", None, None, "test");
    let client = VendClient::new(&street.vend, client::SigV4::function_url("eu-central-1", credentials)).unwrap();
    assert!(matches!(client.token("reports", ORG).await, Err(Error::UnexpectedAnswer { status: 403, .. })));
}

#[tokio::test]
async fn client_caches_tokens_and_reports_refusals() {
    let street = Street::new().await;
    let token = street.identity();
    let identity = move || std::future::ready(Ok::<_, BoxError>(token.clone()));
    let client = VendClient::new(&street.vend, Bearer(identity)).unwrap();
    let calls = street.world.sim.secrets.journal().total();
    let first = client.token("reports", ORG).await.unwrap();
    assert!(street.world.sim.webex.is_alive(first.expose()));
    for _ in 0..5 {
        assert_eq!(client.token("reports", ORG).await.unwrap().expose(), first.expose());
    }
    assert_eq!(street.world.sim.secrets.journal().total(), calls + 1);
    street.kill_current_token();
    let next = client.rejected("reports", ORG, &first).await.unwrap();
    assert_ne!(next.expose(), first.expose());
    let Err(Error::Refused(problem)) = client.token("reports", "nobody").await else { panic!("there is one") };
    assert_eq!((problem.status, problem.kind.as_str()), (404, "urn:webex-token-broker:problem:not-found"));
    let Err(Error::Refused(problem)) = client.token("minter", "default").await else { panic!("vended") };
    assert_eq!(problem.status, 403);
}
