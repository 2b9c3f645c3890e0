//! Topic aliases towards one v5 client (MQTT 5 §3.3.2.3.4): the first topics that it is sent get
//! one each and keep it while the link lives.

use std::collections::HashMap;
use std::sync::Arc;

/// Those of one link.
pub(crate) struct Aliases {
    max: u16,
    alias_by_topic: HashMap<Arc<str>, u16>,
}

/// How a topic is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Naming {
    /// By its name.
    Name,
    /// By its name, which gives this alias its meaning.
    Both(u16),
    /// By this alias.
    Alias(u16),
}

impl Naming {
    pub(crate) fn alias(self) -> Option<u16> {
        match self {
            Naming::Name => None,
            Naming::Both(alias) | Naming::Alias(alias) => Some(alias),
        }
    }
}

impl Aliases {
    /// At most `max` aliases; 0 for a client that wants none.
    pub(crate) fn new(max: u16) -> Aliases {
        Aliases {
            max,
            alias_by_topic: HashMap::new(),
        }
    }

    pub(crate) fn find(&self, topic: &str) -> Naming {
        if self.max == 0 {
            return Naming::Name;
        }
        if let Some(alias) = self.alias_by_topic.get(topic) {
            return Naming::Alias(*alias);
        }
        match u16::try_from(self.alias_by_topic.len()) {
            Ok(used) if used < self.max => Naming::Both(used + 1),
            Ok(_) | Err(_) => Naming::Name,
        }
    }

    /// The client has been told.
    pub(crate) fn note(&mut self, topic: &Arc<str>, naming: Naming) {
        if let Naming::Both(alias) = naming {
            self.alias_by_topic.insert(Arc::clone(topic), alias);
        }
    }
}
