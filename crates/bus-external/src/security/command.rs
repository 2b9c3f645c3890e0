//! The plugin's commands, as it spells them.
//!
//! ```json
//! {"commands": [{"command": "createRole", "rolename": "door:1", "correlationData": "7", "acls":
//!   [{"acltype": "subscribeLiteral", "topic": "devices/1/calls/control", "allow": true}]}]}
//! ```

use bus::Rights;
use serde::{Deserialize, Serialize};

use crate::security::account::Account;

#[derive(Serialize)]
#[serde(tag = "command", rename_all = "camelCase")]
pub(super) enum Command {
    #[serde(rename_all = "lowercase")]
    CreateClient {
        username: String,
        password: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        clientid: Option<String>,
        textname: String,
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
    GetDefaultACLAccess,
    SetDefaultACLAccess {
        acls: Vec<DefaultAccess>,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct RoleName {
    pub(super) rolename: String,
}

/// Of those that fit, the one of the highest priority counts.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Acl {
    pub(super) acltype: String,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    priority: i32,
    pub(super) allow: bool,
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

/// Makes the account and its role, anew if they are there. `keeper` is written into it.
pub(super) fn open(account: &Account, is_there: bool, keeper: &str) -> Vec<Command> {
    let name = || account.username.clone();
    let mut commands = Vec::with_capacity(4);
    if is_there {
        commands.extend(close(&account.username));
    }
    commands.push(Command::CreateRole {
        rolename: name(),
        acls: acls(&account.rights),
    });
    commands.push(Command::CreateClient {
        username: name(),
        password: account.password.clone(),
        clientid: account.client_id.clone(),
        textname: keeper.to_owned(),
        textdescription: account.note().text(),
        roles: vec![RoleName { rolename: name() }],
    });
    commands
}

pub(super) fn close(username: &str) -> [Command; 2] {
    let (username, rolename) = (username.to_owned(), username.to_owned());
    [
        Command::DeleteClient { username },
        Command::DeleteRole { rolename },
    ]
}

/// Ends its connections; it may come again.
pub(super) fn kick(username: &str) -> [Command; 2] {
    let (username, again) = (username.to_owned(), username.to_owned());
    [
        Command::DisableClient { username },
        Command::EnableClient { username: again },
    ]
}

/// What must hold where no role says anything: nobody publishes, nobody subscribes.
pub(super) const FORBIDDEN: [&str; 2] = ["publishClientSend", "subscribe"];

pub(super) fn forbid_all() -> Command {
    let acls = FORBIDDEN.map(|acltype| DefaultAccess {
        acltype,
        allow: false,
    });
    Command::SetDefaultACLAccess { acls: acls.into() }
}

pub(super) fn acl(acltype: &str, topic: &str, allow: bool) -> Acl {
    Acl {
        acltype: acltype.to_owned(),
        topic: topic.to_owned(),
        priority: i32::from(allow),
        allow,
    }
}

/// Nothing else is delivered, whatever it subscribes to: at this broker a client takes over the
/// subscriptions of whoever had its client id before, and nobody asks again whether it may.
fn acls(rights: &Rights) -> Vec<Acl> {
    let Rights { subscribe, publish } = rights;
    let mut acls: Vec<Acl> = Vec::new();
    for topic in subscribe {
        acls.push(acl("subscribeLiteral", topic, true));
        acls.push(acl("publishClientReceive", topic, true));
    }
    acls.push(acl("publishClientReceive", "#", false));
    acls.extend(
        publish
            .iter()
            .map(|topic| acl("publishClientSend", topic, true)),
    );
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
            client_id: Some("1".into()),
            rights: Rights {
                subscribe: vec!["a/1".into()],
                publish: vec!["b/1".into()],
            },
            mark: "m".into(),
        };

        let made = serde_json::to_value(open(&account, true, "us")).unwrap();

        let expected = serde_json::json!([
            {"command": "deleteClient", "username": "door:1"},
            {"command": "deleteRole", "rolename": "door:1"},
            {"command": "createRole", "rolename": "door:1", "acls": [
                {"acltype": "subscribeLiteral", "topic": "a/1", "priority": 1, "allow": true},
                {"acltype": "publishClientReceive", "topic": "a/1", "priority": 1, "allow": true},
                {"acltype": "publishClientReceive", "topic": "#", "priority": 0, "allow": false},
                {"acltype": "publishClientSend", "topic": "b/1", "priority": 1, "allow": true},
            ]},
            {"command": "createClient", "username": "door:1", "password": "secret",
             "clientid": "1", "textname": "us", "textdescription": "m door:1",
             "roles": [{"rolename": "door:1"}]},
        ]);
        assert_eq!(made, expected);
        assert_eq!(open(&account, false, "us").len(), 2);
    }

    #[test]
    fn the_names_of_all_commands_are_the_plugins() {
        let named = |command: Command| serde_json::to_value(command).unwrap()["command"].clone();

        assert_eq!(named(forbid_all()), "setDefaultACLAccess");
        assert_eq!(named(Command::GetDefaultACLAccess), "getDefaultACLAccess");
        let own = "x".to_owned();
        assert_eq!(named(Command::GetRole { rolename: own }), "getRole");
    }
}
