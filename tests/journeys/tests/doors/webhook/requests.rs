//! How a request may arrive: paths, methods, sizes, header names, encodings.

use simulator::webex::Delivery;

use super::{Desk, ORG};

/// 64 KiB.
const MOST: usize = 64 * 1024;

#[tokio::test]
async fn header_names_arrive_in_any_case() {
    let desk = Desk::new().await;
    let delivery = desk.authorized().with_webex_signature(&desk.app.secret);
    let (spark, webex) = ("x-spark-signature", "x-webex-signature");
    let headers = [spark, webex].map(|name| delivery.header(name).unwrap().to_owned());
    let bare = desk.knock(&delivery).without(spark).without(webex);
    for (first, second) in [
        ("x-spark-signature", "x-webex-signature"),
        ("X-Spark-Signature", "X-Webex-Signature"),
        ("X-SPARK-SIGNATURE", "X-WEBEX-SIGNATURE"),
    ] {
        let knock = bare.clone().header(first, &headers[0]).header(second, &headers[1]);
        assert_eq!(desk.world.at_webhook(&knock).await.status, 202, "{first}");
        let wrong = bare.clone().header(first, &headers[0]).header(second, &format!("SHA-256={}", "0".repeat(64)));
        assert_eq!(desk.world.at_webhook(&wrong).await.status, 401, "{second} is seen");
    }
}

#[tokio::test]
async fn a_body_is_signed_as_it_was_sent_whether_it_travels_as_text_or_in_base64() {
    let desk = Desk::new().await;
    let delivery = desk.authorized();
    let text = String::from_utf8(delivery.body.clone()).unwrap();
    let plain = desk.knock(&delivery).text(&text);
    assert_eq!(desk.world.at_webhook(&plain).await.status, 202);
    assert_eq!(desk.status(&delivery).await, 202);
    let body = format!("{{ \"é\" : \"{}\\u00e9\" }}", "\u{1f600}");
    let odd = Delivery::sign(&desk.app.secret, body.clone().into_bytes());
    assert_eq!(desk.status(&odd).await, 200, "believed, and about nothing");
    assert_eq!(desk.world.at_webhook(&desk.knock(&odd).text(&body)).await.status, 200);
}

#[tokio::test]
async fn sixty_four_kibibytes_are_read_and_not_one_byte_more() {
    let desk = Desk::new().await;
    let padded = |bytes: usize| {
        let body = desk.body().to_string();
        let blanks = " ".repeat(bytes - body.len());
        Delivery::sign(&desk.app.secret, format!("{body}{blanks}").into_bytes())
    };
    assert_eq!(desk.status(&padded(MOST)).await, 202);
    let unsigned = Delivery::unsigned(vec![b'x'; MOST]);
    assert_eq!(desk.status(&unsigned).await, 401, "looked at, and not believed");
    let large = padded(MOST + 1);
    assert_eq!(desk.send(&large).await.problem(), "too-large");
    let text = String::from_utf8(large.body.clone()).unwrap();
    assert_eq!(desk.world.at_webhook(&desk.knock(&large).text(&text)).await.status, 413, "as text, too");
    assert_eq!(desk.reads(), 1, "and without a single read");
}

#[tokio::test]
async fn every_other_method_is_405_and_names_the_right_one() {
    let desk = Desk::new().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = desk.world.at_webhook(&desk.knock(&desk.authorized()).method(method)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
    }
    assert_eq!(desk.reads(), 0);
}

#[tokio::test]
async fn a_path_that_is_no_apps_is_404() {
    let desk = Desk::new().await;
    let knock = desk.knock(&desk.authorized());
    for path in [
        "/",
        "/webhooks",
        "/webhooks/",
        "/webhooks/reports/",
        "/webhooks//reports",
        "/webhook/reports",
        "/webhooks/Reports",
        "/webhooks/-reports",
        "/webhooks/reports%2Fmore",
        "/webhooks/..%2Fapps%2Freports",
        "/webhooks/reports%00",
        "/v1/webhooks/reports",
    ] {
        let answer = desk.world.at_webhook(&knock.clone().path(path)).await;
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()), "{path}");
    }
    assert_eq!(desk.reads(), 0, "none of them could be an app's");
    let long = format!("/webhooks/{}", "a".repeat(33));
    assert_eq!(desk.world.at_webhook(&knock.clone().path(&long)).await.status, 404);
    assert_eq!(desk.world.at_webhook(&knock.path("/webhooks/%72eports")).await.status, 202, "%72 is an r");
}

#[tokio::test]
async fn an_api_gateway_may_put_its_stage_before_the_path() {
    let desk = Desk::new().await;
    let knock = desk.knock(&desk.authorized());
    for stage in ["prod", "webhooks"] {
        assert_eq!(desk.world.at_webhook(&knock.clone().stage(stage)).await.status, 202, "{stage}");
    }
    let subject = &desk.world.lambda.queued()[0]["reconcile"]["subject"];
    assert_eq!(subject, ORG);
    let other = knock.clone().stage("prod").path("/test/webhooks/reports");
    assert_eq!(desk.world.at_webhook(&other).await.status, 404, "another stage's path");
    let twice = knock.stage("prod").path("/prod/prod/webhooks/reports");
    assert_eq!(desk.world.at_webhook(&twice).await.status, 404);
}

#[tokio::test]
async fn what_a_query_says_does_not_matter() {
    let desk = Desk::new().await;
    let mut knock = desk.knock(&desk.authorized());
    knock.0["rawQueryString"] = "app=exports&x".into();
    assert_eq!(desk.world.at_webhook(&knock).await.status, 202);
}
