//! The product's own API: every answer is checked against the OpenAPI document on its way.

mod console;
mod kinds;
mod lists;
mod roles;
mod secrets;
mod live;
mod places;
mod connections;
mod traces;
