//! What can go wrong between a simulated party and the server.
//!
//! A refusal that arrives as an answer is a value wherever the caller asked for the answer
//! itself; it becomes an error only where something typed was wanted. No secret appears here.

use std::time::Duration;

/// The world failed, or the server said something the contract does not know.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// No message came in time. The connection is still good.
    #[error("nothing arrived within {0:?}")]
    Quiet(Duration),
    /// CONNACK refused: 4 is a bad name or password, 5 is not authorised (MQTT 3.1.1 §3.2.2.3).
    #[error("the broker refused the connection with code {code}")]
    ConnectRefused {
        /// The CONNACK return code, 1 to 5.
        code: u8,
    },
    /// SUBACK carried a failure for at least one topic.
    #[error("the broker refused a subscription")]
    SubscriptionRefused,
    /// The MQTT connection could not be made, or it ended. It is not made again.
    #[error("the MQTT connection ended: {why}")]
    Disconnected {
        /// The client's own words, for people.
        why: String,
    },
    /// No HTTP answer, or not in time.
    #[error("{path} got no HTTP answer")]
    Unreachable {
        /// The path that was asked.
        path: String,
        /// The HTTP client's reason.
        source: reqwest::Error,
    },
    /// The HTTP answer is not what the contract says.
    #[error("{path} answered {http_status} outside the contract: {why}")]
    BadAnswer {
        /// The path that was asked.
        path: String,
        /// The HTTP status.
        http_status: u16,
        /// What was expected, and where.
        why: String,
    },
    /// The server refused, where something typed was wanted of it.
    #[error("{path} was refused with {code}: {message}")]
    Refused {
        /// The path that was asked.
        path: String,
        /// The HTTP status.
        http_status: u16,
        /// The envelope's code; the HTTP status where there is no envelope.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// An MQTT message is not what the contract says for its topic.
    #[error("a message on {topic} is outside the contract: {why}")]
    BadMessage {
        /// The topic it came on.
        topic: String,
        /// What was expected, and where.
        why: String,
    },
    /// A TCP connection could not be made, or it ended.
    #[error("the connection ended: {why}")]
    LinkEnded {
        /// The system's words, for people.
        why: String,
    },
    /// No keep-alive came for so long; the other side is held for dead.
    #[error("no keep-alive within {0:?}")]
    Silent(Duration),
    /// A frame is not what S3 says.
    #[error("a frame is outside the protocol: {why}")]
    BadFrame {
        /// What was expected, and where.
        why: String,
    },
    /// A box did not let a screen in.
    #[error("the box refused the screen: {reason}")]
    JoinRefused {
        /// The box's words.
        reason: String,
    },
}

impl SimError {
    /// Whether a TCP connection has ended, by a word of the system or by silence.
    pub(crate) fn is_lost_link(&self) -> bool {
        matches!(self, SimError::LinkEnded { .. } | SimError::Silent(_))
    }
}
