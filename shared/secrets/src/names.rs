//! What a secret is called: `{prefix}apps/{app}`, `{prefix}webhooks/{app}`, `{prefix}grants/{app}/{subject}`.

use broker_core::id::{AppName, GrantId};

/// The names of one deployment.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(crate) fn app(&self, app: &AppName) -> String {
        format!("{}{app}", self.apps())
    }

    pub(crate) fn webhooks(&self, app: &AppName) -> String {
        format!("{}webhooks/{app}", self.prefix)
    }

    pub(crate) fn grant(&self, id: &GrantId) -> String {
        format!("{}{id}", self.grants())
    }

    /// What all apps' names start with.
    pub(crate) fn apps(&self) -> String {
        format!("{}apps/", self.prefix)
    }

    /// What all grants' names start with.
    pub(crate) fn grants(&self) -> String {
        format!("{}grants/", self.prefix)
    }

    /// What the names of one app's grants start with.
    pub(crate) fn grants_of(&self, app: &AppName) -> String {
        format!("{}{app}/", self.grants())
    }

    /// The name without the deployment's prefix.
    pub(crate) fn relative<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(&self.prefix).unwrap_or(name)
    }

    pub(crate) fn app_of(&self, name: &str) -> Option<AppName> {
        AppName::parse(name.strip_prefix(&self.apps())?).ok()
    }

    /// The grant of that name, if the name is written as we would write it: an org id in another form names no grant,
    /// because two secrets would then claim to be the same one.
    pub(crate) fn grant_of(&self, name: &str) -> Option<GrantId> {
        let written = name.strip_prefix(&self.grants())?;
        GrantId::parse(written).ok().filter(|id| id.to_string() == written)
    }
}

/// The secret's name, from what the service calls `SecretId`: a name, or an ARN, whose name ends in a hyphen and six
/// characters that the service adds.
pub(crate) fn name_of_id(id: &str) -> &str {
    const SUFFIX: usize = "-AbCdEf".len();
    match id.split_once(":secret:") {
        Some((_, rest)) => rest.len().checked_sub(SUFFIX).and_then(|end| rest.get(..end)).unwrap_or(rest),
        None => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

    fn names() -> Names {
        Names::new("wtb/".into())
    }

    #[test]
    fn every_name_starts_with_the_prefix() {
        let app = AppName::parse("reports").unwrap();
        let id = GrantId::parse(&format!("reports/{ORG}")).unwrap();
        assert_eq!(names().app(&app), "wtb/apps/reports");
        assert_eq!(names().webhooks(&app), "wtb/webhooks/reports");
        assert_eq!(names().grant(&id), format!("wtb/grants/reports/{ORG}"));
        assert!(names().grant(&id).starts_with(&names().grants_of(&app)));
    }

    #[test]
    fn a_grant_is_found_again_by_its_name() {
        for written in [format!("reports/{ORG}"), "minter/default".into()] {
            let id = GrantId::parse(&written).unwrap();
            assert_eq!(names().grant_of(&names().grant(&id)), Some(id));
        }
    }

    #[test]
    fn a_name_that_we_would_write_otherwise_is_no_grant() {
        let upper = ORG.to_uppercase();
        for stray in [
            format!("wtb/grants/reports/{upper}"),
            "wtb/grants/reports".into(),
            "wtb/grants/reports/a/b".into(),
            "wtb/grants/".into(),
            "other/grants/minter/default".into(),
            "wtb/apps/minter".into(),
        ] {
            assert_eq!(names().grant_of(&stray), None, "{stray}");
        }
    }

    #[test]
    fn an_arn_tells_the_name() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:wtb/grants/minter/default-a1B2c3";
        assert_eq!(name_of_id(arn), "wtb/grants/minter/default");
        assert_eq!(name_of_id("wtb/apps/x"), "wtb/apps/x");
        assert_eq!(name_of_id("arn:aws:x:secret:a"), "a");
    }
}
