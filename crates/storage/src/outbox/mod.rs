//! What is owed to outside services.

mod row;
mod port;
#[cfg(test)]
mod tests;

pub(crate) use row::add_errand;
