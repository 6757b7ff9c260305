use broker_core::app_state::AppState;
use broker_core::port::Store as _;

use super::scheduled::delete;
use crate::fixture::{SecretsFixture, app, soon};

fn state() -> AppState {
    AppState { unlisted: "abc".to_owned(), ..AppState::default() }
}

pub(crate) async fn mark_is_new_after_each_move_and_leaves_the_state(fixture: SecretsFixture) {
    let store = &fixture.store;
    assert_eq!(store.mark(&app("a")).await.unwrap(), None);
    store.save_app_state(&app("a"), &state(), true, soon()).await.unwrap();
    let mut seen = vec![store.mark(&app("a")).await.unwrap().expect("the first state comes with a mark")];
    for _ in 0..3 {
        store.move_mark(&app("a"), soon()).await.unwrap();
        let mark = store.mark(&app("a")).await.unwrap().unwrap();
        assert!(!seen.contains(&mark), "the mark must never have been there before");
        seen.push(mark);
    }
    assert_eq!(store.app_states(soon()).await.unwrap()[&app("a")], state());
    assert_eq!(store.mark(&app("b")).await.unwrap(), None);
}

pub(crate) async fn first_move_of_a_mark_creates_its_secret(fixture: SecretsFixture) {
    let store = &fixture.store;
    store.move_mark(&app("a"), soon()).await.unwrap();
    let mark = store.mark(&app("a")).await.unwrap();
    assert!(mark.is_some());
    assert!(store.app_states(soon()).await.unwrap().is_empty());
    store.save_app_state(&app("a"), &state(), true, soon()).await.unwrap();
    assert_eq!(store.app_states(soon()).await.unwrap()[&app("a")], state());
    assert_eq!(store.mark(&app("a")).await.unwrap(), mark);
}

pub(crate) async fn mark_of_a_secret_scheduled_for_deletion_is_not_trusted(fixture: SecretsFixture) {
    let store = &fixture.store;
    store.move_mark(&app("a"), soon()).await.unwrap();
    delete(&fixture, "index/a").await;
    assert_eq!(store.mark(&app("a")).await.unwrap(), None);
    store.move_mark(&app("a"), soon()).await.expect("no fence may fail because of its mark");
}
