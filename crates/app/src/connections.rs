//! The live connections as operators see them: each with the community that it belongs to.
//!
//! A door's connection knows its community. A resident's is looked up when it is first asked for
//! and remembered, because a resident never moves to another community.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::id::{CommunityId, ResidentId};

use crate::directory::Resident;
use crate::failure::Failure;
use crate::manage::Directory;
use crate::port::{LinkState, Links, Peer, PeerFilter};
use crate::principal::{OperatorPrincipal, Principal};

/// Remembered residents; at the limit all are forgotten. As many as can be connected, twice.
const KNOWN_MAX: usize = 40_000;

/// How many peers are taken from the list at once.
const STRIDE: usize = 256;

/// A live connection.
pub struct Connection {
    /// Who is connected.
    pub peer: Peer,
    /// Where they belong.
    pub community: CommunityId,
    /// What it holds and what passed over it.
    pub state: LinkState,
}

/// Which connections to list, oldest first.
pub struct ConnectionPage {
    /// Only those in this community.
    pub community: Option<CommunityId>,
    /// Only those of these.
    pub filter: PeerFilter,
    /// Only those with a number above this.
    pub after: u64,
    /// At most this many, at least 1.
    pub limit: usize,
}

/// The use cases of connections.
pub struct Connections {
    links: Arc<dyn Links>,
    directory: Arc<Directory>,
    community_by_resident: Mutex<HashMap<ResidentId, CommunityId>>,
}

impl Connections {
    /// Wires the use cases to their ports.
    pub fn new(links: Arc<dyn Links>, directory: Arc<Directory>) -> Self {
        Self {
            links,
            directory,
            community_by_resident: Mutex::default(),
        }
    }

    /// Connections that the operator may see.
    pub async fn list(
        &self,
        operator: &OperatorPrincipal,
        page: ConnectionPage,
    ) -> Result<Vec<Connection>, Failure> {
        let (mut found, mut after) = (Vec::new(), page.after);
        loop {
            let peers = self.links.after(&page.filter, after, STRIDE);
            let is_last = peers.len() < STRIDE;
            for peer in peers {
                after = peer.number;
                let Some(community) = self.community(&peer).await? else {
                    continue;
                };
                let is_meant = page.community.as_ref().is_none_or(|one| *one == community);
                if !is_meant || !operator.may_see(&community) {
                    continue;
                }
                if let Some(state) = self.links.state(peer.number) {
                    found.push(Connection {
                        peer,
                        community,
                        state,
                    });
                }
                if found.len() >= page.limit {
                    return Ok(found);
                }
            }
            if is_last {
                return Ok(found);
            }
        }
    }

    /// A connection by its number, if it is still there.
    pub async fn find(&self, number: u64) -> Result<Option<Connection>, Failure> {
        let Some(peer) = self.links.find(number) else {
            return Ok(None);
        };
        let community = self.community(&peer).await?;
        let state = self.links.state(number);
        Ok(community.zip(state).map(|(community, state)| Connection {
            peer,
            community,
            state,
        }))
    }

    /// Closes a connection. The client may come again.
    pub fn close(&self, number: u64) {
        self.links.close(number);
    }

    /// None for an operator, and for a resident who was removed a moment ago.
    async fn community(&self, peer: &Peer) -> Result<Option<CommunityId>, Failure> {
        let resident = match &peer.principal {
            Principal::Door(door) => return Ok(Some(door.community.clone())),
            Principal::Resident(one) => &one.resident,
            Principal::Operator(_) => return Ok(None),
        };
        if let Some(known) = self.known().get(resident) {
            return Ok(Some(known.clone()));
        }
        match self.directory.load::<Resident>(resident.as_str()).await {
            Ok(found) => {
                self.remember(resident, &found.community);
                Ok(Some(found.community))
            }
            Err(Failure::NotFound { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn remember(&self, resident: &ResidentId, community: &CommunityId) {
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(resident.clone(), community.clone());
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ResidentId, CommunityId>> {
        (self.community_by_resident.lock()).unwrap_or_else(PoisonError::into_inner)
    }
}
