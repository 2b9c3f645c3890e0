//! Orders to open doors, and what people open them with.

mod row;
mod credential;
mod facts;
mod write;
mod sensor;
mod port;
#[cfg(test)]
mod tests;
