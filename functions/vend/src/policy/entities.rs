//! Callers, apps and grants in Cedar's words: no more than the question needs.

use std::collections::HashSet;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value,
};

use super::{Action, Ask, Resource};
use crate::identity::{AwsIdentity, Caller, OidcIdentity};

/// The schema's names, read once.
pub(super) struct Vocabulary {
    account: EntityTypeName,
    role: EntityTypeName,
    user: EntityTypeName,
    issuer: EntityTypeName,
    subject: EntityTypeName,
    app: EntityTypeName,
    grant: EntityTypeName,
    actions: [EntityUid; Action::ALL.len()],
    /// By whether the caller is of the deployment's own account.
    contexts: [Context; 2],
}

impl Vocabulary {
    pub(super) fn new() -> Result<Self, String> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(|error| error.to_string());
        let kind = name("Action")?;
        let context = |own: bool| {
            let made = Context::from_pairs([("own_account".to_owned(), Value::new_bool(own))]);
            made.map_err(|error| error.to_string())
        };
        Ok(Self {
            account: name("AwsAccount")?,
            role: name("AwsRole")?,
            user: name("AwsUser")?,
            issuer: name("OidcIssuer")?,
            subject: name("OidcSubject")?,
            app: name("App")?,
            grant: name("Grant")?,
            actions: Action::ALL.map(|action| uid(&kind, action.name())),
            contexts: [context(false)?, context(true)?],
        })
    }

    /// The question as Cedar takes it; nothing for a caller that has no name.
    pub(super) fn request(&self, caller: &Caller, ask: &Ask<'_>) -> Result<Option<(Request, Entities)>, String> {
        let (principal, own) = match caller {
            Caller::Anybody => return Ok(None),
            Caller::Aws(aws) => (self.aws(aws)?, aws.own),
            Caller::Oidc(oidc) => (self.oidc(oidc)?, false),
        };
        let resource = self.resource(&ask.resource)?;
        let action = self.actions[ask.action as usize].clone();
        let context = self.contexts[usize::from(own)].clone();
        let request = Request::new(principal.uid(), action, resource.uid(), context, None);
        // Parents need no entity of their own: they have no attributes, and no parents.
        let entities = Entities::from_entities([principal, resource], None);
        Ok(Some((request.map_err(|error| error.to_string())?, entities.map_err(|error| error.to_string())?)))
    }

    fn aws(&self, aws: &AwsIdentity) -> Result<Entity, String> {
        let kind = if aws.is_role { &self.role } else { &self.user };
        let parts = [text("account", &aws.account), text("name", &aws.name)];
        entity(uid(kind, &aws.arn), parts, Some(uid(&self.account, &aws.account)), [])
    }

    fn oidc(&self, oidc: &OidcIdentity) -> Result<Entity, String> {
        let parts = [text("issuer", &oidc.issuer), text("subject", &oidc.subject)];
        let set = |values: &Vec<String>| Value::new_set(values.iter().cloned().map(Value::new_string));
        let tags: Vec<_> = oidc.claims.iter().map(|(name, values)| (name.clone(), set(values))).collect();
        entity(uid(&self.subject, &oidc.name()), parts, Some(uid(&self.issuer, &oidc.issuer)), tags)
    }

    fn resource(&self, resource: &Resource<'_>) -> Result<Entity, String> {
        match resource {
            Resource::App(app) => entity(uid(&self.app, app.as_str()), [text("name", app.as_str())], None, []),
            Resource::Grant(id) => {
                let parent = uid(&self.app, id.app.as_str());
                entity(uid(&self.grant, &id.to_string()), [text("subject", id.subject.as_str())], Some(parent), [])
            }
        }
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn text(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), Value::new_string(value.to_owned()))
}

fn entity(
    uid: EntityUid,
    attributes: impl IntoIterator<Item = (String, Value)>,
    parent: Option<EntityUid>,
    tags: impl IntoIterator<Item = (String, Value)>,
) -> Result<Entity, String> {
    let parents: HashSet<_> = parent.into_iter().collect();
    Entity::new_with_tags(uid, attributes, parents, tags).map_err(|error| error.to_string())
}
