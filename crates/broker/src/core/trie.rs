//! Who subscribed to what: a trie of filter levels (MQTT 3.1.1 §4.7). A name of n levels visits at
//! most the filters that share its levels or have a wildcard there, however many others exist.
//! Does not check filters or names; depth is bounded by the filters' levels.

use std::collections::HashMap;
use std::str::Split;

/// How one session wants the messages of one filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Subscription {
    /// 0 to 2.
    pub(crate) qos: u8,
    pub(crate) no_local: bool,
    pub(crate) as_published: bool,
    pub(crate) identifier: Option<u32>,
}

/// Who subscribed and how, by filter: `W` are sessions, or groups of them.
pub(crate) struct Trie<W, H> {
    root: Node<W, H>,
    count: usize,
}

struct Node<W, H> {
    /// Filters that end here, sorted by who.
    here: Vec<(W, H)>,
    /// Filters that end here with `#`, sorted by who.
    rest: Vec<(W, H)>,
    plus: Option<Box<Node<W, H>>>,
    children: HashMap<Box<str>, Node<W, H>>,
}

impl<W, H> Default for Trie<W, H> {
    fn default() -> Self {
        Trie {
            root: Node::default(),
            count: 0,
        }
    }
}

impl<W, H> Default for Node<W, H> {
    fn default() -> Self {
        Node {
            here: Vec::new(),
            rest: Vec::new(),
            plus: None,
            children: HashMap::new(),
        }
    }
}

impl<W: Copy + Ord, H> Trie<W, H> {
    /// Number of subscriptions.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Adds or replaces; returns true if it is new.
    pub(crate) fn insert(&mut self, filter: &str, who: W, how: H) -> bool {
        let mut node = &mut self.root;
        let mut rest = false;
        for level in filter.split('/') {
            match level {
                "#" => rest = true,
                "+" => node = node.plus.get_or_insert_default(),
                level => node = node.children.entry(level.into()).or_default(),
            }
        }
        let list = if rest { &mut node.rest } else { &mut node.here };
        match list.binary_search_by_key(&who, |(other, _)| *other) {
            Ok(at) => {
                list[at].1 = how;
                false
            }
            Err(at) => {
                list.insert(at, (who, how));
                self.count += 1;
                true
            }
        }
    }

    /// Removes; returns true if it was there.
    pub(crate) fn remove(&mut self, filter: &str, who: W) -> bool {
        let removed = self.root.remove(filter.split('/'), who);
        self.count -= usize::from(removed);
        removed
    }

    /// Calls `found` for each subscription that matches `name`; a session with several matching
    /// filters is found several times.
    pub(crate) fn each_match(&self, name: &str, mut found: impl FnMut(W, &H)) {
        let mut levels = name.split('/');
        if !name.starts_with('$') {
            self.root.walk(levels, &mut found);
        } else if let Some(child) = levels
            .next()
            .and_then(|level| self.root.children.get(level))
        {
            child.walk(levels, &mut found);
        }
    }
}

impl<W: Copy + Ord, H> Node<W, H> {
    fn walk(&self, mut levels: Split<'_, char>, found: &mut impl FnMut(W, &H)) {
        for (who, how) in &self.rest {
            found(*who, how);
        }
        let Some(level) = levels.next() else {
            for (who, how) in &self.here {
                found(*who, how);
            }
            return;
        };
        if let Some(child) = self.children.get(level) {
            child.walk(levels.clone(), found);
        }
        if let Some(child) = &self.plus {
            child.walk(levels, found);
        }
    }

    fn remove(&mut self, mut levels: Split<'_, char>, who: W) -> bool {
        match levels.next() {
            None => remove_from(&mut self.here, who),
            Some("#") => remove_from(&mut self.rest, who),
            Some("+") => {
                let Some(child) = &mut self.plus else {
                    return false;
                };
                let removed = child.remove(levels, who);
                if child.is_empty() {
                    self.plus = None;
                }
                removed
            }
            Some(level) => {
                let Some(child) = self.children.get_mut(level) else {
                    return false;
                };
                let removed = child.remove(levels, who);
                if child.is_empty() {
                    self.children.remove(level);
                }
                removed
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.here.is_empty()
            && self.rest.is_empty()
            && self.plus.is_none()
            && self.children.is_empty()
    }
}

fn remove_from<W: Copy + Ord, H>(list: &mut Vec<(W, H)>, who: W) -> bool {
    let found = list.binary_search_by_key(&who, |(other, _)| *other);
    if let Ok(at) = found {
        list.remove(at);
    }
    found.is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::ids::SessionId;
    use crate::topic;

    const HOW: Subscription = Subscription {
        qos: 1,
        no_local: false,
        as_published: false,
        identifier: None,
    };

    /// The standard's words, level by level, as slowly as they read.
    fn slowly_matches(filter: &[&str], name: &[&str]) -> bool {
        match (filter, name) {
            (["#"], _) | ([], []) => true,
            (["+", filter @ ..], [_, name @ ..]) => slowly_matches(filter, name),
            ([same, filter @ ..], [level, name @ ..]) if same == level => {
                slowly_matches(filter, name)
            }
            (_, _) => false,
        }
    }

    fn reference(filter: &str, name: &str) -> bool {
        let starts_wild = filter.starts_with(['+', '#']);
        let (filter, names): (Vec<&str>, Vec<&str>) =
            (filter.split('/').collect(), name.split('/').collect());
        !(starts_wild && name.starts_with('$')) && slowly_matches(&filter, &names)
    }

    fn level(wild: &'static str) -> impl Strategy<Value = String> {
        proptest::string::string_regex(wild).expect("the pattern is valid")
    }

    fn filter() -> impl Strategy<Value = String> {
        let body = prop::collection::vec(level("[ab+]|\\$a|"), 1..4);
        (body, any::<bool>()).prop_map(|(mut levels, rest)| {
            if rest {
                levels.push("#".to_owned());
            }
            levels.join("/")
        })
    }

    fn name() -> impl Strategy<Value = String> {
        prop::collection::vec(level("[ab]|\\$a|"), 1..5).prop_map(|levels| levels.join("/"))
    }

    proptest! {
        #[test]
        fn the_trie_finds_what_the_reference_finds(
            filters in prop::collection::vec((filter(), 0_u32..4), 0..20),
            removed in prop::collection::vec(any::<bool>(), 20),
            name in name(),
        ) {
            let mut trie = Trie::default();
            for (filter, who) in &filters {
                trie.insert(filter, SessionId(*who), HOW);
            }
            let mut left: std::collections::BTreeSet<_> = filters.iter().collect();
            for (gone, is_gone) in filters.iter().zip(removed) {
                if is_gone {
                    prop_assert_eq!(trie.remove(&gone.0, SessionId(gone.1)), left.remove(gone));
                }
            }

            let mut found = Vec::new();
            trie.each_match(&name, |who, _| found.push(who.0));
            found.sort_unstable();

            let mut wanted: Vec<u32> = (left.iter())
                .filter(|(filter, _)| reference(filter, &name))
                .map(|(_, who)| *who)
                .collect();
            wanted.sort_unstable();
            prop_assert_eq!(found, wanted);
            prop_assert_eq!(trie.count(), left.len());
            for (filter, _) in &filters {
                prop_assert_eq!(topic::matches(filter, &name), reference(filter, &name));
            }
        }

        #[test]
        fn an_emptied_trie_keeps_no_node(filters in prop::collection::vec(filter(), 0..20)) {
            let mut trie = Trie::default();
            for filter in &filters {
                trie.insert(filter, SessionId(1), HOW);
            }
            for filter in &filters {
                trie.remove(filter, SessionId(1));
            }

            prop_assert!(trie.root.is_empty());
            prop_assert_eq!(trie.count(), 0);
        }
    }
}
