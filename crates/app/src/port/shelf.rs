//! The directory as a console sees it: each kind of thing can be found, listed, changed, removed.
//!
//! Adding differs from kind to kind and is in [`crate::port::DirectoryStore`].

use engine::id::{CommunityId, OperatorId};

use crate::directory::{Building, Community, Device, Flat, Resident, Unit};
use crate::port::{BoxFuture, StoreFailure};

/// A kind of thing that stands in a community.
pub trait Entry: Send + 'static {
    /// What one of them is called.
    const WHAT: &'static str;

    /// Its id as text.
    fn id(&self) -> &str;
}

/// A thing and the community it stands in; a community stands in itself.
pub struct Found<T> {
    /// The thing.
    pub entry: T,
    /// Where it stands.
    pub community: CommunityId,
}

/// How much of the store a list may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Everywhere,
    /// The communities in which this operator has a role.
    Of(OperatorId),
}

/// Which things to list, in the order of their ids.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// How far the list may look.
    pub sight: Sight,
    /// Only those in this community.
    pub community: Option<CommunityId>,
    /// Only those directly in this one: units in a building, flats at a unit, residents of a flat.
    pub within: Option<String>,
    /// Only those after this id.
    pub after: Option<String>,
    /// At most this many, 1–201.
    pub limit: usize,
}

/// Changes fields of a thing; id and community are never written.
pub type Edit<T> = Box<dyn FnOnce(&mut T) + Send>;

/// Keeps one kind of thing.
pub trait Shelf<T: Entry>: Send + Sync {
    /// One of them.
    fn find(&self, id: String) -> BoxFuture<'_, Result<Option<Found<T>>, StoreFailure>>;

    /// Some of them.
    fn list(&self, page: ListPage) -> BoxFuture<'_, Result<Vec<Found<T>>, StoreFailure>>;

    /// Reads, edits and writes in one transaction; the thing as it then is. Nothing is written if
    /// what it then refers to does not exist in its community.
    fn change(&self, id: String, edit: Edit<T>) -> BoxFuture<'_, Result<Found<T>, StoreFailure>>;

    /// Removes it with what belongs to it alone, unless something else refers to it.
    fn remove(&self, id: String) -> BoxFuture<'_, Result<(), StoreFailure>>;
}

/// All of the shelves.
pub trait Registry:
    Shelf<Community> + Shelf<Building> + Shelf<Unit> + Shelf<Flat> + Shelf<Resident> + Shelf<Device>
{
}

impl<S> Registry for S where
    S: Shelf<Community>
        + Shelf<Building>
        + Shelf<Unit>
        + Shelf<Flat>
        + Shelf<Resident>
        + Shelf<Device>
{
}

impl Entry for Community {
    const WHAT: &'static str = "community";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Building {
    const WHAT: &'static str = "building";

    fn id(&self) -> &str {
        &self.id.0
    }
}

impl Entry for Unit {
    const WHAT: &'static str = "unit";

    fn id(&self) -> &str {
        &self.id.0
    }
}

impl Entry for Flat {
    const WHAT: &'static str = "flat";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Resident {
    const WHAT: &'static str = "resident";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Entry for Device {
    const WHAT: &'static str = "device";

    fn id(&self) -> &str {
        self.id.as_str()
    }
}
