//! The plugin's answers, as it spells them.
//!
//! ```json
//! {"responses": [{"command": "createRole", "correlationData": "7", "error": "Role already exists"}]}
//! ```

use serde::Deserialize;

use crate::security::command::{Acl, FORBIDDEN, RoleName};

#[derive(Deserialize)]
pub(super) struct Answers {
    pub(super) responses: Vec<Answer>,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    pub(super) command: String,
    #[serde(rename = "correlationData")]
    pub(super) correlation: Option<String>,
    pub(super) error: Option<String>,
    #[serde(default, rename = "data")]
    pub(super) told: Told,
}

#[derive(Deserialize, Default)]
pub(super) struct Told {
    #[serde(default)]
    pub(super) clients: Vec<Known>,
    pub(super) client: Option<Known>,
    pub(super) role: Option<Role>,
    /// What holds where no role says anything.
    #[serde(default)]
    pub(super) acls: Vec<Acl>,
}

/// An account as the broker lists it.
#[derive(Deserialize)]
pub(super) struct Known {
    pub(super) username: String,
    /// Who keeps it.
    pub(super) textname: Option<String>,
    #[serde(default)]
    pub(super) textdescription: String,
    #[serde(default)]
    pub(super) roles: Vec<RoleName>,
}

#[derive(Deserialize)]
pub(super) struct Role {
    #[serde(default)]
    pub(super) acls: Vec<Acl>,
}

impl Answer {
    /// Whether it says no to something that was not so already.
    pub(super) fn is_refusal(&self) -> bool {
        let deletes = self.command.starts_with("delete");
        match &self.error {
            Some(error) => !(deletes && error.ends_with("not found")),
            None => false,
        }
    }

    /// Whether what was to be made was there.
    pub(super) fn is_there_already(&self) -> bool {
        let error = self.error.as_deref().unwrap_or_default();
        error.ends_with("already exists")
    }
}

/// Whether nobody may publish or subscribe where no role says anything.
pub(super) fn is_all_forbidden(defaults: &[Acl]) -> bool {
    FORBIDDEN.iter().all(|kind| {
        let mut of_kind = defaults.iter().filter(|one| one.acltype == *kind);
        of_kind.next().is_some_and(|one| !one.allow)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::command::acl;

    #[test]
    fn what_was_so_already_is_told_from_a_refusal() {
        let answer = |command: &str, error: &str| Answer {
            command: command.into(),
            correlation: None,
            error: Some(error.into()),
            told: Told::default(),
        };

        assert!(!answer("deleteRole", "Role not found").is_refusal());
        assert!(answer("createClient", "Role not found").is_refusal());
        assert!(answer("deleteClient", "Internal error").is_refusal());
        assert!(answer("createClient", "Client already exists").is_there_already());
    }

    #[test]
    fn a_broker_that_lets_strangers_publish_or_subscribe_is_noticed() {
        let default = |kind: &str, allow| acl(kind, "", allow);
        let safe = [
            default("publishClientSend", false),
            default("subscribe", false),
        ];
        let open = [
            default("publishClientSend", false),
            default("subscribe", true),
        ];

        assert!(is_all_forbidden(&safe));
        assert!(!is_all_forbidden(&open) && !is_all_forbidden(&[]));
    }
}
