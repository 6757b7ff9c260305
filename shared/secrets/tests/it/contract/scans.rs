use std::collections::BTreeMap;

use broker_core::port::{Store as _, Stored};
use secrets::PageError;

use crate::fixture::{SecretsFixture, active, all_grants, app, id, revoked, soon, token};

/// More than two pages of 20.
const MANY: usize = 45;

/// `a/g0` to `a/g44`, every fifth renewed once, and one retired; the version of each.
async fn stock(fixture: &SecretsFixture) -> BTreeMap<String, (String, String)> {
    let mut stock = BTreeMap::new();
    for n in 0..MANY {
        let name = format!("a/g{n}");
        let mut stored = fixture.created(active(&name, "old")).await;
        if n % 5 == 0 {
            let new = active(&name, "new");
            stored.version = fixture.store.replace(&new, &stored.version, soon()).await.unwrap();
            stored.grant = new;
        }
        stock.insert(name, (stored.version.0.clone(), token(&stored).to_owned()));
    }
    fixture.created(revoked("a/gone")).await;
    fixture.store.retire(&id("a/gone"), soon()).await.unwrap();
    fixture.created(active("ab/other", "old")).await;
    stock
}

fn seen(grants: &[Stored]) -> BTreeMap<String, (String, String)> {
    let one = |it: &Stored| (it.grant.id.to_string(), (it.version.0.clone(), token(it).to_owned()));
    grants.iter().map(one).collect()
}

pub(crate) async fn scan_finds_every_live_record_in_its_newest_version(fixture: SecretsFixture) {
    let mut expected = stock(&fixture).await;
    let scan = all_grants(&fixture.store, soon()).await.unwrap();
    assert!(scan.cut_short.is_none(), "{:?}", scan.cut_short);
    assert_eq!(scan.unreadable, []);
    assert_eq!(scan.items.len(), MANY + 1);
    let mut found = seen(&scan.items);
    assert!(found.remove("ab/other").is_some());
    assert_eq!(found, expected);
    let (version, _) = expected.remove("a/g5").unwrap();
    let read = broker_core::port::Version(version);
    fixture.store.replace(&active("a/g5", "newest"), &read, soon()).await.unwrap();
}

pub(crate) async fn scan_names_unreadable_secrets(fixture: SecretsFixture) {
    fixture.created(active("a/good", "1")).await;
    fixture.seed("grants/a/broken", "canary").await;
    fixture.seed("grants/a/CE861FBA-6E2F-49F9-9A84-B354008FAC9E", "{}").await;
    fixture.seed("grants/stray", "{}").await;
    fixture.seed("grantsother/a/b", "{}").await;
    let scan = all_grants(&fixture.store, soon()).await.unwrap();
    assert_eq!(scan.items.len(), 1);
    let mut reasons: Vec<_> = scan.unreadable.iter().map(|it| (it.name.as_str(), it.reason.as_str())).collect();
    reasons.sort_unstable();
    let stray = "not the name of a grant";
    assert_eq!(
        reasons,
        [
            ("grants/a/CE861FBA-6E2F-49F9-9A84-B354008FAC9E", stray),
            ("grants/a/broken", "not a JSON object"),
            ("grants/stray", stray),
        ]
    );
}

pub(crate) async fn scan_finds_apps_by_their_names(fixture: SecretsFixture) {
    let text = r#"{"kind":"integration","client_id":"C","client_secret":"s","redirect_uri":"https://a/"}"#;
    for name in ["apps/a", "apps/b", "apps/NOT-ONE"] {
        fixture.seed(name, text).await;
    }
    fixture.seed("apps/c", "{}").await;
    let scan = fixture.store.apps(soon()).await.unwrap();
    let mut names: Vec<_> = scan.items.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!((names, scan.unreadable.len()), (vec!["a", "b"], 2));
}

pub(crate) async fn pages_show_each_grant_of_an_app_once(fixture: SecretsFixture) {
    let expected = stock(&fixture).await;
    let mut found = Vec::new();
    let mut next = None;
    for _ in 0..100 {
        let page = fixture.store.page(&app("a"), next.as_deref()).await.unwrap();
        assert_eq!(page.unreadable, []);
        found.extend(page.grants);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), MANY);
    assert_eq!(seen(&found), expected);
    let none = fixture.store.page(&app("nobody"), None).await.unwrap();
    assert!(none.grants.is_empty() && none.next.is_none());
}

pub(crate) async fn page_refuses_a_malformed_next(fixture: SecretsFixture) {
    for wrong in ["", "x", "b.", "c.token", "b", "🦀"] {
        let page = fixture.store.page(&app("a"), Some(wrong)).await;
        assert!(matches!(page, Err(PageError::Next)), "{wrong}: {page:?}");
    }
}

pub(crate) async fn page_refuses_a_forged_next(fixture: SecretsFixture) {
    let page = fixture.store.page(&app("a"), Some("b.forged")).await;
    assert!(matches!(page, Err(PageError::Next)), "{page:?}");
}
