//! Alarms as they change, for those who watch.

use std::sync::Arc;

use engine::alarm::Alarm;

use crate::feed::Feed;
use crate::port::AlarmSpeaker;

impl AlarmSpeaker for Feed<Alarm> {
    fn wake(&self, alarm: &Arc<Alarm>) {
        self.pass_on(alarm);
    }
}
