use super::*;

const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
const OTHER_ORG: &str = "1eb65fdf-9643-417f-9974-ad72cae0e10f";
const ORG_BASE64: &str = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";

fn app(text: &str) -> Result<App, Defect> {
    read(&AppName::parse("reports").unwrap(), text)
}

fn with_fields(more: &str) -> App {
    app(&format!(r#"{{"kind":"service_app","client_id":"Cabc","client_secret":"s"{more}}}"#)).unwrap()
}

fn service_app(more: &str) -> ServiceApp {
    match with_fields(more).kind {
        AppType::ServiceApp(it) => it,
        AppType::Integration(it) => panic!("{it:?}"),
    }
}

#[test]
fn application_id_is_derived_from_the_client_id_if_absent() {
    assert_eq!(service_app("").application_id, ApplicationId::of_client("Cabc"));
    let explicit = service_app(r#","application_id":"Y2lzother""#);
    assert_eq!(explicit.application_id.as_str(), "Y2lzother");
}

#[test]
fn orgs_are_read_in_any_form_of_id() {
    let it = service_app(&format!(r#","orgs":["{}","{ORG_BASE64}"]"#, ORG.to_uppercase()));
    assert_eq!(it.orgs, [OrgId::parse(ORG).unwrap(), OrgId::parse(ORG).unwrap()]);
}

#[test]
fn orgs_accept_strings_and_lists_and_report_bad_entries() {
    let both: &[&str] = &[ORG, OTHER_ORG];
    let table: [(String, &[&str], &[&str]); 11] = [
        (format!(r#""{ORG}""#), &[ORG], &[]),
        (format!(r#""[\"{ORG}\",\"{OTHER_ORG}\"]""#), both, &[]),
        (format!(r#""  [\"{ORG}\"]\n""#), &[ORG], &[]),
        (format!(r#"["{ORG}","CANARY","{OTHER_ORG}"]"#), both, &["orgs[1]: expected an organisation id"]),
        (
            format!(r#"["{ORG}",7,null]"#),
            &[ORG],
            &["orgs[1]: expected an organisation id", "orgs[2]: expected an organisation id"],
        ),
        (format!(r#"["{ORG} "]"#), &[ORG], &["orgs[0]: white space around the value was ignored"]),
        (r#""""#.into(), &[], &[]),
        ("null".into(), &[], &[]),
        (r#""CANARY""#.into(), &[], &["orgs[0]: expected an organisation id"]),
        (r#""[\"CANARY""#.into(), &[], &["orgs[0]: expected an organisation id"]),
        (r#"{"CANARY":1}"#.into(), &[], &["orgs: expected a list of organisation ids"]),
    ];
    for (written, orgs, problems) in table {
        let app = with_fields(&format!(r#","orgs":{written}"#));
        let AppType::ServiceApp(it) = app.kind else { panic!("no Service App") };
        let found: Vec<_> = it.orgs.iter().map(OrgId::as_str).collect();
        assert_eq!(found, orgs, "{written}");
        assert_eq!(app.problems, problems, "{written}");
    }
}

fn assert_usable_with(text: &str, problems: &[&str]) {
    let app = app(text).unwrap();
    assert_eq!(app.client.id, "CID", "{text}");
    assert_eq!(app.client.secret.expose(), "SECRET", "{text}");
    assert_eq!(app.problems, problems, "{text}");
}

#[test]
fn read_accepts_a_byte_order_mark_and_an_object_in_a_string() {
    let object = r#"{"kind":"service_app","client_id":"CID","client_secret":"SECRET"}"#;
    assert_usable_with(object, &[]);
    assert_usable_with(&format!("\u{feff}{object}"), &[]);
    let in_a_string = serde_json::to_string(object).unwrap();
    assert_usable_with(&in_a_string, &["the JSON object is stored as a JSON string; store the object itself"]);
}

#[test]
fn slips_that_leave_the_app_usable_are_reported_without_values() {
    let secret_has_space = "client_secret: white space around the value was ignored";
    let id_has_space = "client_id: white space around the value was ignored";
    let table: [(&str, &[&str]); 6] = [
        (r#""client_id":"CID","client_secret":"SECRET\n""#, &[secret_has_space]),
        (r#""client_id":"CID\r\n","client_secret":" SECRET""#, &[id_has_space, secret_has_space]),
        (
            r#""client_id":"\"CID\"","client_secret":"SECRET""#,
            &["client_id: quotation marks around the value were ignored"],
        ),
        (
            r#""client_id":"CID","client_secret":"SECRET","org":"CANARY""#,
            &["unknown field `org`; did you mean `orgs`?"],
        ),
        (r#""client_id":"CID","client_secret":"SECRET","note":"CANARY""#, &["unknown field `note`"]),
        (r#""client_id":"CID","client_secret":"SECRET","CANARY":1"#, &["a field with an unknown name"]),
    ];
    for (fields, problems) in table {
        assert_usable_with(&format!(r#"{{"kind":"service_app",{fields}}}"#), problems);
    }
}

#[test]
fn misspelt_fields_are_named_with_the_field_they_resemble() {
    let table = [
        ("organizationIds", "a field with an unknown name"),
        ("ORGS", "unknown field `ORGS`; did you mean `orgs`?"),
        ("clientId", "unknown field `clientId`; did you mean `client_id`?"),
        ("client-secret", "unknown field `client-secret`; did you mean `client_secret`?"),
        ("secret", "unknown field `secret`; did you mean `client_secret`?"),
        ("redirect_url", "unknown field `redirect_url`; did you mean `redirect_uri`?"),
        ("scope", "unknown field `scope`; did you mean `scopes`?"),
        ("applicationId", "unknown field `applicationId`; did you mean `application_id`?"),
    ];
    for (field, problem) in table {
        assert_eq!(with_fields(&format!(r#","{field}":"CANARY""#)).problems, [problem]);
    }
}

#[test]
fn integration_without_scopes_lets_the_user_choose() {
    let text =
        r#"{"kind":"integration","client_id":"C","client_secret":"s","redirect_uri":"https://a/callback","x":1}"#;
    let app = app(text).unwrap();
    assert_eq!(app.problems, ["unknown field `x`"]);
    let AppType::Integration(it) = app.kind else { panic!("no integration") };
    assert_eq!((it.redirect_uri.as_str(), it.scopes), ("https://a/callback", None));
}

#[test]
fn scopes_are_read_from_strings_and_lists() {
    for written in [r#"["a:x","b:y"]"#, r#""[\"a:x\",\"b:y\"]""#, r#""a:x b:y\n""#, r#"["a:x b:y"]"#] {
        let text = format!(r#"{{"kind":"integration","client_id":"C","client_secret":"s","scopes":{written}}}"#);
        let AppType::Integration(it) = app(&text).unwrap().kind else { panic!("no integration") };
        assert_eq!(it.scopes.unwrap(), ["a:x", "b:y"], "{written}");
    }
}

#[test]
fn read_names_missing_empty_and_wrong_fields() {
    let table = [
        (r#"{"client_id":"C","client_secret":"CANARY"}"#, "missing field `kind`"),
        (
            r#"{"kind":"CANARY","client_id":"C","client_secret":"CANARY"}"#,
            "kind: expected `service_app` or `integration`",
        ),
        (r#"{"kind":"service_app","client_secret":"CANARY"}"#, "missing field `client_id`"),
        (r#"{"kind":"service_app","client_id":"C"}"#, "missing field `client_secret`"),
        (
            r#"{"kind":"service_app","clientID":"CANARY","client_secret":"CANARY"}"#,
            "missing field `client_id`; unknown field `clientID`; did you mean `client_id`?",
        ),
        (
            r#"{"reports":"{\"kind\":\"service_app\",\"client_id\":\"CANARY\",\"client_secret\":\"CANARY\"}"}"#,
            "missing field `kind`; a field holds a JSON object as a string; store that object itself",
        ),
        (r#"{"kind":"service_app","client_id":"","client_secret":"CANARY"}"#, "client_id: must not be empty"),
        (r#"{"kind":"service_app","client_id":"C","client_secret":""}"#, "client_secret: must not be empty"),
        (r#"{"kind":"service_app","client_id":"C","client_secret":" \n"}"#, "client_secret: must not be empty"),
        (r#"{"kind":"service_app","client_id":"C","client_secret":["CANARY"]}"#, "client_secret: expected a string"),
        (
            r#"{"kind":"service_app","client_id":"C","client_secret":"CANARY","application_id":""}"#,
            "application_id: must not be empty",
        ),
        (
            r#"{"kind":"integration","client_id":"C","client_secret":"CANARY","scopes":"[CANARY"}"#,
            "scopes: expected a list of strings",
        ),
        (
            r#"{"kind":"integration","client_id":"C","client_secret":"CANARY","scopes":{"CANARY":1}}"#,
            "scopes: expected a list of strings",
        ),
    ];
    for (text, reason) in table {
        assert_eq!(app(text).unwrap_err(), reason, "{text}");
    }
}

const DATA_SOURCE: &str = r#"{"url":"https://data.example","schema_id":"s","audience":"a","subject":"calls"}"#;

/// The data source of [`DATA_SOURCE`] with other fields.
fn data_source(more: &str) -> String {
    DATA_SOURCE.replace('}', &format!(",{more}}}"))
}

fn data_sources(written: &str) -> (Vec<u32>, Vec<Defect>) {
    let app = with_fields(&format!(r#","data_sources":{written}"#));
    let minutes = app.data_sources().iter().map(|wanted| wanted.lifetime_minutes).collect();
    (minutes, app.problems)
}

#[test]
fn data_sources_are_one_or_a_list_also_as_strings() {
    let second = DATA_SOURCE.replace("calls", "people");
    let as_text = serde_json::to_string(&format!("[{DATA_SOURCE},{second}]")).unwrap();
    for (written, expected) in [
        (DATA_SOURCE.to_owned(), vec![1440]),
        (format!("[{DATA_SOURCE},{second}]"), vec![1440, 1440]),
        (as_text, vec![1440, 1440]),
        (data_source(r#""lifetime_minutes":360,"reactivate":true"#), vec![360]),
        (data_source(r#""lifetime_minutes":"360","reactivate":"false""#), vec![360]),
        ("null".to_owned(), vec![]),
    ] {
        assert_eq!(data_sources(&written), (expected, Vec::new()), "{written}");
    }
}

#[test]
fn mistake_in_a_data_source_is_named_and_leaves_the_others() {
    let five = (0..5).map(|n| DATA_SOURCE.replace("calls", &format!("s{n}"))).collect::<Vec<_>>().join(",");
    let minutes = "data_sources[0].lifetime_minutes: expected a whole number of minutes from 1 to 1440";
    for (written, used, problem) in [
        (data_source(r#""lifetime_minutes":1441"#), 0, minutes),
        (data_source(r#""lifetime_minutes":0"#), 0, minutes),
        (data_source(r#""lifetime_minutes":1.5"#), 0, minutes),
        (data_source(r#""reactivate":1"#), 0, "data_sources[0].reactivate: expected true or false"),
        (data_source(r#""schemaId":"x""#), 1, "data_sources[0]: unknown field `schemaId`; did you mean `schema_id`?"),
        (DATA_SOURCE.replace("calls", ""), 0, "data_sources[0].subject: expected a text"),
        (
            format!("[{DATA_SOURCE},7]"),
            1,
            "data_sources[1]: expected an object with url, schema_id, audience and subject",
        ),
        (
            format!("[{DATA_SOURCE},{DATA_SOURCE}]"),
            1,
            "data_sources[1]: has the url and the subject of another one, and cannot be told from it",
        ),
        (format!("[{five}]"), 4, "data_sources[4]: an app has at most 4 data sources"),
        (r#""CANARY""#.to_owned(), 0, "data_sources: expected a data source or a list of them"),
        ("true".to_owned(), 0, "data_sources: expected a data source or a list of them"),
    ] {
        let (minutes, problems) = data_sources(&written);
        assert_eq!((minutes.len(), problems), (used, vec![problem.to_owned()]), "{written}");
    }
}
