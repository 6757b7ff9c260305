//! How a request may arrive: paths, methods, sizes, header names, encodings.

use simulator::webex::Delivery;

use super::{ORG, TestDeployment};

/// 64 KiB.
const MOST: usize = 64 * 1024;

#[tokio::test]
async fn header_names_are_case_insensitive() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized().with_webex_signature(&deployment.app.secret);
    let (spark, webex) = ("x-spark-signature", "x-webex-signature");
    let headers = [spark, webex].map(|name| delivery.header(name).unwrap().to_owned());
    let bare = deployment.request(&delivery).without(spark).without(webex);
    for (first, second) in [
        ("x-spark-signature", "x-webex-signature"),
        ("X-Spark-Signature", "X-Webex-Signature"),
        ("X-SPARK-SIGNATURE", "X-WEBEX-SIGNATURE"),
    ] {
        let request = bare.clone().header(first, &headers[0]).header(second, &headers[1]);
        assert_eq!(deployment.world.at_webhook(&request).await.status, 202, "{first}");
        let wrong = bare.clone().header(first, &headers[0]).header(second, &format!("SHA-256={}", "0".repeat(64)));
        assert_eq!(deployment.world.at_webhook(&wrong).await.status, 401, "{second} is seen");
    }
}

#[tokio::test]
async fn signature_covers_the_sent_bytes_in_text_and_base64() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    let text = String::from_utf8(delivery.body.clone()).unwrap();
    let plain = deployment.request(&delivery).text(&text);
    assert_eq!(deployment.world.at_webhook(&plain).await.status, 202);
    assert_eq!(deployment.status(&delivery).await, 202);
    let body = format!("{{ \"é\" : \"{}\\u00e9\" }}", "\u{1f600}");
    let odd = Delivery::sign(&deployment.app.secret, body.clone().into_bytes());
    assert_eq!(deployment.status(&odd).await, 200, "accepted, and about nothing");
    assert_eq!(deployment.world.at_webhook(&deployment.request(&odd).text(&body)).await.status, 200);
}

#[tokio::test]
async fn body_over_64_kib_is_413_without_a_read() {
    let deployment = TestDeployment::new().await;
    let padded = |bytes: usize| {
        let body = deployment.body().to_string();
        let blanks = " ".repeat(bytes - body.len());
        Delivery::sign(&deployment.app.secret, format!("{body}{blanks}").into_bytes())
    };
    assert_eq!(deployment.status(&padded(MOST)).await, 202);
    let unsigned = Delivery::unsigned(vec![b'x'; MOST]);
    assert_eq!(deployment.status(&unsigned).await, 401, "read, and refused");
    let large = padded(MOST + 1);
    assert_eq!(deployment.send(&large).await.problem(), "too-large");
    let text = String::from_utf8(large.body.clone()).unwrap();
    assert_eq!(deployment.world.at_webhook(&deployment.request(&large).text(&text)).await.status, 413, "as text, too");
    assert_eq!(deployment.reads(), 1, "and without a single read");
}

#[tokio::test]
async fn other_method_is_405_and_names_post() {
    let deployment = TestDeployment::new().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = deployment.world.at_webhook(&deployment.request(&deployment.authorized()).method(method)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
    }
    assert_eq!(deployment.reads(), 0);
}

#[tokio::test]
async fn path_without_an_app_is_404_without_a_read() {
    let deployment = TestDeployment::new().await;
    let request = deployment.request(&deployment.authorized());
    for path in [
        "/",
        "/webhooks",
        "/webhooks/",
        "/webhooks/reports//",
        "/webhooks//reports",
        "/webhook/reports",
        "/webhooks/Reports",
        "/webhooks/-reports",
        "/webhooks/reports%2Fmore",
        "/webhooks/..%2Fapps%2Freports",
        "/webhooks/reports%00",
        "/v1/webhooks/reports",
    ] {
        let answer = deployment.world.at_webhook(&request.clone().path(path)).await;
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()), "{path}");
    }
    assert_eq!(deployment.reads(), 0, "none of them could be an app's");
    let long = format!("/webhooks/{}", "a".repeat(33));
    assert_eq!(deployment.world.at_webhook(&request.clone().path(&long)).await.status, 404);
    assert_eq!(deployment.world.at_webhook(&request.path("/webhooks/%72eports")).await.status, 202, "%72 is an r");
}

#[tokio::test]
async fn stage_of_an_api_gateway_is_left_out_of_the_path() {
    let deployment = TestDeployment::new().await;
    let request = deployment.request(&deployment.authorized());
    for stage in ["prod", "webhooks"] {
        assert_eq!(deployment.world.at_webhook(&request.clone().stage(stage)).await.status, 202, "{stage}");
    }
    let subject = &deployment.world.lambda.queued()[0]["reconcile"]["subject"];
    assert_eq!(subject, ORG);
    let other = request.clone().stage("prod").path("/test/webhooks/reports");
    assert_eq!(deployment.world.at_webhook(&other).await.status, 404, "another stage's path");
    let twice = request.stage("prod").path("/prod/prod/webhooks/reports");
    assert_eq!(deployment.world.at_webhook(&twice).await.status, 404);
}

#[tokio::test]
async fn query_is_ignored() {
    let deployment = TestDeployment::new().await;
    let mut request = deployment.request(&deployment.authorized());
    request.0["rawQueryString"] = "app=exports&x".into();
    assert_eq!(deployment.world.at_webhook(&request).await.status, 202);
}
