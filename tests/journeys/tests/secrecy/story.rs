//! The long story, and what nobody saw in it.

use super::watch::Watch;
use super::{documents, echoes, everyday, requests};
use crate::harness::logged;

#[tokio::test]
async fn whatever_happens_no_secret_is_seen_where_it_does_not_belong() {
    let mut watch = Watch::new().await;
    let stage = everyday::set_the_stage(&mut watch).await;
    everyday::a_good_day(&mut watch, &stage).await;
    everyday::outages(&mut watch, &stage).await;
    echoes::webex_repeats_what_it_was_sent(&mut watch, &stage).await;
    requests::secrets_in_the_wrong_place(&mut watch, &stage).await;
    documents::secrets_in_broken_documents(&mut watch, &stage).await;
    everyday::the_end(&mut watch, &stage).await;

    let spilt = watch.spilt();
    assert!(spilt.is_empty(), "{} spilt:\n{}", spilt.len(), spilt.join("\n"));
    assert!(watch.answers() > 150, "{} answers are not the long story", watch.answers());
    assert!(watch.canaries.len() > 200, "{} forms", watch.canaries.len());
    let log = logged();
    for line in ["asked Webex", "handed over to the refresher", "\"vended\"", "swept", "was left alone", "DEBUG"] {
        assert!(log.contains(line), "the log was searched, and is not empty: {line}");
    }
}
