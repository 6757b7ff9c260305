//! The policy as Cedar reads and decides it.

use std::collections::HashMap;

use cedar_policy::{Authorizer, Decision, PolicyId, PolicySet, Response};

use super::entities::Vocabulary;
use super::{Ask, Verdict, literals, source};
use crate::identity::Caller;

/// The operator's policy, parsed, and found to fit the schema.
pub struct Policy {
    set: PolicySet,
    /// What `@id` calls each, else where it begins in the file.
    names: HashMap<PolicyId, String>,
    vocabulary: Vocabulary,
    authorizer: Authorizer,
}

impl Policy {
    /// Reads the text of a policy file. The error says where in it something is wrong, and what.
    pub fn parse(text: &str) -> Result<Self, String> {
        let schema = source::schema()?;
        let set = source::policies(text, &schema)?;
        let names = source::names(&set);
        literals::check(&set, &names)?;
        Ok(Self { vocabulary: Vocabulary::new()?, set, names, authorizer: Authorizer::new() })
    }

    /// Whether `caller` may. No input and no output: the same question always has the same answer.
    pub fn decide(&self, caller: &Caller, ask: &Ask<'_>) -> Verdict {
        match self.vocabulary.request(caller, ask) {
            Ok(Some((request, entities))) => {
                self.verdict(&self.authorizer.is_authorized(&request, &self.set, &entities))
            }
            // A caller without a name of its own, which no policy can speak of.
            Ok(None) => Verdict { allowed: false, by: Vec::new() },
            Err(why) => broken(&why),
        }
    }

    fn verdict(&self, response: &Response) -> Verdict {
        if let Some(error) = response.diagnostics().errors().next() {
            return broken(&error.to_string());
        }
        let name = |id: &PolicyId| self.names.get(id).cloned().unwrap_or_else(|| id.to_string());
        let mut by: Vec<_> = response.diagnostics().reason().map(name).collect();
        by.sort();
        Verdict { allowed: response.decision() == Decision::Allow, by }
    }
}

fn broken(why: &str) -> Verdict {
    tracing::error!(outcome = "policy_broken", "the policy cannot be evaluated: {why}");
    Verdict { allowed: false, by: Vec::new() }
}
