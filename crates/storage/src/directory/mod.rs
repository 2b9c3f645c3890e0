//! Communities, flats, people, devices, logins, registered clients.

mod row;
mod place;
mod device;
mod login;
mod client;
mod audience;
mod port;
#[cfg(test)]
mod tests;

pub(crate) use device::find_device;
pub(crate) use place::find_household;
