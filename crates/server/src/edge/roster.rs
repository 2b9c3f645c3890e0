//! Who is on the broker: those who showed their secret, those who are connected, and those who went
//! a moment ago.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::port::{Peer, PeerFilter, Whom};
use app::principal::Principal;
use broker::LinkId;
use bus::Link;
use engine::time::Instant;

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
    here: BTreeMap<LinkId, Here>,
    /// Newest last: a delayed will still speaks for one.
    gone: VecDeque<(LinkId, Known)>,
}

/// Who is connected, and since when.
struct Here {
    known: Known,
    connected: Instant,
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
    pub(super) fn open(&self, link: &broker::Link, connected: Instant) -> Option<Known> {
        let mut lists = self.lists();
        let principal = lists.expected.remove(&link.tag)?;
        let known = known(link, principal);
        let here = Here {
            known: Arc::clone(&known),
            connected,
        };
        lists.here.insert(link.id, here);
        Some(known)
    }

    /// Whose link it is, whether it is being opened, is open or is gone; none if they were struck
    /// from the roster or are gone for long.
    pub(super) fn find(&self, link: &broker::Link) -> Option<Known> {
        let lists = self.lists();
        if let Some(here) = lists.here.get(&link.id) {
            return Some(Arc::clone(&here.known));
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
        let Here { known, .. } = lists.here.remove(&link)?;
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
        here.filter(|(_, here)| is_meant(whom, &here.known.principal))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Those connected with an id above `after`, in the order of their ids, at most `limit`.
    pub(super) fn after(&self, filter: &PeerFilter, after: LinkId, limit: usize) -> Vec<Peer> {
        let lists = self.lists();
        let later = (Bound::Excluded(after), Bound::Unbounded);
        let later = lists.here.range(later);
        let meant = later.filter(|(_, here)| here.fits(filter));
        let peers = meant.map(|(link, here)| here.peer(*link));
        peers.take(limit).collect()
    }

    /// Who is connected by this link.
    pub(super) fn peer(&self, link: LinkId) -> Option<Peer> {
        self.lists().here.get(&link).map(|here| here.peer(link))
    }

    /// False while it is being opened, and after its end.
    pub(super) fn is_open(&self, link: LinkId) -> bool {
        self.lists().here.contains_key(&link)
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Here {
    fn fits(&self, filter: &PeerFilter) -> bool {
        let (whom, client) = (&filter.whom, &filter.client_id);
        whom.as_ref()
            .is_none_or(|whom| is_meant(whom, &self.known.principal))
            && client.as_ref().is_none_or(|id| **id == *self.known.client)
    }

    fn peer(&self, link: LinkId) -> Peer {
        Peer {
            number: link.0,
            principal: self.known.principal.clone(),
            client_id: self.known.client.to_string(),
            connected: self.connected,
        }
    }
}

fn known(link: &broker::Link, principal: Principal) -> Known {
    Arc::new(Link {
        id: bus::LinkId(link.id.0),
        client: Arc::clone(&link.client),
        principal,
    })
}

pub(super) fn is_meant(whom: &Whom, principal: &Principal) -> bool {
    match (whom, principal) {
        (Whom::Door(device), Principal::Door(door)) => door.device == *device,
        (Whom::Resident(id), Principal::Resident(one)) => one.resident == *id,
        (Whom::Client(client), Principal::Resident(one)) => one.client.as_ref() == Some(client),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use app::principal::ResidentPrincipal;
    use broker::Version;

    const AT: Instant = Instant::from_ms(0);

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
            peer: (Ipv4Addr::LOCALHOST, 1883).into(),
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
        assert!(roster.open(&link, AT).is_none());
    }

    #[test]
    fn whoever_is_struck_when_connected_is_named() {
        let roster = Roster::default();
        let link = link(1, roster.expect(mum("old")));
        roster.open(&link, AT).unwrap();

        assert_eq!(roster.strike(&Whom::Resident("dad".into())), []);
        assert_eq!(roster.strike(&Whom::Resident("mum".into())), [LinkId(1)]);
    }

    #[test]
    fn a_will_finds_whose_it_was() {
        let roster = Roster::default();
        let link = link(1, roster.expect(mum("one")));
        roster.open(&link, AT).unwrap();

        assert!(roster.close(link.id).is_some());

        assert_eq!(roster.find(&link).unwrap().principal, mum("one"));
        assert!(roster.close(link.id).is_none());
    }

    #[test]
    fn those_connected_are_listed_in_order_from_where_the_page_before_ended() {
        let roster = Roster::default();
        for (id, login) in [(3, "c"), (1, "a"), (2, "b")] {
            roster.open(&link(id, roster.expect(mum(login))), AT);
        }
        let numbers = |filter: &PeerFilter, after, limit| -> Vec<u64> {
            let peers = roster.after(filter, LinkId(after), limit);
            peers.iter().map(|peer| peer.number).collect()
        };
        let other = PeerFilter {
            client_id: Some("tablet".into()),
            ..PeerFilter::default()
        };

        assert_eq!(numbers(&PeerFilter::default(), 0, 2), [1, 2]);
        assert_eq!(numbers(&PeerFilter::default(), 2, 2), [3]);
        assert!(numbers(&other, 0, 2).is_empty());
    }

    #[test]
    fn those_who_never_connect_are_forgotten() {
        let roster = Roster::default();
        let first = link(1, roster.expect(mum("first")));

        let last = (0..EXPECTED_MAX).map(|_| roster.expect(mum("more"))).last();

        assert!(roster.open(&first, AT).is_none());
        assert!(roster.open(&link(2, last.unwrap()), AT).is_some());
    }
}
