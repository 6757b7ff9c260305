//! What is written while a grant is packed.

use futures_util::future::join;
use serde_json::json;
use simulator::Point;
use simulator::secrets::Operation;
use simulator::webex::Endpoint;

use super::super::{DAY, HOUR, frozen_at};
use super::{fence, is_set_aside, packs, quiet_orgs};
use crate::harness::{event, run};

/// An event fences the grant after its record was merged, and before its own secret is set aside.
#[tokio::test]
async fn fence_between_merge_and_deletion_is_kept() {
    for is_killed in [false, true] {
        let (world, reports, orgs) = quiet_orgs(4).await;
        let refresher = world.refresher();
        let gate = world.sim.secrets.faults().gate(Operation::DeleteSecret, Point::BeforeEffect);
        let sweep = frozen_at(&gate, run(&refresher, event("sweep"), DAY)).await;
        for org in &orgs {
            assert_eq!(world.ask(fence(org)).await["state"], "fenced");
        }
        if is_killed {
            // The deletions take effect, and nobody looks at what they hit.
            let after = world.sim.secrets.faults().gate(Operation::DeleteSecret, Point::AfterEffect);
            gate.release();
            drop(frozen_at(&after, sweep).await);
            drop(after);
        } else {
            gate.release();
            sweep.await.unwrap();
        }
        for org in &orgs {
            assert_ne!(world.token(&reports, org).await.status, 200, "killed: {is_killed}");
        }
        world.sweep().await;
        for org in &orgs {
            assert_eq!((world.token(&reports, org).await.status, world.state(&reports, org).as_str()), (410, "fenced"));
            assert!(!is_set_aside(&world, org), "the sweep takes it back from deletion");
        }
    }
}

/// The daily questions about tokens are held up until the grants are packed.
#[tokio::test]
async fn sweep_packs_while_webex_answers_no_question() {
    let (world, _, orgs) = quiet_orgs(6).await;
    world.wait(DAY * 2);
    let refresher = world.refresher();
    let gate = world.sim.webex.faults().gate(Endpoint::TokenExpiry, Point::BeforeEffect);
    let sweep = frozen_at(&gate, run(&refresher, event("sweep"), DAY)).await;
    let packed = async {
        while !orgs.iter().all(|org| is_set_aside(&world, org)) {
            tokio::task::yield_now().await;
        }
        gate.release();
    };
    let (report, ()) = join(sweep, packed).await;
    assert_eq!(report.unwrap()["failures"], json!([]));
}

/// Two sweeps pack the same grants at once.
#[tokio::test]
async fn sweeps_that_race_pack_each_grant_once() {
    let (world, reports, orgs) = quiet_orgs(8).await;
    let (first, second) = (world.refresher(), world.refresher());
    let (a, b) = join(run(&first, event("sweep"), DAY), run(&second, event("sweep"), DAY)).await;
    assert_eq!((a.unwrap()["failures"].clone(), b.unwrap()["failures"].clone()), (json!([]), json!([])));
    world.wait(HOUR * 7);
    world.sweep().await;
    assert_eq!(packs(&world).len(), 1);
    for org in &orgs {
        assert!(is_set_aside(&world, org));
        assert_eq!(world.token(&reports, org).await.status, 200);
    }
}

/// A caller's report and a sweep write over the record in the pack at once. One of them wins, and the token lives.
#[tokio::test]
async fn renewals_of_a_packed_grant_at_once_are_one() {
    let (world, reports, orgs) = super::packed_orgs(4).await;
    world.wait(DAY * 8);
    assert!(!world.sim.secrets.names().contains(&format!("webex-token-broker/grants/reports/{}", orgs[0])));
    let renew = json!({"renew": {"app": "reports", "subject": orgs[0], "force": true}});
    let environments: Vec<_> = (0..8).map(|_| world.refresher()).collect();
    let asked = environments.iter().map(|refresher| run(refresher, renew.clone(), DAY));
    let answers = futures_util::future::join_all(asked).await;
    for answer in &answers {
        assert!(answer.as_ref().unwrap()["error"].is_null(), "{answer:?}");
    }
    assert!(super::vends_a_live_token(&world, &reports, &orgs[0]).await);
}
