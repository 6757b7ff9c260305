//! One long story with normal operation, failures and misuse, searched for secrets.

use super::leak_detector::LeakDetector;
use super::{echoes, everyday, malformed_documents, misplaced_secrets};
use crate::harness::logged;

#[tokio::test]
async fn no_secret_leaves_the_deployment_in_a_long_story() {
    let mut detector = LeakDetector::new().await;
    let participants = everyday::set_up(&mut detector).await;
    everyday::normal_operation(&mut detector, &participants).await;
    everyday::outages(&mut detector, &participants).await;
    echoes::errors_that_repeat_secrets(&mut detector, &participants).await;
    misplaced_secrets::requests_with_misplaced_secrets(&mut detector, &participants).await;
    malformed_documents::documents_that_cannot_be_read(&mut detector, &participants).await;
    everyday::withdrawal(&mut detector, &participants).await;

    let leaks = detector.leaks();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    assert!(detector.answer_count() > 150, "the story should be longer than {} answers", detector.answer_count());
    assert!(detector.canaries.len() > 200, "only {} encoded secrets were searched for", detector.canaries.len());
    let events = detector.world.sim.events.taken().len();
    assert!(events > 20, "only {events} events were searched");
    let log = logged();
    for line in ["request to Webex", "handed over to the refresher", "\"vended\"", "swept", "was left alone", "DEBUG"] {
        assert!(log.contains(line), "the log should hold {line}, or the wrong log was searched");
    }
}
