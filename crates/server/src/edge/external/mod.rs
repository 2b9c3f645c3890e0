//! A broker that is not ours: who has an account there, and what it asks us.

use std::sync::{Arc, OnceLock};

use app::principal::Principal;
use bus::Remote;

mod accounts;
mod hooks;

pub(crate) use accounts::{Accounts, Ledger};
pub(crate) use hooks::{Hooks, routes};

/// The dialects, which say who may do what. Set once, before anything is asked.
pub(crate) type Dialects = Arc<OnceLock<Vec<Arc<dyn Remote<Principal>>>>>;
