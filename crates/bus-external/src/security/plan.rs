//! What must change at the broker so that those have an account who are to have one.

use std::collections::{BTreeMap, BTreeSet};

use crate::security::account::{Account, Note};

/// The accounts at the broker, by user name.
pub(super) type Notes = BTreeMap<String, Note>;

/// One change.
pub(super) enum Step {
    /// Makes it, anew if it is there.
    Open { account: Account, is_there: bool },
    /// Removes the account with this name.
    Close(String),
    /// Ends the connections of the account with this name.
    Kick(String),
}

/// Whose accounts are not as wanted.
pub(super) fn owners_to_settle(there: &Notes, wanted: &[Account]) -> BTreeSet<String> {
    let names: BTreeSet<&str> = wanted.iter().map(|one| one.username.as_str()).collect();
    let gone = there
        .iter()
        .filter(|(name, _)| !names.contains(name.as_str()));
    let differing =
        (wanted.iter()).filter(|account| there.get(&account.username) != Some(&account.note()));
    let gone = gone.map(|(_, note)| note.owner.clone());
    gone.chain(differing.map(|account| account.owner.clone()))
        .collect()
}

/// The steps after which the owner has these accounts; connections of those that stay, stay.
pub(super) fn settle(there: &mut Notes, owner: &str, wanted: Vec<Account>) -> Vec<Step> {
    let is_its = |_: &String, note: &mut Note| note.owner == owner;
    let mut old: Notes = there.extract_if(.., is_its).collect();
    let mut steps = Vec::new();
    for account in wanted {
        let (username, note) = (account.username.clone(), account.note());
        let known = old.remove(&username);
        if known.as_ref() != Some(&note) {
            let is_there = known.is_some();
            steps.push(Step::Open { account, is_there });
        }
        there.insert(username, note);
    }
    steps.extend(old.into_keys().map(Step::Close));
    steps
}

/// The same, and none of the owner's connections is left.
pub(super) fn renew(there: &mut Notes, owner: &str, wanted: Vec<Account>) -> Vec<Step> {
    let is_as_wanted = |account: &&Account| there.get(&account.username) == Some(&account.note());
    let stay = wanted.iter().filter(is_as_wanted);
    let stay: Vec<String> = stay.map(|account| account.username.clone()).collect();
    let mut steps = settle(there, owner, wanted);
    steps.extend(stay.into_iter().map(Step::Kick));
    steps
}

#[cfg(test)]
mod tests {
    use bus::Rights;

    use super::*;

    fn account(username: &str, mark: &str) -> Account {
        Account {
            username: username.into(),
            owner: "mum".into(),
            password: String::new(),
            client_id: None,
            rights: Rights::default(),
            mark: mark.into(),
        }
    }

    fn there(owner: &str, names: &[&str]) -> Notes {
        let note = Note {
            owner: owner.into(),
            mark: "1".into(),
        };
        let named = |name: &&str| ((*name).to_owned(), note.clone());
        names.iter().map(named).collect()
    }

    fn shown(steps: &[Step]) -> Vec<String> {
        let show = |step: &Step| match step {
            Step::Open {
                account,
                is_there: false,
            } => format!("open {}", account.username),
            Step::Open { account, .. } => format!("open {} anew", account.username),
            Step::Close(name) => format!("close {name}"),
            Step::Kick(name) => format!("kick {name}"),
        };
        steps.iter().map(show).collect()
    }

    #[test]
    fn only_owners_of_what_differs_are_settled() {
        let mut all = there("dad", &["dads"]);
        all.extend(there("", &["nobodys"]));
        let mut dads = account("dads", "1");
        dads.owner = "dad".into();
        let unchanged = vec![dads];

        let owners = owners_to_settle(&all, &unchanged);
        assert_eq!(owners, BTreeSet::from([String::new()]));

        all.extend(there("mum", &["changed"]));
        let wanted = [unchanged, vec![account("changed", "2")]].concat();
        let owners = owners_to_settle(&all, &wanted);
        assert_eq!(owners, BTreeSet::from([String::new(), "mum".into()]));
    }

    #[test]
    fn an_owner_gets_what_is_wanted_and_loses_the_rest() {
        let mut all = there("mum", &["same", "changed", "gone"]);
        let wanted = vec![
            account("same", "1"),
            account("changed", "2"),
            account("new", "1"),
        ];

        let steps = settle(&mut all, "mum", wanted);

        assert_eq!(
            shown(&steps),
            ["open changed anew", "open new", "close gone"]
        );
        assert_eq!(all.keys().collect::<Vec<_>>(), ["changed", "new", "same"]);
    }

    #[test]
    fn whoever_is_renewed_loses_its_connections_and_nobody_else_does() {
        let mut all = there("mum", &["same", "gone"]);
        all.extend(there("dad", &["dads"]));

        let steps = renew(&mut all, "mum", vec![account("same", "1")]);

        assert_eq!(shown(&steps), ["close gone", "kick same"]);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["dads", "same"]);
    }
}
