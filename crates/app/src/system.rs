//! Messages of operators to people and doors. Source: S0 §3.2.6, §4.7.

use std::sync::Arc;

use engine::id::EndpointId;

use crate::failure::Failure;
use crate::port::DirectoryStore;

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
}

impl Audiences {
    /// Wires the use case to its port.
    pub fn new(store: Arc<dyn DirectoryStore>) -> Self {
        Self { store }
    }

    /// Those behind the ids of residents, devices, flats and communities; nobody named means
    /// everyone.
    pub async fn find(
        &self,
        ids: Vec<String>,
    ) -> Result<Result<Recipients, UnknownTarget>, Failure> {
        if ids.is_empty() {
            return Ok(Ok(Recipients::Everyone));
        }
        let found = self.store.endpoints_behind(ids).await?;
        Ok(found.map(Recipients::Endpoints).map_err(UnknownTarget))
    }
}
