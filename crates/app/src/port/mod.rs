//! What the use cases need from the world, as traits.
//!
//! Futures are boxed so that the ports are object-safe: the wiring chooses the implementation at
//! start.

use std::future::Future;
use std::pin::Pin;

pub mod machine;
pub mod errand;
pub mod opener;
pub mod store;
pub mod health;
pub mod shelf;
pub mod log;
pub mod unlock;
pub mod staff;
pub mod speaker;
pub mod kicker;
pub mod accounts;
pub mod connections;
pub mod rtc;
pub mod sealer;
pub mod outbox;
pub mod room;
pub mod hook;
pub mod alarm;

pub use accounts::{BrokerAccount, BrokerAccounts};
pub use alarm::{
    AlarmFacts, AlarmQuery, AlarmRule, AlarmSpeaker, AlarmStore, Clocked, HistoryEntry, HookStore,
    WaitingFlat,
};
pub use connections::{LinkState, Links, Peer, PeerFilter, Trace, TraceEntry, Traces};
pub use errand::{Errand, HookTask, Lane, RoomTask, Task};
pub use health::Health;
pub use hook::{Delivery, HookKeys, HookSender, News};
pub use kicker::{Kicker, Whom};
pub use log::{CallLog, LivePage, LoggedCall, RecordFilter, RecordQuery};
pub use machine::{ClientPass, Clock, Passes, Passwords, Random, ScreenPass, ScreenPasses};
pub use opener::{Handed, OpenOrder, Opener};
pub use outbox::{DueErrand, ErrandFailure, OutboxStore};
pub use room::RoomService;
pub use rtc::{RtcCredential, RtcEntry, RtcSigner};
pub use sealer::Sealer;
pub use shelf::{Edit, Entry, Found, ListPage, Registry, Shelf, Sight};
pub use speaker::Speaker;
pub use staff::StaffStore;
pub use store::{
    Account, AccountKind, CallFacts, CallRule, CallStore, DirectoryStore, Registered, StoreFailure,
    StoredToken,
};
pub use unlock::{
    CredentialPage, Decided, KnownDoor, ListedCredential, LoggedUnlock, NewNonce, Sensed,
    SensorState, UnlockFacts, UnlockQuery, UnlockRule, UnlockStore,
};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
