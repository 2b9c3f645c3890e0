//! Messages of operators to people and doors. Source: S0 §3.2.6, §4.7.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use engine::id::{EndpointId, OperatorId};

use crate::failure::Failure;
use crate::limit::Limit;
use crate::port::DirectoryStore;
use crate::principal::{OperatorPrincipal, Reach};

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Everyone.
    Everyone,
    /// These endpoints.
    Endpoints(Vec<EndpointId>),
}

/// An id among the targets that is no resident, device, flat or community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTarget(pub String);

/// Finds out whom an operator means.
pub struct Audiences {
    store: Arc<dyn DirectoryStore>,
    limit: Limit,
}

impl Audiences {
    /// Wires the use case to its port, with a limit on messages by operator.
    pub fn new(store: Arc<dyn DirectoryStore>, limit: Limit) -> Self {
        Self { store, limit }
    }

    /// Counts one message of an operator against the limit.
    pub fn count_message(&self, operator: &OperatorId) -> Result<(), Failure> {
        self.limit.take(operator.as_str())
    }

    /// Whom the operator means: those behind the ids of residents, devices, flats and communities,
    /// or everyone they manage if nobody is named. What they may not manage does not exist.
    pub async fn find(
        &self,
        operator: &OperatorPrincipal,
        mut ids: Vec<String>,
    ) -> Result<Result<Recipients, UnknownTarget>, Failure> {
        ids.sort();
        ids.dedup();
        let Reach::Within(roles) = &operator.reach else {
            return self.anyone(ids).await;
        };
        let managed = roles.keys().filter(|one| operator.may_manage(one));
        let managed: Vec<String> = managed.map(ToString::to_string).collect();
        let reached = self.behind(managed).await?.unwrap_or_default();
        if ids.is_empty() {
            return Ok(Ok(Recipients::Endpoints(reached)));
        }
        let reached: HashSet<EndpointId> = reached.into_iter().collect();
        let mut meant = BTreeSet::new();
        for id in ids {
            match self.behind(vec![id.clone()]).await? {
                Ok(found) if !found.is_empty() && found.iter().all(|one| reached.contains(one)) => {
                    meant.extend(found);
                }
                Ok(_) | Err(_) => return Ok(Err(UnknownTarget(id))),
            }
        }
        let meant = meant.into_iter().collect();
        Ok(Ok(Recipients::Endpoints(meant)))
    }

    async fn anyone(&self, ids: Vec<String>) -> Result<Result<Recipients, UnknownTarget>, Failure> {
        if ids.is_empty() {
            return Ok(Ok(Recipients::Everyone));
        }
        Ok(self.behind(ids).await?.map(Recipients::Endpoints))
    }

    async fn behind(
        &self,
        ids: Vec<String>,
    ) -> Result<Result<Vec<EndpointId>, UnknownTarget>, Failure> {
        let found = self.store.endpoints_behind(ids).await?;
        Ok(found.map_err(UnknownTarget))
    }
}
