//! Saying something to an address outside.

use std::sync::Arc;

use engine::alarm::Alarm;
use engine::id::CommunityId;
use engine::time::Instant;

use crate::directory::{Hook, HookId};
use crate::port::BoxFuture;
use crate::port::outbox::ErrandFailure;
use crate::secret::Secret;

/// Makes the keys by which addresses outside know that it is us.
pub trait HookKeys: Send + Sync {
    /// The key of an address: the same for the same id, and no use for another.
    fn hook_key(&self, id: &HookId) -> Secret;
}

/// What is said.
pub enum News {
    /// Nothing happened: the operator tries the address.
    Test(CommunityId),
    /// An alarm as it stands.
    Alarm(Arc<Alarm>),
}

/// Something to say to one address.
pub struct Delivery {
    /// To which address.
    pub hook: Hook,
    /// Signs it.
    pub key: Secret,
    /// The same for each attempt and for each repetition, so that the receiver can tell.
    pub id: String,
    /// When it is said; part of what is signed.
    pub at: Instant,
    /// What.
    pub news: News,
}

/// Says things to addresses outside. Each attempt ends within a bounded time and follows no
/// redirection.
pub trait HookSender: Send + Sync {
    /// Whether it would send anything to this address, and why not.
    fn check_url(&self, url: &str) -> Result<(), &'static str>;

    /// Tries once; done means that the receiver said it has it.
    fn send(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), ErrandFailure>>;
}
