//! The directory's use cases: what they need, and what is the same for every kind of thing.

use std::sync::{Arc, OnceLock};

use crate::failure::Failure;
use crate::manage::gate::Gate;
use crate::port::{
    Clock, DirectoryStore, Entry, Found, ListPage, Passwords, Random, Registry, Shelf, StaffStore,
};

/// What the directory's use cases need.
pub struct DirectoryPorts {
    /// Adds, and answers calls and logins.
    pub store: Arc<dyn DirectoryStore>,
    /// Finds, lists, changes and removes.
    pub registry: Arc<dyn Registry>,
    /// Keeps operators and secrets.
    pub staff: Arc<dyn StaffStore>,
    /// Hashes passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Makes ids and secrets.
    pub random: Arc<dyn Random>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// The directory's use cases. Who may use them is decided at the edge.
pub struct Directory {
    pub(super) ports: DirectoryPorts,
    gate: OnceLock<Gate>,
}

impl Directory {
    /// Wires the use cases to their ports.
    pub fn new(ports: DirectoryPorts) -> Self {
        Self {
            ports,
            gate: OnceLock::new(),
        }
    }

    /// Says how a running server turns people away. Once, before the first request; without it
    /// nobody is connected.
    pub fn set_gate(&self, gate: Gate) {
        if self.gate.set(gate).is_err() {
            tracing::error!("the gate was set twice; the first one stays");
        }
    }

    /// A thing by its id.
    pub async fn load<T: Entry>(&self, id: &str) -> Result<Found<T>, Failure>
    where
        dyn Registry: Shelf<T>,
    {
        let found = Shelf::<T>::find(&*self.ports.registry, id.to_owned()).await?;
        found.ok_or(Failure::NotFound { what: T::WHAT })
    }

    /// Things in the order of their ids.
    pub async fn list<T: Entry>(&self, page: ListPage) -> Result<Vec<Found<T>>, Failure>
    where
        dyn Registry: Shelf<T>,
    {
        Ok(Shelf::<T>::list(&*self.ports.registry, page).await?)
    }

    pub(super) async fn change<T: Entry>(
        &self,
        id: &str,
        edit: impl FnOnce(&mut T) + Send + 'static,
    ) -> Result<Found<T>, Failure>
    where
        dyn Registry: Shelf<T>,
    {
        let registry = &*self.ports.registry;
        Ok(Shelf::<T>::change(registry, id.to_owned(), Box::new(edit)).await?)
    }

    pub(super) async fn remove<T: Entry>(&self, id: &str) -> Result<(), Failure>
    where
        dyn Registry: Shelf<T>,
    {
        Ok(Shelf::<T>::remove(&*self.ports.registry, id.to_owned()).await?)
    }

    pub(super) fn gate(&self) -> Option<&Gate> {
        self.gate.get()
    }

    pub(super) fn row_id(&self) -> String {
        self.ports.random.row_id(self.ports.clock.now())
    }
}
