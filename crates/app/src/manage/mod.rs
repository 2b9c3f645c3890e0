//! Use cases of operators: what stands where, who lives there, who administers it.

mod check;
mod times;
mod gate;
mod directory;
mod places;
mod residents;
mod devices;
mod operators;

pub use devices::DeviceEdit;
pub use devices::NewDevice;
pub use directory::{Directory, DirectoryPorts};
pub use gate::Gate;
pub use operators::{NewOperator, OperatorEdit};
pub use places::{CommunityEdit, FlatEdit, NewCommunity, NewFlat, NewUnit};
pub use residents::{NewResident, ResidentEdit};
pub use times::TimesEdit;
