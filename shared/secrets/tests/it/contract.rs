//! The contract of any implementation of Secrets Manager. Each case has a prefix of its own, so one server runs all.

mod data_sources;
mod documents;
mod marks;
mod races;
mod retiring;
mod scans;
mod scheduled;
mod writes;

use std::pin::Pin;

use crate::fixture::SecretsFixture;

struct ContractCase {
    name: &'static str,
    run: fn(SecretsFixture) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

macro_rules! cases {
    ($($file:ident::$name:ident),* $(,)?) => {
        [$(ContractCase { name: stringify!($name), run: |fixture| Box::pin($file::$name(fixture)) }),*]
    };
}

fn all_cases() -> Vec<ContractCase> {
    cases![
        documents::load_of_an_unknown_name_is_absent,
        documents::apps_and_webhook_secrets_are_read,
        documents::unreadable_document_is_left_untouched,
        documents::binary_secret_is_unreadable,
        data_sources::data_source_is_kept_beside_a_grant_without_a_version,
        data_sources::data_source_of_an_unknown_grant_is_not_saved,
        marks::mark_is_new_after_each_move_and_leaves_the_state,
        marks::first_move_of_a_mark_creates_its_secret,
        marks::mark_of_a_secret_scheduled_for_deletion_is_not_trusted,
        writes::created_record_is_read_unchanged,
        writes::second_create_is_a_conflict,
        writes::replace_needs_the_version_that_was_read,
        writes::replace_of_an_unknown_record_is_a_conflict,
        writes::too_large_document_is_not_sent,
        races::one_of_sixteen_writers_wins,
        races::one_of_sixteen_creators_wins,
        races::one_of_sixteen_claims_wins,
        retiring::revoked_record_is_retired_and_restored,
        retiring::retire_refuses_a_record_that_is_not_revoked,
        retiring::replace_restores_a_retired_record,
        retiring::previous_is_the_record_before_the_retirement,
        scheduled::retired_record_is_not_scheduled_in_error,
        scheduled::revoked_record_of_an_older_release_is_marked,
        scheduled::live_record_scheduled_for_deletion_is_found,
        scheduled::withhold_stops_reads_and_notes_the_fence,
        scheduled::withhold_leaves_a_retired_record_retired,
        scheduled::withhold_of_an_unknown_record_is_a_conflict,
        scans::scan_finds_every_live_record_in_its_newest_version,
        scans::scan_names_unreadable_secrets,
        scans::scan_finds_apps_by_their_names,
        scans::pages_show_each_grant_of_an_app_once,
        scans::page_refuses_a_malformed_next,
        scans::page_refuses_a_forged_next,
    ]
    .into()
}

/// Runs every case except the known `gaps`, each a case and a reason, and reports all failures at the end.
pub(crate) async fn check(endpoint_url: &str, gaps: &[(&str, &str)]) {
    let mut failed = Vec::new();
    for ContractCase { name, run } in all_cases() {
        if let Some((_, why)) = gaps.iter().find(|(gap, _)| *gap == name) {
            println!("skipped: {name}: {why}");
        } else if tokio::spawn(run(SecretsFixture::at(endpoint_url, name))).await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
