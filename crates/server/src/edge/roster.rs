//! Who is on the broker: those who showed their secret, those who are connected, and those who went
//! a moment ago.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::port::Whom;
use app::principal::Principal;
use broker::LinkId;
use bus::Link;

/// Principals that showed their secret but never connected are forgotten above this many.
const EXPECTED_MAX: usize = 1024;

/// Links remembered for their delayed wills; the will of an older one is dropped.
const GONE_MAX: usize = 256;

type Known = Arc<Link<Principal>>;

/// The roster. Each of its calls is one step: nobody is between two of its lists.
#[derive(Default)]
pub(crate) struct Roster(Mutex<Lists>);

#[derive(Default)]
struct Lists {
    last_tag: u64,
    /// By tag.
    expected: HashMap<u64, Principal>,
    here: HashMap<LinkId, Known>,
    /// Newest last: a delayed will still speaks for one.
    gone: VecDeque<(LinkId, Known)>,
}

impl Roster {
    /// Notes who showed their secret; the tag finds them again when they are connected.
    pub(super) fn expect(&self, principal: Principal) -> u64 {
        let mut lists = self.lists();
        if lists.expected.len() >= EXPECTED_MAX
            && let Some(oldest) = lists.expected.keys().min().copied()
        {
            lists.expected.remove(&oldest);
        }
        lists.last_tag += 1;
        let tag = lists.last_tag;
        lists.expected.insert(tag, principal);
        tag
    }

    /// Whoever has this tag does not come.
    pub(super) fn forget(&self, tag: u64) {
        self.lists().expected.remove(&tag);
    }

    /// Whoever was expected is connected; none if they were struck from the roster meanwhile.
    pub(super) fn open(&self, link: &broker::Link) -> Option<Known> {
        let mut lists = self.lists();
        let principal = lists.expected.remove(&link.tag)?;
        let known = known(link, principal);
        lists.here.insert(link.id, Arc::clone(&known));
        Some(known)
    }

    /// Whose link it is, whether it is being opened, is open or is gone; none if they were struck
    /// from the roster or are gone for long.
    pub(super) fn find(&self, link: &broker::Link) -> Option<Known> {
        let lists = self.lists();
        if let Some(here) = lists.here.get(&link.id) {
            return Some(Arc::clone(here));
        }
        if let Some((_, gone)) = lists.gone.iter().find(|(id, _)| *id == link.id) {
            return Some(Arc::clone(gone));
        }
        let principal = lists.expected.get(&link.tag)?;
        Some(known(link, principal.clone()))
    }

    /// A link is gone; whose it was.
    pub(super) fn close(&self, link: LinkId) -> Option<Known> {
        let mut lists = self.lists();
        let known = lists.here.remove(&link)?;
        if lists.gone.len() >= GONE_MAX {
            lists.gone.pop_front();
        }
        lists.gone.push_back((link, Arc::clone(&known)));
        Some(known)
    }

    /// Strikes all that are meant from those expected, and says which links of theirs are open.
    pub(super) fn strike(&self, whom: &Whom) -> Vec<LinkId> {
        let mut lists = self.lists();
        lists.expected.retain(|_, one| !is_meant(whom, one));
        let here = lists.here.iter();
        here.filter(|(_, known)| is_meant(whom, &known.principal))
            .map(|(id, _)| *id)
            .collect()
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn known(link: &broker::Link, principal: Principal) -> Known {
    Arc::new(Link {
        id: bus::LinkId(link.id.0),
        client: Arc::clone(&link.client),
        principal,
    })
}

fn is_meant(whom: &Whom, principal: &Principal) -> bool {
    match (whom, principal) {
        (Whom::Door(device), Principal::Door(door)) => door.device == *device,
        (Whom::Resident(id), Principal::Resident(one)) => one.resident == *id,
        (Whom::Client(client), Principal::Resident(one)) => one.client.as_ref() == Some(client),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::principal::ResidentPrincipal;
    use broker::Version;

    fn mum(login: &str) -> Principal {
        Principal::Resident(ResidentPrincipal {
            resident: "mum".into(),
            login: login.into(),
            client: None,
        })
    }

    fn link(id: u64, tag: u64) -> broker::Link {
        broker::Link {
            id: LinkId(id),
            subject: "resident:mum".into(),
            client: "phone".into(),
            tag,
            version: Version::V311,
            clean: true,
        }
    }

    #[test]
    fn whoever_is_struck_while_connecting_does_not_come_in() {
        let roster = Roster::default();
        let link = link(1, roster.expect(mum("old")));
        assert!(roster.find(&link).is_some());

        let open = roster.strike(&Whom::Resident("mum".into()));

        assert_eq!(open, []);
        assert!(roster.find(&link).is_none());
        assert!(roster.open(&link).is_none());
    }

    #[test]
    fn whoever_is_struck_when_connected_is_named() {
        let roster = Roster::default();
        let link = link(1, roster.expect(mum("old")));
        roster.open(&link).unwrap();

        assert_eq!(roster.strike(&Whom::Resident("dad".into())), []);
        assert_eq!(roster.strike(&Whom::Resident("mum".into())), [LinkId(1)]);
    }

    #[test]
    fn a_will_finds_whose_it_was() {
        let roster = Roster::default();
        let link = link(1, roster.expect(mum("one")));
        roster.open(&link).unwrap();

        assert!(roster.close(link.id).is_some());

        assert_eq!(roster.find(&link).unwrap().principal, mum("one"));
        assert!(roster.close(link.id).is_none());
    }

    #[test]
    fn those_who_never_connect_are_forgotten() {
        let roster = Roster::default();
        let first = link(1, roster.expect(mum("first")));

        let last = (0..EXPECTED_MAX).map(|_| roster.expect(mum("more"))).last();

        assert!(roster.open(&first).is_none());
        assert!(roster.open(&link(2, last.unwrap())).is_some());
    }
}
