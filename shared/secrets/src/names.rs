//! Names of secrets: `{prefix}apps/{app}`, `{prefix}webhooks/{app}`, `{prefix}grants/{app}/{subject}`,
//! `{prefix}packs/{app}/{number}`, `{prefix}index/{app}`.

use broker_core::id::{AppName, GrantId};
use broker_core::port::GrantsPart;

use crate::pack::{PackId, PackNumber};

/// The names of one deployment's secrets.
#[derive(Debug, Clone)]
pub(crate) struct SecretNames {
    prefix: String,
}

impl SecretNames {
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

    /// The prefix of all apps.
    pub(crate) fn apps(&self) -> String {
        format!("{}apps/", self.prefix)
    }

    /// The prefix of all grants.
    pub(crate) fn grants(&self) -> String {
        format!("{}grants/", self.prefix)
    }

    /// The prefix of one app's grants.
    pub(crate) fn grants_of(&self, app: &AppName) -> String {
        format!("{}{app}/", self.grants())
    }

    /// The prefix of a part of the grants.
    pub(crate) fn part(&self, part: &GrantsPart) -> String {
        format!("{}{part}", self.grants())
    }

    /// The secret of a pack.
    pub(crate) fn pack(&self, id: &PackId) -> String {
        format!("{}{id}", self.packs())
    }

    /// The prefix of the packs of a part of the grants, without those that it shares with other parts.
    pub(crate) fn packs_of(&self, part: &GrantsPart) -> String {
        format!("{}{part}", self.packs())
    }

    fn packs(&self) -> String {
        format!("{}packs/", self.prefix)
    }

    /// The pack that `name` holds.
    pub(crate) fn pack_of(&self, name: &str) -> Option<PackId> {
        let (app, number) = name.strip_prefix(&self.packs())?.split_once('/')?;
        Some(PackId { app: AppName::parse(app).ok()?, number: PackNumber::parse(number)? })
    }

    /// The secret whose description holds the state of an app.
    pub(crate) fn index(&self, app: &AppName) -> String {
        format!("{}{app}", self.indexes())
    }

    /// The prefix of all apps' states.
    pub(crate) fn indexes(&self) -> String {
        format!("{}index/", self.prefix)
    }

    /// The app whose state `name` holds.
    pub(crate) fn app_of_index(&self, name: &str) -> Option<AppName> {
        AppName::parse(name.strip_prefix(&self.indexes())?).ok()
    }

    /// `name` without the deployment's prefix.
    pub(crate) fn relative<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(&self.prefix).unwrap_or(name)
    }

    /// The app that `name` describes.
    pub(crate) fn app_of(&self, name: &str) -> Option<AppName> {
        AppName::parse(name.strip_prefix(&self.apps())?).ok()
    }

    /// The grant that `name` holds. An org id in another form than [`Self::grant`] writes names no grant, because two
    /// secrets would then stand for the same one.
    pub(crate) fn grant_of(&self, name: &str) -> Option<GrantId> {
        let path = name.strip_prefix(&self.grants())?;
        let id = GrantId::parse(path).ok()?;
        if id.to_string() == path { Some(id) } else { None }
    }
}

/// The name of the secret with that `SecretId`, which is a name or an ARN. In an ARN the service appends a hyphen and
/// six characters to the name.
pub(crate) fn name_of_secret_id(id: &str) -> &str {
    const SUFFIX: usize = "-AbCdEf".len();
    let Some((_, name)) = id.split_once(":secret:") else {
        return id;
    };
    let end = name.len().saturating_sub(SUFFIX);
    match name.get(..end) {
        Some(stem) if !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

    fn names() -> SecretNames {
        SecretNames::new("wtb/".into())
    }

    #[test]
    fn names_start_with_the_prefix() {
        let app = AppName::parse("reports").unwrap();
        let id = GrantId::parse(&format!("reports/{ORG}")).unwrap();
        assert_eq!(names().app(&app), "wtb/apps/reports");
        assert_eq!(names().webhooks(&app), "wtb/webhooks/reports");
        assert_eq!(names().grant(&id), format!("wtb/grants/reports/{ORG}"));
        assert!(names().grant(&id).starts_with(&names().grants_of(&app)));
    }

    #[test]
    fn grant_of_reads_what_grant_writes() {
        for written in [format!("reports/{ORG}"), "minter/default".into()] {
            let id = GrantId::parse(&written).unwrap();
            assert_eq!(names().grant_of(&names().grant(&id)), Some(id));
        }
    }

    #[test]
    fn grant_of_refuses_other_spellings() {
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
    fn name_of_secret_id_reads_names_and_arns() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:wtb/grants/minter/default-a1B2c3";
        assert_eq!(name_of_secret_id(arn), "wtb/grants/minter/default");
        assert_eq!(name_of_secret_id("wtb/apps/x"), "wtb/apps/x");
        assert_eq!(name_of_secret_id("arn:aws:x:secret:a"), "a");
    }
}
