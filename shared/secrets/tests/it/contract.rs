//! What must be true of any store. Each case has a prefix of its own, so that one store serves them all.

mod documents;
mod races;
mod retiring;
mod scans;
mod writes;

use std::pin::Pin;

use crate::shop::Shop;

struct Case {
    name: &'static str,
    run: fn(Shop) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

macro_rules! cases {
    ($($file:ident::$name:ident),* $(,)?) => {
        [$(Case { name: stringify!($name), run: |shop| Box::pin($file::$name(shop)) }),*]
    };
}

/// Runs every case but the known `gaps`, and says at the end which failed.
pub(crate) async fn check(endpoint_url: &str, gaps: &[(&str, &str)]) {
    let cases = cases![
        documents::what_was_never_written_is_nothing,
        documents::what_the_operator_wrote_is_read,
        documents::what_cannot_be_understood_is_left_as_it_is,
        documents::a_binary_secret_is_unreadable,
        writes::a_record_is_read_as_it_was_created,
        writes::a_record_is_created_once,
        writes::a_write_replaces_the_version_that_was_read_and_no_other,
        writes::what_does_not_exist_cannot_be_replaced,
        writes::proving_that_writes_work_changes_nothing,
        writes::a_document_that_is_too_large_is_not_sent,
        races::of_sixteen_writers_one_wins,
        races::of_sixteen_creators_one_wins,
        retiring::a_revoked_record_is_retired_and_restored,
        retiring::only_a_revoked_record_is_retired,
        retiring::a_write_takes_a_retired_record_back,
        scans::a_scan_finds_all_that_is_live_in_its_newest_version,
        scans::a_scan_names_what_it_cannot_read,
        scans::apps_are_found_by_their_names,
        scans::pages_show_each_grant_of_one_app_once,
        scans::a_next_that_was_never_given_is_refused,
        scans::a_forged_next_is_told_from_an_outage,
    ];
    let mut failed = Vec::new();
    for Case { name, run } in cases {
        if let Some((_, why)) = gaps.iter().find(|(gap, _)| *gap == name) {
            println!("left out: {name}: {why}");
        } else if tokio::spawn(run(Shop::at(endpoint_url, name))).await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
