//! Scopes by task, so that nobody has to find them one by one.

use crate::grant_request::MINTER_SCOPES;

/// Scopes that are chosen together.
#[derive(Debug)]
pub(crate) struct Preset {
    /// The value of its button.
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) scopes: &'static [&'static str],
}

/// What the minter needs. The page offers it for the minter alone.
pub(crate) const MINTER: Preset = Preset { key: "minter", title: "Mint tokens", scopes: &MINTER_SCOPES };

/// In the order of the page.
pub(crate) const PRESETS: [Preset; 5] = [
    Preset {
        key: "task-provisioning",
        title: "Provisioning",
        scopes: &[
            "spark-admin:people_read",
            "spark-admin:people_write",
            "spark-admin:licenses_read",
            "spark-admin:locations_read",
            "spark-admin:organizations_read",
            "spark-admin:roles_read",
            "identity:groups_rw",
        ],
    },
    Preset {
        key: "task-reporting",
        title: "Reporting",
        scopes: &[
            "analytics:read_all",
            "audit:events_read",
            "spark-admin:reports_read",
            "spark-admin:reports_write",
            "spark-admin:calling_cdr_read",
            "spark-admin:organizations_read",
            "spark-admin:workspace_metrics_read",
        ],
    },
    Preset {
        key: "task-calling",
        title: "Calling",
        scopes: &[
            "spark-admin:telephony_config_read",
            "spark-admin:telephony_config_write",
            "spark-admin:calls_read",
            "spark-admin:locations_read",
            "spark-admin:people_read",
            "spark-admin:devices_read",
        ],
    },
    Preset {
        key: "task-meetings",
        title: "Meetings",
        scopes: &[
            "meeting:admin_schedule_read",
            "meeting:admin_schedule_write",
            "meeting:admin_participants_read",
            "meeting:admin_recordings_read",
            "meeting:admin_transcripts_read",
            "spark-admin:people_read",
        ],
    },
    Preset {
        key: "task-compliance",
        title: "Compliance",
        scopes: &[
            "spark-compliance:events_read",
            "spark-compliance:messages_read",
            "spark-compliance:rooms_read",
            "spark-compliance:memberships_read",
            "spark-compliance:meetings_read",
            "spark-compliance:recordings_read",
        ],
    },
];

impl Preset {
    /// The scopes separated by spaces, for the script.
    pub(crate) fn joined(&self) -> String {
        self.scopes.join(" ")
    }
}

/// The scopes of the preset whose button was pressed.
pub(crate) fn scopes_of(key: &str) -> &'static [&'static str] {
    if key == MINTER.key {
        return MINTER.scopes;
    }
    match PRESETS.iter().find(|preset| preset.key == key) {
        Some(preset) => preset.scopes,
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::grant_request::WARN_ABOVE;

    #[test]
    fn presets_fit_and_name_scopes_of_the_catalogue() {
        let catalogue = Catalogue::load();
        for preset in PRESETS.iter().chain([&MINTER]) {
            for scope in preset.scopes {
                assert!(catalogue.offers(scope), "{}: {scope}", preset.key);
            }
            assert!(preset.joined().len() < WARN_ABOVE, "{}", preset.key);
            assert_eq!(scopes_of(preset.key), preset.scopes);
        }
    }
}
