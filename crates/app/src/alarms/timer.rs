//! The deadlines of alarms, and of flats in which a zone waits.

use engine::call::Version;

use crate::alarms::step::Alarms;
use crate::failure::Failure;
use crate::port::Clocked;
use crate::task::Tasks;
use crate::timers::Timed;

impl Timed for Alarms {
    type Key = Clocked;

    async fn fire(&self, key: Clocked, version: Version) -> Result<(), Failure> {
        self.handle(self.to_input(key, version)).await.map(drop)
    }

    async fn due(&self) -> Result<Vec<(Clocked, Version)>, Failure> {
        Ok(self.store().due_alarms(self.now()).await?)
    }

    fn tasks(&self) -> &Tasks {
        self.tasks_of_alarms()
    }
}
