//! Communities, flats, people, devices, logins, registered clients.

mod row;
mod table;
mod place;
mod household;
mod kind;
mod device;
mod login;
mod resident;
mod operator;
mod token;
mod client;
mod audience;
mod port;
mod shelf;
mod staff;
#[cfg(test)]
mod tests;

pub(crate) use device::{find_device, list_centres};
pub(crate) use household::find_household;
pub(crate) use row::insert;
