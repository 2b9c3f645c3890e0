//! What must change at the broker so that those have an account who are to have one.

use std::collections::BTreeMap;

use crate::security::account::{Account, Note};
use crate::security::command::{Command, close, kick, open};

/// The accounts at the broker, by user name.
pub(super) type Notes = BTreeMap<String, Note>;

/// One account's commands, in order.
pub(super) type Step = Vec<Command>;

/// The steps from what is there to what is wanted, and what is there after them.
pub(super) fn compare(mut there: Notes, wanted: Vec<Account>) -> (Vec<Step>, Notes) {
    let mut steps = Vec::new();
    let mut notes = Notes::new();
    for account in wanted {
        let (username, note) = (account.username.clone(), account.note());
        let old = there.remove(&username);
        if old.as_ref() != Some(&note) {
            steps.push(open(account, old.is_some()));
        }
        notes.insert(username, note);
    }
    steps.extend(there.into_keys().map(close));
    (steps, notes)
}

/// The steps after which the owner has these accounts, and none of its connections is left.
pub(super) fn renew(there: &mut Notes, owner: &str, wanted: Vec<Account>) -> Vec<Step> {
    let old: Vec<(String, Note)> = (there.iter())
        .filter(|(_, note)| note.owner == owner)
        .map(|(name, note)| (name.clone(), note.clone()))
        .collect();
    let mut steps = settle(there, owner, wanted);
    let is_same = |(name, note): &(String, Note)| there.get(name) == Some(note);
    steps.extend(old.into_iter().filter(is_same).map(|(name, _)| kick(name)));
    steps
}

/// The steps after which the owner has these accounts; connections of those that stay, stay.
pub(super) fn settle(there: &mut Notes, owner: &str, wanted: Vec<Account>) -> Vec<Step> {
    let is_its = |_: &String, note: &mut Note| note.owner == owner;
    let its: Notes = there.extract_if(.., is_its).collect();
    let (steps, notes) = compare(its, wanted);
    there.extend(notes);
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

    /// Each step's commands, and whom they are about.
    fn shown(steps: &[Step]) -> Vec<String> {
        let name = |step: &Step| {
            let step = serde_json::to_value(step).unwrap();
            let commands = step.as_array().unwrap();
            let words: Vec<_> = (commands.iter())
                .map(|one| one["command"].as_str().unwrap())
                .collect();
            let name = commands[0].get("username").or(commands[0].get("rolename"));
            format!("{} {}", name.unwrap().as_str().unwrap(), words.join(" "))
        };
        steps.iter().map(name).collect()
    }

    #[test]
    fn only_what_differs_is_changed() {
        let wanted = vec![
            account("same", "1"),
            account("changed", "2"),
            account("new", "1"),
        ];

        let (steps, notes) = compare(there("mum", &["same", "changed", "gone"]), wanted);

        assert_eq!(
            shown(&steps),
            [
                "changed deleteClient deleteRole createRole createClient",
                "new deleteRole createRole createClient",
                "gone deleteClient deleteRole",
            ]
        );
        assert_eq!(notes.keys().collect::<Vec<_>>(), ["changed", "new", "same"]);
    }

    #[test]
    fn whoever_is_renewed_loses_its_connections_and_nobody_else_does() {
        let mut all = there("mum", &["same", "gone"]);
        all.extend(there("dad", &["dads"]));

        let steps = renew(&mut all, "mum", vec![account("same", "1")]);

        let expected = [
            "gone deleteClient deleteRole",
            "same disableClient enableClient",
        ];
        assert_eq!(shown(&steps), expected);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["dads", "same"]);
    }
}
