use super::*;

fn condition(state: ShownState, code: Option<&str>) -> GrantCondition<'_> {
    GrantCondition {
        state: Some(state),
        failing: state == ShownState::Active && code.is_some(),
        code,
        access_token_expires_at: None,
        refresh_token_expires_at: None,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn grant_needs_person_if_it_fails_or_waits_in_vain() {
    let table = [
        (ShownState::Active, None, false),
        (ShownState::Active, Some("http_503"), true),
        (ShownState::Pending, None, false),
        (ShownState::Pending, Some("reauthorized"), false),
        (ShownState::Pending, Some("not_authorized"), true),
        (ShownState::Fenced, None, false),
        (ShownState::Fenced, Some("not_confirmed"), true),
        (ShownState::Revoked, None, false),
        (ShownState::Unreadable, Some("unreadable"), true),
    ];
    for (state, code, expected) in table {
        assert_eq!(condition(state, code).needs_person(), expected, "{state:?} {code:?}");
    }
    let unknown = GrantCondition { state: None, ..condition(ShownState::Active, Some("x")) };
    assert!(!unknown.needs_person());
}

#[test]
fn minter_need_counts_what_renews_it() {
    let now = at("2026-11-26T12:00:00Z");
    let active = condition(ShownState::Active, None);
    let with = |access, refresh| GrantCondition {
        access_token_expires_at: access,
        refresh_token_expires_at: refresh,
        ..active
    };
    let (soon, late) = (Some(at("2026-12-10T11:59:59Z")), Some(at("2026-12-10T12:00:00Z")));
    assert_eq!(minter_need(None, now), Some(MinterNeed::Missing));
    assert_eq!(minter_need(Some(&condition(ShownState::Fenced, None)), now), Some(MinterNeed::Inactive));
    assert_eq!(minter_need(Some(&with(soon, late)), now), None);
    assert_eq!(minter_need(Some(&with(late, soon)), now), Some(MinterNeed::Ending(soon.unwrap())));
    // A personal access token has no refresh token: nothing renews it.
    assert_eq!(minter_need(Some(&with(soon, None)), now), Some(MinterNeed::Ending(soon.unwrap())));
    assert_eq!(minter_need(Some(&with(Some(now), None)), now), Some(MinterNeed::Ended(now)));
    let failing = GrantCondition { failing: true, ..with(late, late) };
    assert_eq!(minter_need(Some(&failing), now), Some(MinterNeed::Failing));
    assert_eq!(minter_need(Some(&GrantCondition { state: None, ..active }), now), None);
}

#[test]
fn app_needs_name_mistakes_credentials_and_webhooks() {
    let problems = ["unknown field org".to_owned()];
    let app = AppCondition {
        problems: &problems,
        credentials: CredentialState::Wrong,
        credentials_reason: Some("invalid_client"),
        webhooks: WebhookState::Failing,
        webhooks_reason: None,
        data_sources: Some(DataSourceSummary { failing: 1, ending: 0, disabled: 4 }),
    };
    let expected = [
        AppNeed::Mistake("unknown field org"),
        AppNeed::WrongCredentials(Some("invalid_client")),
        AppNeed::WebhooksFailing(None),
        AppNeed::DataSources(DataSourceSummary { failing: 1, ending: 0, disabled: 4 }),
    ];
    assert_eq!(app.needs(), expected);
    let disabled = DataSourceSummary { disabled: 4, ..DataSourceSummary::default() };
    let well = AppCondition {
        problems: &[],
        credentials: CredentialState::Unknown,
        webhooks: WebhookState::Off,
        data_sources: Some(disabled),
        ..app
    };
    assert_eq!(well.needs(), []);
}
