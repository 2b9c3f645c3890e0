//! The repository as text, for the rules of `tidy` to read.
//!
//! Knows files, Rust tokens and Markdown; knows no rule.

mod tree;
mod listing;
mod rust;
mod token;
mod path_tree;
mod markdown;

pub(crate) use listing::load;
pub(crate) use markdown::{anchors, targets};
pub(crate) use path_tree::{Named, named_paths};
pub(crate) use rust::comments;
pub(crate) use token::{Token, test_start, tokens, without_tests};
pub(crate) use tree::Tree;
