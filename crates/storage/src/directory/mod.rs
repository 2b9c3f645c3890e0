//! Communities, flats, people, devices, logins.

mod port;
