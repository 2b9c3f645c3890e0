//! Parties of S3 against one another over real sockets, and against a scripted box.

mod running;
mod channel;
mod streams;
mod stations;
mod screens;
