//! Shared subscriptions: groups of sessions of which one gets each message (MQTT 5 §4.8.2).
//! Knows who is in a group and whose turn it is, not who can take a message.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::ids::{GroupId, SessionId};
use super::trie::{Subscription, Trie};
use crate::topic;

/// All groups. A group lives as long as it has members.
#[derive(Default)]
pub(crate) struct Groups {
    trie: Trie<GroupId, ()>,
    /// By the whole filter, `$share/{group}/{filter}`.
    id_by_filter: HashMap<Arc<str>, GroupId>,
    groups: BTreeMap<GroupId, Group>,
    next: u64,
    count: usize,
}

#[derive(Default)]
struct Group {
    /// Oldest first.
    members: Vec<(SessionId, Subscription)>,
    /// Where the next message's search begins.
    turn: usize,
}

impl Groups {
    /// Number of subscriptions.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Adds or replaces a member. `filter` is a valid shared one.
    pub(crate) fn insert(&mut self, filter: &Arc<str>, who: SessionId, how: Subscription) {
        let id = self.id_of(filter);
        let group = self.groups.entry(id).or_default();
        match group.members.iter_mut().find(|(member, _)| *member == who) {
            Some((_, known)) => *known = how,
            None => {
                group.members.push((who, how));
                self.count += 1;
            }
        }
    }

    /// Removes a member; returns true if it was there.
    pub(crate) fn remove(&mut self, filter: &str, who: SessionId) -> bool {
        let id = self.id_by_filter.get(filter).copied();
        let Some((id, group)) = id.and_then(|id| Some((id, self.groups.get_mut(&id)?))) else {
            return false;
        };
        let Some(at) = group.members.iter().position(|(member, _)| *member == who) else {
            return false;
        };
        group.members.remove(at);
        // The turn stays with the member it had come to.
        group.turn -= usize::from(at < group.turn);
        self.count -= 1;
        if group.members.is_empty() {
            self.groups.remove(&id);
            self.id_by_filter.remove(filter);
            self.trie.remove(inner(filter), id);
        }
        true
    }

    /// The groups whose filter matches.
    pub(crate) fn matching(&self, name: &str) -> Vec<GroupId> {
        let mut found = Vec::new();
        if self.count > 0 {
            self.trie.each_match(name, |id, ()| found.push(id));
        }
        found
    }

    /// The member whose turn it is among those with the lowest rank; no rank: not at all. The next
    /// search begins behind it.
    pub(crate) fn choose(
        &mut self,
        id: GroupId,
        rank: impl Fn(SessionId, &Subscription) -> Option<u8>,
    ) -> Option<(SessionId, Subscription)> {
        let group = self.groups.get_mut(&id)?;
        let (members, turn) = (&group.members, group.turn);
        let order = (0..members.len()).map(|step| (turn + step) % members.len());
        let ranked = order.filter_map(|at| Some((rank(members[at].0, &members[at].1)?, at)));
        // Among equals, this is the first.
        let (_, at) = ranked.min_by_key(|(rank, _)| *rank)?;
        group.turn = at + 1;
        Some(group.members[at])
    }

    fn id_of(&mut self, filter: &Arc<str>) -> GroupId {
        if let Some(id) = self.id_by_filter.get(filter) {
            return *id;
        }
        let id = GroupId(self.next);
        self.next += 1;
        self.id_by_filter.insert(Arc::clone(filter), id);
        self.trie.insert(inner(filter), id, ());
        id
    }
}

fn inner(filter: &str) -> &str {
    topic::split_shared(filter).map_or(filter, |(_, inner)| inner)
}
