//! Who is to have an account.

use bus::Rights;
use futures_util::future::BoxFuture;

/// Somebody who is to have an account. Without Debug: holds a password.
#[derive(Clone)]
pub struct Account {
    /// The user name, and the name of the role that holds the rights.
    pub username: String,
    /// Whose it is: one owner may have several. No white space.
    pub owner: String,
    /// What is shown with it.
    pub password: String,
    /// The only client id it may come with; none: any.
    pub client_id: Option<String>,
    /// What it may do.
    pub rights: Rights,
    /// Changes whenever anything of the above does, and tells nothing of the password: kept at the
    /// broker, where the password cannot be read. No white space.
    pub mark: String,
}

/// What is known of an account without its password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Note {
    pub(super) owner: String,
    pub(super) mark: String,
}

impl Note {
    /// As the broker keeps it.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.mark, self.owner)
    }

    /// Of a text that we did not write, what fits no account.
    pub(super) fn read(text: &str) -> Self {
        let (mark, owner) = text.split_once(' ').unwrap_or(("", ""));
        Self {
            owner: owner.to_owned(),
            mark: mark.to_owned(),
        }
    }
}

impl Account {
    pub(super) fn note(&self) -> Note {
        Note {
            owner: self.owner.clone(),
            mark: self.mark.clone(),
        }
    }
}

/// Knows who is to have an account.
pub trait AccountList: Send + Sync {
    /// Everyone; an error, in words, if it cannot be told now.
    fn all(&self) -> BoxFuture<'_, Result<Vec<Account>, String>>;

    /// Those of one owner, likewise.
    fn of<'a>(&'a self, owner: &'a str) -> BoxFuture<'a, Result<Vec<Account>, String>>;
}
