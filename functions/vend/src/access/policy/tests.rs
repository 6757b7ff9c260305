use super::entities::EntityTypes;
use super::*;
use crate::access::identity::{AwsIdentity, Caller, OidcIdentity};
use broker_core::id::GrantId;

const SHIPPED: &str = include_str!("../../../../../infra/callers.cedar");
const EXAMPLES: &str = include_str!("../../../../../infra/callers-examples.cedar");

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

fn decide(policy: &str, caller: &Caller, action: Action, grant: &str) -> PolicyDecision {
    let (policy, id) = (Policy::parse(policy).unwrap(), GrantId::parse(grant).unwrap());
    let resource = if action == Action::List { Resource::App(&id.app) } else { Resource::Grant(&id) };
    policy.decide(caller, &AccessRequest { action, resource })
}

fn refused(policy: &str) -> String {
    Policy::parse(policy).err().unwrap_or_else(|| panic!("not refused: {policy}"))
}

#[test]
fn shipped_policy_permits_the_own_account_only() {
    for action in Action::ALL {
        let own = decide(SHIPPED, &role("reporter", true), action, "reports/default");
        assert_eq!((own.allowed, own.policies.as_slice()), (true, &["own-account".to_owned()][..]));
        assert!(!decide(SHIPPED, &role("reporter", false), action, "reports/default").allowed);
        assert!(!decide(SHIPPED, &subject(&[]), action, "reports/default").allowed);
        assert!(!decide(SHIPPED, &Caller::Anonymous, action, "reports/default").allowed);
    }
}

#[test]
fn decision_names_its_policies() {
    let permitted = decide(EXAMPLES, &role("reporting", true), Action::Vend, "reports/default");
    assert_eq!(permitted, PolicyDecision { allowed: true, policies: vec!["reporting-reads-reports".to_owned()] });
    let forbidden = decide(EXAMPLES, &role("ops-eu", true), Action::Vend, "reports/default");
    assert_eq!(forbidden, PolicyDecision { allowed: false, policies: vec!["operators-never-take".to_owned()] });
    let nothing = decide(EXAMPLES, &role("other", true), Action::Vend, "reports/default");
    assert_eq!(nothing, PolicyDecision { allowed: false, policies: Vec::new() });
}

#[test]
fn claims_are_matched_exactly_and_per_app() {
    let lobby = [("email", "lobby@acme.iam.gserviceaccount.com"), ("email_verified", "true")];
    assert!(decide(EXAMPLES, &subject(&lobby), Action::Guest, "lobby/default").allowed);
    assert!(!decide(EXAMPLES, &subject(&lobby), Action::Guest, "reports/default").allowed);
    assert!(!decide(EXAMPLES, &subject(&lobby[..1]), Action::Guest, "lobby/default").allowed);
    assert!(!decide(EXAMPLES, &subject(&[("email", "lobby@evil.example")]), Action::Guest, "lobby/default").allowed);
}

#[test]
fn empty_policy_permits_nothing() {
    assert!(!decide("", &role("reporter", true), Action::Vend, "reports/default").allowed);
}

#[test]
fn parse_errors_have_line_and_column() {
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
fn parse_refuses_impossible_names() {
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
        assert!(why.contains("policy mine") && why.contains("nothing can be named"), "{why}");
    }
    for name in [
        r#"resource in App::"Reports""#,
        r#"resource == Grant::"reports/CE861FBA-6E2F-49F9-9A84-B354008FAC9E""#,
        r#"resource == Grant::"reports""#,
    ] {
        assert!(refused(&format!("forbid (principal, action, {name});")).contains("nothing can be named"), "{name}");
    }
}

#[test]
fn cedar_requests_fit_the_schema() {
    let schema = source::schema().unwrap();
    let types = EntityTypes::new().unwrap();
    let id = GrantId::parse("reports/default").unwrap();
    let user = Caller::Aws(AwsIdentity::parse("arn:aws:iam::123456789012:user/ada").unwrap());
    for caller in [role("reporter", true), user, subject(&[("email", "a")])] {
        for action in Action::ALL {
            let resource = if action == Action::List { Resource::App(&id.app) } else { Resource::Grant(&id) };
            let (request, entities) =
                types.cedar_request(&caller, &AccessRequest { action, resource }).unwrap().unwrap();
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
