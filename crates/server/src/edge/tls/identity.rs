//! Whom the certificate of a connection names, carried from the handshake to the sign-in.
//!
//! The broker knows no certificates. A connection's conversation runs in one task from its first
//! byte to its last, so the name lies with that task; the other end's address would not do, because
//! two connections to two of our ports may share it.

use std::future::Future;
use std::sync::Arc;

/// What the verified certificate of a client names.
pub(crate) type Subject = Arc<str>;

tokio::task_local! {
    static SHOWN: Option<Subject>;
}

/// Runs a conversation with somebody who showed this name in a certificate, or none.
pub(crate) async fn showing<T>(
    subject: Option<Subject>,
    conversation: impl Future<Output = T>,
) -> T {
    SHOWN.scope(subject, conversation).await
}

/// The name that this conversation's other side showed; none without a certificate.
pub(crate) fn shown() -> Option<Subject> {
    SHOWN.try_with(Clone::clone).ok().flatten()
}
