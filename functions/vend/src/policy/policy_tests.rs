use super::entities::Vocabulary;
use super::*;
use crate::identity::Caller;
use crate::identity::{AwsIdentity, OidcIdentity};
use broker_core::id::GrantId;

const SHIPPED: &str = include_str!("../../../../infra/callers.cedar");
const EXAMPLES: &str = include_str!("../../../../infra/callers-examples.cedar");

fn role(name: &str, own: bool) -> Caller {
    let aws = AwsIdentity::parse(&format!("arn:aws:sts::123456789012:assumed-role/{name}/s")).unwrap();
    Caller::Aws(AwsIdentity { own, ..aws })
}

fn subject(claims: &[(&str, &str)]) -> Caller {
    Caller::Oidc(OidcIdentity {
        issuer: "https://accounts.google.com".to_owned(),
        subject: "1".to_owned(),
        claims: claims.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect(),
    })
}

fn verdict(policy: &str, caller: &Caller, action: Action, grant: &str) -> Verdict {
    let (policy, id) = (Policy::parse(policy).unwrap(), GrantId::parse(grant).unwrap());
    let resource = if action == Action::List { Resource::App(&id.app) } else { Resource::Grant(&id) };
    policy.decide(caller, &Ask { action, resource })
}

fn refused(policy: &str) -> String {
    Policy::parse(policy).err().unwrap_or_else(|| panic!("not refused: {policy}"))
}

#[test]
fn what_is_packaged_lets_the_own_account_in_and_nobody_else() {
    for action in Action::ALL {
        let own = verdict(SHIPPED, &role("reporter", true), action, "reports/default");
        assert_eq!((own.allowed, own.by.as_slice()), (true, &["own-account".to_owned()][..]));
        assert!(!verdict(SHIPPED, &role("reporter", false), action, "reports/default").allowed);
        assert!(!verdict(SHIPPED, &subject(&[]), action, "reports/default").allowed);
        assert!(!verdict(SHIPPED, &Caller::Anybody, action, "reports/default").allowed);
    }
}

#[test]
fn it_is_said_which_policies_decided() {
    let permitted = verdict(EXAMPLES, &role("reporting", true), Action::Vend, "reports/default");
    assert_eq!(permitted, Verdict { allowed: true, by: vec!["reporting-reads-reports".to_owned()] });
    let forbidden = verdict(EXAMPLES, &role("ops-eu", true), Action::Vend, "reports/default");
    assert_eq!(forbidden, Verdict { allowed: false, by: vec!["operators-never-take".to_owned()] });
    let nothing = verdict(EXAMPLES, &role("other", true), Action::Vend, "reports/default");
    assert_eq!(nothing, Verdict { allowed: false, by: Vec::new() });
}

#[test]
fn claims_count_as_they_are_and_only_where_they_are() {
    let lobby = [("email", "lobby@acme.iam.gserviceaccount.com"), ("email_verified", "true")];
    assert!(verdict(EXAMPLES, &subject(&lobby), Action::Guest, "lobby/default").allowed);
    assert!(!verdict(EXAMPLES, &subject(&lobby), Action::Guest, "reports/default").allowed);
    assert!(!verdict(EXAMPLES, &subject(&lobby[..1]), Action::Guest, "lobby/default").allowed);
    assert!(!verdict(EXAMPLES, &subject(&[("email", "lobby@evil.example")]), Action::Guest, "lobby/default").allowed);
}

#[test]
fn an_empty_policy_is_one_that_permits_nothing() {
    assert!(!verdict("", &role("reporter", true), Action::Vend, "reports/default").allowed);
}

#[test]
fn what_does_not_fit_the_schema_is_refused_with_its_place() {
    for (policy, word) in [
        ("permit (principal, action, resource)", "line 1"),
        ("permit (principal == User::\"ada\", action, resource);", "line 1, column 22"),
        ("permit (principal, action == Action::\"take\", resource);", "column 30"),
        ("permit (principal, action, resource)\n  when { principal.claims == 1 };", "line 2"),
        (
            "permit (principal is OidcSubject, action, resource)\nwhen { principal.getTag(\"a\").contains(\"b\") };",
            "line 2",
        ),
        ("permit (principal == ?principal, action, resource);", "template"),
    ] {
        assert!(refused(policy).contains(word), "{policy}: {}", refused(policy));
    }
}

#[test]
fn names_that_nobody_will_ever_have_are_refused() {
    for name in [
        r#"principal == AwsRole::"arn:aws:iam::123456789012:role/service/reporting""#,
        r#"principal == AwsRole::"arn:aws:sts::123456789012:assumed-role/reporting/s""#,
        r#"principal == AwsRole::"reporting""#,
        r#"principal == AwsUser::"arn:aws:iam::123456789012:role/reporting""#,
        r#"principal in AwsAccount::"12345678901""#,
        r#"principal in OidcIssuer::"accounts.google.com""#,
        r#"principal == OidcSubject::"repo:acme/x""#,
    ] {
        let why = refused(&format!("@id(\"mine\") forbid ({name}, action, resource);"));
        assert!(why.contains("policy mine") && why.contains("nobody's name"), "{why}");
    }
    for name in [
        r#"resource in App::"Reports""#,
        r#"resource == Grant::"reports/CE861FBA-6E2F-49F9-9A84-B354008FAC9E""#,
        r#"resource == Grant::"reports""#,
    ] {
        assert!(refused(&format!("forbid (principal, action, {name});")).contains("nobody's name"), "{name}");
    }
}

#[test]
fn what_vend_says_about_callers_and_grants_fits_the_schema() {
    let schema = source::schema().unwrap();
    let vocabulary = Vocabulary::new().unwrap();
    let id = GrantId::parse("reports/default").unwrap();
    let user = Caller::Aws(AwsIdentity::parse("arn:aws:iam::123456789012:user/ada").unwrap());
    for caller in [role("reporter", true), user, subject(&[("email", "a")])] {
        for action in Action::ALL {
            let resource = if action == Action::List { Resource::App(&id.app) } else { Resource::Grant(&id) };
            let (request, entities) = vocabulary.request(&caller, &Ask { action, resource }).unwrap().unwrap();
            let checked = cedar_policy::Request::new(
                request.principal().unwrap().clone(),
                request.action().unwrap().clone(),
                request.resource().unwrap().clone(),
                request.context().unwrap().clone(),
                Some(&schema),
            );
            checked.unwrap();
            cedar_policy::Entities::from_entities(entities.iter().cloned(), Some(&schema)).unwrap();
        }
    }
}
