use broker_core::port::{Store as _, StoreError};

use crate::fixture::{SecretsFixture, active, id, soon, token};

const RACERS: usize = 16;

/// The one that won. All others must have ended in a conflict.
fn winner<T: std::fmt::Debug>(ends: Vec<Result<T, StoreError>>) -> (usize, T) {
    let mut winners = Vec::new();
    for (racer, end) in ends.into_iter().enumerate() {
        match end {
            Ok(it) => winners.push((racer, it)),
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    winners.remove(0)
}

pub(crate) async fn one_of_sixteen_writers_wins(fixture: SecretsFixture) {
    let mut current = fixture.created(active("a/b", "0")).await.version;
    for round in 0..50 {
        let racers = (0..RACERS).map(|racer| {
            // Each is a process of its own, as far as pacing goes.
            let fixture = fixture.another();
            let read = current.clone();
            tokio::spawn(async move {
                let grant = active("a/b", &format!("{round}-{racer}"));
                fixture.store.replace(&grant, &read, soon()).await
            })
        });
        let racers: Vec<_> = racers.collect();
        let mut ends = Vec::new();
        for racer in racers {
            ends.push(racer.await.unwrap());
        }
        let (racer, version) = winner(ends);
        let found = fixture.live(&id("a/b")).await;
        assert_eq!(token(&found), format!("{round}-{racer}"));
        assert_eq!(found.version, version);
        current = version;
    }
}

pub(crate) async fn one_of_sixteen_creators_wins(fixture: SecretsFixture) {
    let racers = (0..RACERS).map(|racer| {
        let fixture = fixture.another();
        tokio::spawn(async move { fixture.store.create(&active("a/b", &racer.to_string()), soon()).await })
    });
    let racers: Vec<_> = racers.collect();
    let mut ends = Vec::new();
    for racer in racers {
        ends.push(racer.await.unwrap());
    }
    let (racer, version) = winner(ends);
    let found = fixture.live(&id("a/b")).await;
    assert_eq!((token(&found), &found.version), (racer.to_string().as_str(), &version));
}

pub(crate) async fn one_of_sixteen_claims_wins(fixture: SecretsFixture) {
    let read = fixture.created(active("a/b", "0")).await.version;
    let racers = (0..RACERS).map(|_| {
        let fixture = fixture.another();
        let read = read.clone();
        tokio::spawn(async move { fixture.store.claim(&active("a/b", "0"), &read, soon()).await })
    });
    let racers: Vec<_> = racers.collect();
    let mut ends = Vec::new();
    for racer in racers {
        ends.push(racer.await.unwrap());
    }
    let (_, version) = winner(ends);
    assert_eq!(fixture.live(&id("a/b")).await.version, version);
}
