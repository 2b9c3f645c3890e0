//! The server's own account, which administers the others and speaks to parties of calls.

use std::collections::BTreeSet;

use crate::security::answer::Answer;
use crate::security::command::{Acl, Command, acl};

/// As whom the server itself is there.
pub(super) struct Own {
    /// Its account.
    pub(super) account: String,
    /// Its role, and what is written into the accounts that it keeps.
    pub(super) name: String,
    pub(super) needs: Needs,
}

/// What the server's own account must be allowed, as filters.
#[derive(Default)]
pub(crate) struct Needs {
    /// What it is sent.
    pub(crate) received: Vec<String>,
    /// By which it subscribes to that.
    pub(crate) shared: Vec<String>,
    /// What it publishes on.
    pub(crate) spoken: Vec<String>,
}

impl Own {
    /// Asks for what [`Own::is_settled`] looks at.
    pub(super) fn questions(&self) -> [Command; 2] {
        let (username, rolename) = (self.account.clone(), self.name.clone());
        [
            Command::GetClient { username },
            Command::GetRole { rolename },
        ]
    }

    /// Whether the account has its role, and that is as it should be.
    pub(super) fn is_settled(&self, answers: &[Answer]) -> bool {
        let account = answers.iter().find_map(|one| one.told.client.as_ref());
        let role = answers.iter().find_map(|one| one.told.role.as_ref());
        let (Some(account), Some(role)) = (account, role) else {
            return false;
        };
        let there: BTreeSet<_> = role.acls.iter().collect();
        let wanted = self.needs.acls();
        account.roles.iter().any(|one| one.rolename == self.name)
            && there.into_iter().eq(wanted.iter())
    }

    pub(super) fn make(&self) -> Vec<Command> {
        let rolename = || self.name.clone();
        vec![
            Command::DeleteRole {
                rolename: rolename(),
            },
            Command::CreateRole {
                rolename: rolename(),
                acls: self.needs.acls(),
            },
            Command::AddClientRole {
                username: self.account.clone(),
                rolename: rolename(),
            },
        ]
    }
}

impl Needs {
    /// In order, each once.
    fn acls(&self) -> Vec<Acl> {
        let allow = |kind: &'static str| move |topic: &String| acl(kind, topic, true);
        let spoken = self.spoken.iter().map(allow("publishClientSend"));
        let shared = self.shared.iter().map(allow("subscribeLiteral"));
        let received = self.received.iter().map(allow("publishClientReceive"));
        let mut acls: Vec<Acl> = spoken.chain(shared).chain(received).collect();
        acls.sort();
        acls.dedup();
        acls
    }
}
