//! Alarms on a connection: a flat's to its screens, a community's to its desks. Source: S3 §4.1.
//!
//! Pulled from the committed state like calls, so a screen that comes back is told again. The
//! document has one message; that an alarm was acknowledged or is over is not said.

use std::sync::Arc;

use app::directory::DeviceKind;
use engine::alarm::{Alarm, Input, Level, Notice, Person, ZoneNo, owed};
use engine::call::Version;

use crate::link::conversation::{Conversation, Gone, Role};
use crate::link::memory::Told;
use crate::wire::{Emergency, EmergencyAck, Message};

impl Conversation {
    /// Says every alarm that is owed here.
    pub(super) async fn speak_alarms(&mut self) -> Result<(), Gone> {
        let Some((level, alarms)) = self.find_alarms() else {
            return Ok(());
        };
        self.alarms
            .retain(|id, _| alarms.iter().any(|alarm| alarm.id == *id));
        let now = self.house.ports().alarms.now();
        for alarm in alarms {
            let told = self.alarms.get(&alarm.id);
            let told = told.map_or(Version::NONE, |told| told.version);
            let Some((notice, version)) = owed(&alarm, level, told, now) else {
                continue;
            };
            let port = port(&alarm, level);
            self.alarms.insert(
                alarm.id.clone(),
                Told {
                    version,
                    port: port.clone(),
                },
            );
            if notice == Notice::Raised {
                self.say(emergency(&alarm, port)).await?;
            }
        }
        Ok(())
    }

    /// Which alarms the peer may hear of, and as whom.
    fn find_alarms(&self) -> Option<(Level, Vec<Arc<Alarm>>)> {
        let device = &self.device.as_ref()?.device;
        let alarms = &self.house.ports().alarms;
        match (&device.kind, &self.role) {
            (DeviceKind::Screen { flat, .. }, Role::Screen) => {
                Some((Level::Household, alarms.open_for(flat)))
            }
            (DeviceKind::Centre(_), Role::Caller) => {
                Some((Level::Centre, alarms.open_in(&device.community)))
            }
            (
                DeviceKind::Screen { .. }
                | DeviceKind::Centre(_)
                | DeviceKind::Panel(_)
                | DeviceKind::Outdoor(_)
                | DeviceKind::InnerBox { .. },
                _,
            ) => None,
        }
    }

    /// Somebody at the peer has seen the alarm that is called this there. Where two live ones are
    /// called so, nobody can know which is meant.
    pub(super) async fn acknowledge(&mut self, said: EmergencyAck) {
        let live = self
            .find_alarms()
            .map(|(_, alarms)| alarms)
            .unwrap_or_default();
        let is_meant = |alarm: &&Arc<Alarm>| {
            let told = self.alarms.get(&alarm.id);
            alarm.is_open() && told.is_some_and(|told| told.port == said.port)
        };
        let meant: Vec<_> = live.iter().filter(is_meant).collect();
        let ([alarm], Some(by)) = (meant.as_slice(), self.find_person()) else {
            self.drop_message("no_alarm");
            return;
        };
        let device = self.device.as_ref().map(|one| one.device.name.clone());
        let acknowledged = Input::Acknowledge {
            alarm: alarm.id.clone(),
            by,
            going: device.unwrap_or_default(),
        };
        match self.house.ports().alarms.handle(acknowledged).await {
            Ok(done) if done.accepted().is_ok() => {}
            Ok(_) => self.drop_message("ack_refused"),
            Err(failure) => tracing::warn!(%failure, "an alarm could not be acknowledged"),
        }
    }

    /// A zone of the peer's own flat was triggered: at a screen, or at a box that stands for it.
    pub(super) async fn trigger(&mut self, said: Emergency) {
        let flat = self
            .device
            .as_ref()
            .and_then(|one| one.device.kind.flat().cloned());
        let zone = said.port.trim().parse().ok().and_then(ZoneNo::new);
        let (Some(flat), Some(zone)) = (flat, zone) else {
            self.drop_message("no_zone");
            return;
        };
        if let Err(failure) = self.house.ports().alarms.trigger(flat, zone).await {
            self.drop_message("trigger_failed");
            tracing::warn!(%failure, "a trigger could not be taken");
        }
    }

    fn find_person(&self) -> Option<Person> {
        let device = &self.device.as_ref()?.device;
        match &device.kind {
            DeviceKind::Screen { flat, .. } => Some(Person::Screen {
                screen: device.endpoint(),
                flat: flat.clone(),
            }),
            DeviceKind::Centre(_) => Some(Person::Centre(device.endpoint())),
            DeviceKind::Panel(_) | DeviceKind::Outdoor(_) | DeviceKind::InnerBox { .. } => None,
        }
    }
}

/// At home a zone's number; at a desk the flat's before it.
fn port(alarm: &Alarm, level: Level) -> String {
    match level {
        Level::Household => alarm.zone.number().to_string(),
        Level::Guard | Level::Centre | Level::Outside => {
            format!("{}/{}", alarm.place.number, alarm.zone.number())
        }
    }
}

fn emergency(alarm: &Alarm, port: String) -> Message {
    Message::Emergency(Emergency {
        port,
        name: alarm.zone_name.clone(),
        message: format!("{} {}", alarm.place.number, alarm.policy.name()),
    })
}
