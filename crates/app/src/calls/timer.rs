//! The deadlines of calls.

use engine::call::{Input, Version};
use engine::id::CallId;

use crate::calls::step::Calls;
use crate::failure::Failure;
use crate::task::Tasks;
use crate::timers::Timed;

impl Timed for Calls {
    type Key = CallId;

    async fn fire(&self, call: CallId, version: Version) -> Result<(), Failure> {
        self.handle(Input::Deadline { call, version })
            .await
            .map(drop)
    }

    async fn due(&self) -> Result<Vec<(CallId, Version)>, Failure> {
        Ok(self.store().due(self.now()).await?)
    }

    fn tasks(&self) -> &Tasks {
        self.tasks_of_calls()
    }
}
