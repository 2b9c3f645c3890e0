//! The plugin's commands and answers, as it spells them.
//!
//! ```json
//! {"commands": [{"command": "createRole", "rolename": "door:1", "correlationData": "7", "acls":
//!   [{"acltype": "subscribeLiteral", "topic": "devices/1/calls/control", "allow": true}]}]}
//! {"responses": [{"command": "createRole", "correlationData": "7", "error": "Role already exists"}]}
//! ```

use bus::Rights;
use serde::{Deserialize, Serialize};

use crate::security::account::Account;

/// Written into every account of ours, to know it by.
const OURS: &str = "koumen";

/// Our own role: to tell parties of calls, and to hear what doors publish.
pub(super) const OWN_ROLE: &str = "koumen";

#[derive(Serialize)]
#[serde(tag = "command", rename_all = "camelCase")]
pub(super) enum Command {
    #[serde(rename_all = "lowercase")]
    CreateClient {
        username: String,
        password: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        clientid: Option<String>,
        textname: &'static str,
        textdescription: String,
        roles: Vec<RoleName>,
    },
    DeleteClient {
        username: String,
    },
    DisableClient {
        username: String,
    },
    EnableClient {
        username: String,
    },
    CreateRole {
        rolename: String,
        acls: Vec<Acl>,
    },
    DeleteRole {
        rolename: String,
    },
    ListClients {
        verbose: bool,
        count: usize,
        offset: usize,
    },
    GetClient {
        username: String,
    },
    GetRole {
        rolename: String,
    },
    AddClientRole {
        username: String,
        rolename: String,
    },
    SetDefaultACLAccess {
        acls: Vec<DefaultAccess>,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct RoleName {
    pub(super) rolename: String,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Acl {
    acltype: String,
    topic: String,
    allow: bool,
}

#[derive(Serialize)]
pub(super) struct DefaultAccess {
    acltype: &'static str,
    allow: bool,
}

/// One command of a batch, with what its answer is known by.
#[derive(Serialize)]
pub(super) struct Marked {
    #[serde(flatten)]
    pub(super) command: Command,
    #[serde(rename = "correlationData")]
    pub(super) correlation: String,
}

#[derive(Serialize)]
pub(super) struct Batch {
    pub(super) commands: Vec<Marked>,
}

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
}

/// An account as the broker lists it.
#[derive(Deserialize)]
pub(super) struct Known {
    pub(super) username: String,
    textname: Option<String>,
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

impl Known {
    pub(super) fn is_ours(&self) -> bool {
        self.textname.as_deref() == Some(OURS)
    }
}

impl Answer {
    /// Whether it says no to something that was not so already.
    pub(super) fn is_refusal(&self) -> bool {
        let is_known = |error: &str| error.ends_with("not found");
        let deletes = self.command.starts_with("delete");
        match &self.error {
            Some(error) => !(deletes && is_known(error)),
            None => false,
        }
    }
}

/// Makes the account and its role anew, whether they were there or not.
pub(super) fn open(account: Account, is_there: bool) -> Vec<Command> {
    let textdescription = account.note().text();
    let Account {
        username,
        password,
        client_id,
        rights,
        ..
    } = account;
    let mut commands = Vec::with_capacity(4);
    if is_there {
        commands.push(Command::DeleteClient {
            username: username.clone(),
        });
    }
    commands.push(Command::DeleteRole {
        rolename: username.clone(),
    });
    commands.push(Command::CreateRole {
        rolename: username.clone(),
        acls: acls(rights),
    });
    commands.push(Command::CreateClient {
        roles: vec![RoleName {
            rolename: username.clone(),
        }],
        username,
        password,
        clientid: client_id,
        textname: OURS,
        textdescription,
    });
    commands
}

pub(super) fn close(username: String) -> Vec<Command> {
    let rolename = username.clone();
    vec![
        Command::DeleteClient { username },
        Command::DeleteRole { rolename },
    ]
}

/// Ends its connections; it may come again.
pub(super) fn kick(username: String) -> Vec<Command> {
    let again = username.clone();
    vec![
        Command::DisableClient { username },
        Command::EnableClient { username: again },
    ]
}

/// What is not allowed in so many words is forbidden.
pub(super) fn forbid_all() -> Command {
    let access = [
        ("publishClientSend", false),
        ("publishClientReceive", true),
        ("subscribe", false),
        ("unsubscribe", true),
    ];
    let acls = access.map(|(acltype, allow)| DefaultAccess { acltype, allow });
    Command::SetDefaultACLAccess { acls: acls.into() }
}

fn acls(rights: Rights) -> Vec<Acl> {
    let allow = |acltype: &'static str| {
        move |topic| Acl {
            acltype: acltype.to_owned(),
            topic,
            allow: true,
        }
    };
    let subscribe = rights.subscribe.into_iter().map(allow("subscribeLiteral"));
    let publish = rights.publish.into_iter().map(allow("publishClientSend"));
    subscribe.chain(publish).collect()
}

/// What our own role allows, in order; `filters` are those we subscribe to.
pub(super) fn own_acls(filters: Vec<String>) -> Vec<Acl> {
    let publish = ["users/#", "devices/#", "mqtt_call/#"].map(str::to_owned);
    let mut acls = acls(Rights {
        subscribe: filters,
        publish: publish.into(),
    });
    acls.sort();
    acls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_made_with_a_role_of_its_own() {
        let account = Account {
            username: "door:1".into(),
            owner: "door:1".into(),
            password: "secret".into(),
            client_id: None,
            rights: Rights {
                subscribe: vec!["a/1".into()],
                publish: vec!["b/1".into()],
            },
            mark: "m".into(),
        };

        let made = serde_json::to_value(open(account, true)).unwrap();

        let expected = serde_json::json!([
            {"command": "deleteClient", "username": "door:1"},
            {"command": "deleteRole", "rolename": "door:1"},
            {"command": "createRole", "rolename": "door:1", "acls": [
                {"acltype": "subscribeLiteral", "topic": "a/1", "allow": true},
                {"acltype": "publishClientSend", "topic": "b/1", "allow": true},
            ]},
            {"command": "createClient", "username": "door:1", "password": "secret",
             "textname": "koumen", "textdescription": "m door:1", "roles": [{"rolename": "door:1"}]},
        ]);
        assert_eq!(made, expected);
    }

    #[test]
    fn the_names_of_all_commands_are_the_plugins() {
        let named = |command: Command| serde_json::to_value(command).unwrap()["command"].clone();

        assert_eq!(named(forbid_all()), "setDefaultACLAccess");
        let own = "x".to_owned();
        assert_eq!(named(Command::GetRole { rolename: own }), "getRole");
    }

    #[test]
    fn what_was_gone_already_is_no_refusal() {
        let answer = |command: &str, error: &str| Answer {
            command: command.into(),
            correlation: None,
            error: Some(error.into()),
            told: Told::default(),
        };

        assert!(!answer("deleteRole", "Role not found").is_refusal());
        assert!(answer("createClient", "Role not found").is_refusal());
        assert!(answer("deleteClient", "Internal error").is_refusal());
    }
}
