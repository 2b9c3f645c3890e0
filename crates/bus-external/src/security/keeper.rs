//! Keeping the accounts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics::gauge;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::lack::{Lack, tell};
use crate::line::{Line, Way, opened};
use crate::security::account::{Account, AccountList, Note};
use crate::security::command::{Command, Known, OWN_ROLE, close, forbid_all, own_acls};
use crate::security::plan::{Notes, Step, compare, renew, settle};
use crate::security::talk::{NoAnswer, Responses, Talk};

/// Accounts per page of the broker's list.
const PAGE: usize = 200;

/// Accounts that are changed with one message.
const BATCH: usize = 20;

/// How often the progress of a long comparison is told.
const PROGRESS: usize = 1000;

/// Errands that may wait; one too many is made up for by comparing everything.
const ERRANDS_MAX: usize = 1024;

/// How long somebody waits for an account to be there.
const OPEN_WAIT: Duration = Duration::from_secs(2);

/// Pause after a comparison that failed while the way was open.
const AGAIN: Duration = Duration::from_secs(30);

enum Errand {
    /// Of this owner.
    Open(String, oneshot::Sender<()>),
    /// Of this owner.
    Renew(String),
    /// With this name.
    Close(String),
}

/// Asks for changes of single accounts. A handle, cheap to clone; nothing it does waits for the
/// broker but [`Keeper::open`], and that only a moment.
#[derive(Clone)]
pub struct Keeper {
    errands: mpsc::Sender<Errand>,
    /// An errand found no place.
    is_behind: Arc<AtomicBool>,
}

/// Whether an account is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// It is.
    Now,
    /// It will be once the broker can be reached.
    Later,
}

/// Keeps the accounts, once it runs.
pub struct KeeperTask {
    talk: Talk,
    responses: Responses,
    rest: Rest,
}

/// What is there besides the talking.
struct Rest {
    line: Arc<Line>,
    list: Arc<dyn AccountList>,
    own_name: String,
    own_filters: Vec<String>,
    errands: mpsc::Receiver<Errand>,
    is_behind: Arc<AtomicBool>,
}

impl Keeper {
    pub(crate) fn new(
        line: &Arc<Line>,
        list: Arc<dyn AccountList>,
        own_name: String,
    ) -> (Self, KeeperTask) {
        let (sender, errands) = mpsc::channel(ERRANDS_MAX);
        let (talk, responses) = Talk::new(Arc::clone(line));
        let is_behind = Arc::<AtomicBool>::default();
        let rest = Rest {
            line: Arc::clone(line),
            list,
            own_name,
            own_filters: Vec::new(),
            errands,
            is_behind: Arc::clone(&is_behind),
        };
        let task = KeeperTask {
            talk,
            responses,
            rest,
        };
        let keeper = Self {
            errands: sender,
            is_behind,
        };
        (keeper, task)
    }

    /// Sees to it that the owner's accounts are there, as the list has them by then.
    pub async fn open(&self, owner: String) -> Opened {
        let (done, is_done) = oneshot::channel();
        self.send(Errand::Open(owner, done));
        match timeout(OPEN_WAIT, is_done).await {
            Ok(Ok(())) => Opened::Now,
            Ok(Err(_)) | Err(_) => Opened::Later,
        }
    }

    /// Leaves the owner the accounts that the list has by then, and ends all its connections.
    pub fn renew(&self, owner: String) {
        self.send(Errand::Renew(owner));
    }

    /// Removes the account with this name and ends its connections.
    pub fn close(&self, username: String) {
        self.send(Errand::Close(username));
    }

    fn send(&self, errand: Errand) {
        if self.errands.try_send(errand).is_err() {
            tracing::warn!("too many accounts change at once; all will be compared");
            self.is_behind.store(true, Ordering::Relaxed);
        }
    }
}

impl KeeperTask {
    /// The task proper, and what feeds it. `own_filters` are those we subscribe to.
    pub(crate) fn split(self, own_filters: Vec<String>) -> (Accounts, Responses) {
        let accounts = Accounts {
            talk: self.talk,
            rest: Rest {
                own_filters,
                ..self.rest
            },
            notes: Notes::new(),
        };
        (accounts, self.responses)
    }
}

/// The accounts as they were at the broker when it was last seen.
pub(crate) struct Accounts {
    talk: Talk,
    rest: Rest,
    notes: Notes,
}

impl Accounts {
    /// Compares whenever the way is opened, and does errands between.
    pub(crate) async fn run(mut self) {
        let mut way = self.rest.line.watch();
        loop {
            opened(&mut way).await;
            while way.borrow().is_open && !way.has_changed().unwrap_or(false) {
                match self.compare().await {
                    Ok(()) => self.do_errands(&mut way).await,
                    Err(NoAnswer) => {
                        if way.borrow().is_open && !way.has_changed().unwrap_or(false) {
                            tell(Lack::Security);
                        }
                        pause(&mut way).await;
                    }
                }
            }
        }
    }

    /// Until the way is cut, an errand fails or one was missed.
    async fn do_errands(&mut self, way: &mut tokio::sync::watch::Receiver<Way>) {
        loop {
            let errand = tokio::select! {
                _ = way.changed() => return way.mark_changed(),
                errand = self.rest.errands.recv() => errand,
            };
            let Some(errand) = errand else {
                return std::future::pending().await;
            };
            let done = match errand {
                Errand::Open(owner, done) => self.open(&owner, done).await,
                Errand::Renew(owner) => self.renew(&owner).await,
                Errand::Close(username) => self.close(username).await,
            };
            if done.is_err() || self.rest.is_behind.swap(false, Ordering::Relaxed) {
                return;
            }
        }
    }

    async fn open(&mut self, owner: &str, done: oneshot::Sender<()>) -> Result<(), NoAnswer> {
        let wanted = told(self.rest.list.of(owner).await)?;
        let steps = settle(&mut self.notes, owner, wanted);
        self.change(steps).await?;
        if done.send(()).is_err() {
            tracing::debug!("whoever waited for an account has gone");
        }
        Ok(())
    }

    async fn renew(&mut self, owner: &str) -> Result<(), NoAnswer> {
        let wanted = told(self.rest.list.of(owner).await)?;
        let steps = renew(&mut self.notes, owner, wanted);
        self.change(steps).await
    }

    async fn close(&mut self, username: String) -> Result<(), NoAnswer> {
        self.notes.remove(&username);
        self.change(vec![close(username)]).await
    }

    async fn compare(&mut self) -> Result<(), NoAnswer> {
        self.prepare().await?;
        let there = self.list().await?;
        let wanted = told(self.rest.list.all().await)?;
        let (steps, notes) = compare(there, wanted);
        let (changed, all) = (steps.len(), notes.len());
        self.change(steps).await?;
        tracing::info!(changed, all, "accounts at the MQTT broker");
        gauge!("koumen_external_mqtt_accounts").set(all as f64);
        self.notes = notes;
        Ok(())
    }

    /// Our own role, and nothing for strangers. Changing our own role cuts the connection, so it is
    /// done only where it differs.
    async fn prepare(&mut self) -> Result<(), NoAnswer> {
        let (username, rolename) = (self.rest.own_name.clone(), OWN_ROLE.to_owned());
        let asked = vec![
            Command::GetClient { username },
            Command::GetRole { rolename },
        ];
        let answers = self.talk.ask(asked).await?;
        let own = answers
            .iter()
            .find_map(|answer| answer.told.client.as_ref());
        let has_role = own.is_some_and(|own| own.roles.iter().any(|one| one.rolename == OWN_ROLE));
        let wanted = own_acls(self.rest.own_filters.clone());
        let role = answers.into_iter().find_map(|answer| answer.told.role);
        let is_right = role.is_some_and(|role| {
            let there: BTreeSet<_> = role.acls.into_iter().collect();
            there.iter().eq(wanted.iter())
        });
        if has_role && is_right {
            return Ok(());
        }
        tracing::info!("our own account gets its rights at the MQTT broker");
        let rolename = OWN_ROLE.to_owned();
        let make = vec![
            forbid_all(),
            Command::DeleteRole {
                rolename: rolename.clone(),
            },
            Command::CreateRole {
                rolename: rolename.clone(),
                acls: wanted,
            },
            Command::AddClientRole {
                username: self.rest.own_name.clone(),
                rolename,
            },
        ];
        self.change(vec![make]).await
    }

    /// Our accounts at the broker, page by page.
    async fn list(&mut self) -> Result<Notes, NoAnswer> {
        let mut notes = Notes::new();
        for page in 0.. {
            let asked = Command::ListClients {
                verbose: true,
                count: PAGE,
                offset: page * PAGE,
            };
            let answers = self.talk.ask(vec![asked]).await?;
            let known: Vec<Known> = (answers.into_iter())
                .flat_map(|answer| answer.told.clients)
                .collect();
            let is_last = known.len() < PAGE;
            let ours = known.into_iter().filter(Known::is_ours);
            notes.extend(ours.map(|one| (one.username, Note::read(&one.textdescription))));
            if is_last {
                break;
            }
        }
        Ok(notes)
    }

    async fn change(&mut self, steps: Vec<Step>) -> Result<(), NoAnswer> {
        let all = steps.len();
        let mut steps = steps.into_iter();
        for done in (0..all).step_by(BATCH) {
            if done > 0 && done % PROGRESS == 0 {
                tracing::info!(done, all, "changing accounts at the MQTT broker");
            }
            let commands = steps.by_ref().take(BATCH).flatten().collect();
            for answer in self.talk.ask(commands).await? {
                if answer.is_refusal() {
                    let (command, error) = (answer.command, answer.error);
                    tracing::error!(command, error, "the MQTT broker's plugin refuses");
                }
            }
        }
        Ok(())
    }
}

/// Without the list nothing can be done, as without an answer.
fn told(list: Result<Vec<Account>, String>) -> Result<Vec<Account>, NoAnswer> {
    list.map_err(|error| {
        tracing::error!(error, "who is to have an account cannot be told");
        NoAnswer
    })
}

/// Waits a while, or until the way changes.
async fn pause(way: &mut tokio::sync::watch::Receiver<Way>) {
    tokio::select! {
        _ = way.changed() => way.mark_changed(),
        () = sleep(AGAIN) => {}
    }
}
