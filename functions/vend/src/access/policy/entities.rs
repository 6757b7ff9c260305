//! Callers, apps and grants as Cedar entities, no more than one request needs.

use std::collections::HashSet;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value,
};

use super::question::{AccessRequest, Action, Resource};
use crate::access::identity::{AwsIdentity, Caller, OidcIdentity};

/// The entity types and actions of the schema, parsed once.
pub(super) struct EntityTypes {
    account: EntityTypeName,
    role: EntityTypeName,
    user: EntityTypeName,
    issuer: EntityTypeName,
    subject: EntityTypeName,
    app: EntityTypeName,
    grant: EntityTypeName,
    actions: [EntityUid; Action::ALL.len()],
    /// Indexed by whether the caller is of the deployment's own account.
    contexts: [Context; 2],
}

impl EntityTypes {
    pub(super) fn new() -> Result<Self, String> {
        let action = entity_type("Action")?;
        Ok(Self {
            account: entity_type("AwsAccount")?,
            role: entity_type("AwsRole")?,
            user: entity_type("AwsUser")?,
            issuer: entity_type("OidcIssuer")?,
            subject: entity_type("OidcSubject")?,
            app: entity_type("App")?,
            grant: entity_type("Grant")?,
            actions: Action::ALL.map(|known| uid(&action, known.name())),
            contexts: [context(false)?, context(true)?],
        })
    }

    /// The Cedar request and its entities; `None` for an anonymous caller.
    pub(super) fn cedar_request(
        &self,
        caller: &Caller,
        asked: &AccessRequest<'_>,
    ) -> Result<Option<(Request, Entities)>, String> {
        let (principal, own) = match caller {
            Caller::Anonymous => return Ok(None),
            Caller::Aws(aws) => (self.aws(aws)?, aws.own),
            Caller::Oidc(oidc) => (self.oidc(oidc)?, false),
        };
        let resource = self.resource(&asked.resource)?;
        let action = self.actions[asked.action as usize].clone();
        let context = self.contexts[usize::from(own)].clone();
        let request = Request::new(principal.uid(), action, resource.uid(), context, None);
        // Parents have no attributes and no parents, so they need no entities of their own.
        let entities = Entities::from_entities([principal, resource], None);
        Ok(Some((request.map_err(to_text)?, entities.map_err(to_text)?)))
    }

    fn aws(&self, aws: &AwsIdentity) -> Result<Entity, String> {
        let kind = if aws.is_role { &self.role } else { &self.user };
        let parts = [text("account", &aws.account), text("name", &aws.name)];
        entity(uid(kind, &aws.arn), parts, Some(uid(&self.account, &aws.account)), [])
    }

    fn oidc(&self, oidc: &OidcIdentity) -> Result<Entity, String> {
        let parts = [text("issuer", &oidc.issuer), text("subject", &oidc.subject)];
        let mut tags = Vec::with_capacity(oidc.claims.len());
        for (name, values) in &oidc.claims {
            tags.push((name.clone(), Value::new_set(values.iter().cloned().map(Value::new_string))));
        }
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

fn entity_type(name: &str) -> Result<EntityTypeName, String> {
    name.parse().map_err(to_text)
}

fn context(own_account: bool) -> Result<Context, String> {
    Context::from_pairs([("own_account".to_owned(), Value::new_bool(own_account))]).map_err(to_text)
}

fn to_text(error: impl ToString) -> String {
    error.to_string()
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
    Entity::new_with_tags(uid, attributes, parents, tags).map_err(to_text)
}
