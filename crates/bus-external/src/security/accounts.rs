//! Keeping the accounts.
//!
//! What is noted of them is what is at the broker. What is to be there is asked of the list when the
//! broker is about to be told, so that what was decided last counts. The broker writes a whole file for
//! each change and does nothing else meanwhile, so after a comparison one owner is settled at a time,
//! with a pause after each, and errands go first.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

use crate::lack::{Lack, tell};
use crate::line::{Line, Way, opened};
use crate::security::account::{Account, AccountList, Note};
use crate::security::answer::{Answer, Known, is_all_forbidden};
use crate::security::command::{Command, close, forbid_all, kick, open};
use crate::security::keeper::{Errand, Errands, Keeper};
use crate::security::own::{Needs, Own};
use crate::security::plan::{Notes, Step, owners_to_settle, renew, settle};
use crate::security::talk::{NoAnswer, Responses, Talk};

/// Accounts per page of the broker's list.
const PAGE: usize = 200;

/// How often the progress of a long work is told.
const PROGRESS: usize = 500;

/// Pause after each owner that a comparison found, for all that the broker has to do besides.
const BREATH: Duration = Duration::from_millis(20);

/// Pause after a failure while the way is open.
const AGAIN: Duration = Duration::from_secs(30);

/// Keeps the accounts, once it runs.
pub struct KeeperTask {
    talk: Talk,
    responses: Responses,
    work: Work,
}

/// What there is besides the talking.
struct Work {
    line: Arc<Line>,
    list: Arc<dyn AccountList>,
    errands: Errands,
    own: Own,
}

impl KeeperTask {
    /// With the handle that asks it. `own_account` is the server's own there, `name` tells what is
    /// this server's from what is others'.
    pub(crate) fn new(
        line: &Arc<Line>,
        list: Arc<dyn AccountList>,
        own_account: String,
        name: String,
    ) -> (Keeper, Self) {
        let (keeper, errands) = Keeper::new();
        let (talk, responses) = Talk::new(Arc::clone(line));
        let own = Own {
            account: own_account,
            name,
            needs: Needs::default(),
        };
        let work = Work {
            line: Arc::clone(line),
            list,
            errands,
            own,
        };
        let task = Self {
            talk,
            responses,
            work,
        };
        (keeper, task)
    }

    /// The task proper, and what feeds it. The server's own account must be allowed what it needs.
    pub(crate) fn split(mut self, needs: Needs) -> (Accounts, Responses) {
        self.work.own.needs = needs;
        let accounts = Accounts {
            talk: self.talk,
            work: self.work,
            notes: Notes::new(),
            due: VecDeque::new(),
            to_renew: BTreeSet::new(),
        };
        (accounts, self.responses)
    }
}

pub(crate) struct Accounts {
    talk: Talk,
    work: Work,
    /// Those at the broker.
    notes: Notes,
    /// Owners whose accounts a comparison found to be otherwise than wanted.
    due: VecDeque<String>,
    /// Owners whose connections are to end, until the broker has heard so.
    to_renew: BTreeSet<String>,
}

impl Accounts {
    /// Compares whenever the way is opened, then settles what differed and does errands.
    pub(crate) async fn run(mut self) {
        let mut way = self.work.line.watch();
        loop {
            opened(&mut way).await;
            while is_same(&way) {
                let done = match self.compare().await {
                    Ok(()) => self.work_off(&mut way).await,
                    Err(NoAnswer) => Err(NoAnswer),
                };
                if done.is_err() && is_same(&way) {
                    tell(Lack::Security);
                    pause(&mut way).await;
                }
            }
        }
    }

    /// Until the way is cut, something fails, or an errand was missed. After each errand, or without
    /// one after a breath, one owner is settled whom the comparison found.
    async fn work_off(&mut self, way: &mut Receiver<Way>) -> Result<(), NoAnswer> {
        while let Some(owner) = self.to_renew.first().cloned() {
            self.renew(&owner).await?;
        }
        loop {
            tokio::select! {
                biased;
                _ = way.changed() => {
                    way.mark_changed();
                    return Ok(());
                }
                Some(errand) = self.work.errands.queue.recv() => self.run_errand(errand).await?,
                () = sleep(BREATH), if !self.due.is_empty() => {}
            }
            self.settle_next().await?;
            if self.work.errands.queue.is_empty() && self.work.errands.missed_any() {
                return Ok(());
            }
        }
    }

    async fn run_errand(&mut self, errand: Errand) -> Result<(), NoAnswer> {
        match errand {
            Errand::Open(owner, done) => {
                let is_there = self.settle(&owner).await?;
                if is_there && done.send(()).is_err() {
                    tracing::debug!("whoever waited for an account has gone");
                }
                Ok(())
            }
            Errand::Renew(owner) => self.renew(&owner).await,
            Errand::Close(username) => {
                self.notes.remove(&username);
                self.take(vec![Step::Close(username)]).await.map(drop)
            }
        }
    }

    async fn renew(&mut self, owner: &str) -> Result<(), NoAnswer> {
        self.to_renew.insert(owner.to_owned());
        let wanted = told(self.work.list.of(owner).await)?;
        let steps = renew(&mut self.notes, owner, wanted);
        self.take(steps).await?;
        self.to_renew.remove(owner);
        Ok(())
    }

    /// Whether the broker refused nothing.
    async fn settle(&mut self, owner: &str) -> Result<bool, NoAnswer> {
        let wanted = told(self.work.list.of(owner).await)?;
        let steps = settle(&mut self.notes, owner, wanted);
        self.take(steps).await
    }

    async fn settle_next(&mut self) -> Result<(), NoAnswer> {
        let Some(owner) = self.due.pop_front() else {
            return Ok(());
        };
        self.settle(&owner).await?;
        let left = self.due.len();
        if left == 0 || left.is_multiple_of(PROGRESS) {
            let all = self.notes.len();
            tracing::info!(left, all, "settling accounts at the MQTT broker");
            gauge!("koumen_external_mqtt_accounts").set(all as f64);
        }
        Ok(())
    }

    async fn compare(&mut self) -> Result<(), NoAnswer> {
        self.prepare().await?;
        self.notes = self.listed().await?;
        let wanted = told(self.work.list.all().await)?;
        self.due = owners_to_settle(&self.notes, &wanted).into_iter().collect();
        let (differ, all) = (self.due.len(), wanted.len());
        tracing::info!(differ, all, "accounts at the MQTT broker were compared");
        gauge!("koumen_external_mqtt_accounts").set(self.notes.len() as f64);
        Ok(())
    }

    /// Our own role, and nothing for strangers. Changing our own role cuts the connection, so it is
    /// done only where it differs.
    async fn prepare(&mut self) -> Result<(), NoAnswer> {
        let mut asked = vec![Command::GetDefaultACLAccess];
        asked.extend(self.work.own.questions());
        let answers = self.talk.greet(asked).await?;
        let defaults = answers.iter().find(|one| !one.told.acls.is_empty());
        if !defaults.is_some_and(|one| is_all_forbidden(&one.told.acls)) {
            tracing::info!("what nobody is allowed is forbidden at the MQTT broker");
            self.ask_and_note(vec![forbid_all()]).await?;
        }
        if self.work.own.is_settled(&answers) {
            return Ok(());
        }
        tracing::info!("our own account gets its rights at the MQTT broker");
        let make = self.work.own.make();
        self.ask_and_note(make).await
    }

    /// Our accounts at the broker, page by page.
    async fn listed(&mut self) -> Result<Notes, NoAnswer> {
        let mut notes = Notes::new();
        for page in 0.. {
            let asked = Command::ListClients {
                verbose: true,
                count: PAGE,
                offset: page * PAGE,
            };
            let answers = self.talk.ask(vec![asked]).await?;
            let known = answers.into_iter().flat_map(|answer| answer.told.clients);
            let known: Vec<Known> = known.collect();
            let is_last = known.len() < PAGE;
            let is_ours = |one: &Known| one.textname.as_ref() == Some(&self.work.own.name);
            let ours = known.into_iter().filter(is_ours);
            notes.extend(ours.map(|one| (one.username, Note::read(&one.textdescription))));
            if is_last {
                break;
            }
        }
        Ok(notes)
    }

    /// Takes the steps; whether the broker refused nothing. An account that it refused is not there.
    async fn take(&mut self, steps: Vec<Step>) -> Result<bool, NoAnswer> {
        let mut is_done = true;
        for step in steps {
            let commands = match &step {
                Step::Open { account, is_there } => open(account, *is_there, &self.work.own.name),
                Step::Close(username) => close(username).into(),
                Step::Kick(username) => kick(username).into(),
            };
            let mut answers = self.talk.ask(commands).await?;
            let Step::Open { account, .. } = &step else {
                is_done &= is_taken(answers);
                continue;
            };
            // Somebody else made it, or we did and never heard so.
            if answers.iter().any(Answer::is_there_already) {
                let anew = open(account, true, &self.work.own.name);
                answers = self.talk.ask(anew).await?;
            }
            if !is_taken(answers) {
                self.notes.remove(&account.username);
                is_done = false;
            }
        }
        Ok(is_done)
    }

    async fn ask_and_note(&mut self, commands: Vec<Command>) -> Result<(), NoAnswer> {
        is_taken(self.talk.ask(commands).await?);
        Ok(())
    }
}

/// The way that was open is still.
fn is_same(way: &Receiver<Way>) -> bool {
    way.borrow().is_open && !way.has_changed().unwrap_or(false)
}

/// Without the list nothing can be done, as without an answer.
fn told(list: Result<Vec<Account>, String>) -> Result<Vec<Account>, NoAnswer> {
    list.map_err(|error| {
        tracing::error!(error, "who is to have an account cannot be told");
        NoAnswer
    })
}

/// Whether nothing was refused; what was is logged.
fn is_taken(answers: Vec<Answer>) -> bool {
    let mut refusals = 0;
    for answer in answers.into_iter().filter(Answer::is_refusal) {
        let (command, error) = (answer.command, answer.error);
        tracing::error!(command, error, "the MQTT broker's plugin refuses");
        refusals += 1;
    }
    refusals == 0
}

/// Waits a while, or until the way changes.
async fn pause(way: &mut Receiver<Way>) {
    tokio::select! {
        _ = way.changed() => way.mark_changed(),
        () = sleep(AGAIN) => {}
    }
}
