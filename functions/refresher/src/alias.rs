//! Which commands each alias of the function answers.
//!
//! IAM lets each HTTP function invoke its own alias alone. The alias in turn limits the commands, so that an HTTP
//! function that an attacker controls can do only its own work.

use crate::command::Command;

/// The alias through which the function was invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alias {
    /// None: an operator, the schedule or a queue.
    Unqualified,
    /// `webhook`: hints.
    Webhook,
    /// `vend`: renewals.
    Vend,
    /// `consent`: what an administrator needs to grant a consent, and the operators' console beside it.
    Consent,
    /// Any other alias or version.
    Unknown,
}

impl Alias {
    /// The alias in the ARN that was invoked, `arn:aws:lambda:{region}:{account}:function:{name}[:{qualifier}]`.
    /// `$LATEST` is the function itself.
    pub(crate) fn of_arn(arn: &str) -> Self {
        match arn.split(':').nth(7) {
            None | Some("" | "$LATEST") => Self::Unqualified,
            Some("webhook") => Self::Webhook,
            Some("vend") => Self::Vend,
            Some("consent") => Self::Consent,
            Some(_) => Self::Unknown,
        }
    }

    pub(crate) fn allows(self, command: &Command) -> bool {
        match self {
            Self::Unqualified => true,
            Self::Webhook => matches!(command, Command::Hint(_) | Command::DataSources(_)),
            Self::Vend => matches!(command, Command::Renew(request) if !request.force),
            Self::Consent => is_for_consent(command),
            Self::Unknown => false,
        }
    }
}

/// Operators act on single grants through the console. It cannot sweep, and brings no pair but by a person's consent.
fn is_for_consent(command: &Command) -> bool {
    match command {
        Command::Renew(request) => request.force,
        Command::Restore(_) | Command::Remove(_) | Command::Unblock(_) | Command::MakeLink(_) => true,
        _ => matches!(command, Command::Apps(_) | Command::Exchange(_) | Command::Status(_) | Command::Verify(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:refresher";

    #[test]
    fn alias_is_the_qualifier_of_the_arn() {
        for arn in ["", "function-arn", FUNCTION, &format!("{FUNCTION}:$LATEST")] {
            assert_eq!(Alias::of_arn(arn), Alias::Unqualified, "{arn}");
        }
        assert_eq!(Alias::of_arn(&format!("{FUNCTION}:webhook")), Alias::Webhook);
        assert_eq!(Alias::of_arn(&format!("{FUNCTION}:vend")), Alias::Vend);
        assert_eq!(Alias::of_arn(&format!("{FUNCTION}:consent")), Alias::Consent);
        for other in ["7", "Vend", "vend:7", "operators"] {
            assert!(!matches!(Alias::of_arn(&format!("{FUNCTION}:{other}")), Alias::Unqualified), "{other}");
        }
    }

    #[test]
    fn each_alias_allows_its_own_commands_alone() {
        let id = json!({"app": "a", "subject": "b"});
        let exchange = json!({"app": "a", "subject": "b", "code": "c", "redirect_uri": "d", "code_verifier": "e"});
        let table = [
            (json!({"sweep": {}}), ""),
            (json!({}), ""),
            (json!({"reconcile": id}), "webhook"),
            (json!({"fence": id}), "webhook"),
            (json!({"data_sources": id}), "webhook"),
            (json!({"renew": id}), "vend"),
            (json!({"renew": {"app": "a", "subject": "b", "force": true}}), "consent"),
            (json!({"restore": id}), "consent"),
            (json!({"status": {}}), "consent"),
            (json!({"remove": id}), "consent"),
            (json!({"unblock": id}), "consent"),
            (json!({"remove_app": {"app": "a", "confirm": "a"}}), ""),
            (json!({"import": id}), ""),
            (json!({"exchange": exchange}), "consent"),
            (json!({"make_link": id}), "consent"),
            (json!({"device_start": id}), ""),
            (json!({"device_poll": {"app": "a", "subject": "b", "device_code": "c"}}), ""),
            (json!({"verify": id}), "consent"),
            (json!({"apps": {}}), "consent"),
            (json!({"notify": {}}), ""),
        ];
        for (payload, owner) in table {
            let command = Command::parse(payload.clone()).unwrap();
            assert!(Alias::Unqualified.allows(&command), "{payload}");
            for alias in ["webhook", "vend", "consent", "7"] {
                let allowed = Alias::of_arn(&format!("{FUNCTION}:{alias}")).allows(&command);
                assert_eq!(allowed, alias == owner, "{alias}: {payload}");
            }
        }
    }
}
