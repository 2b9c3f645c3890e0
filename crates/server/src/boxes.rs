//! The TCP box protocol in this process: bound early, served when everything else is wired.

use std::net::SocketAddr;
use std::sync::Arc;

use app::alarms::Alarms;
use app::calls::Calls;
use app::peer_book::PeerBook;
use app::port::{AlarmSpeaker, Opener, Speaker};
use app::screens::Screens;
use app::task::Tasks;
use app::unlock::Unlocks;
use axum::Router;
use dialect_smartbox::{Listeners, Settings, Smartbox, SmartboxPorts};

use crate::config::Config;

/// What the dialect needs beside its settings.
pub(crate) struct BoxPorts {
    pub(crate) calls: Calls,
    pub(crate) unlocks: Unlocks,
    pub(crate) alarms: Alarms,
    pub(crate) screens: Arc<Screens>,
    pub(crate) peers: Arc<PeerBook>,
    pub(crate) tasks: Tasks,
}

/// The dialect, if the settings ask for it.
pub(crate) struct Boxes(Option<Bound>);

struct Bound {
    smartbox: Smartbox,
    listeners: Listeners,
    at: Vec<(&'static str, SocketAddr)>,
}

impl Boxes {
    /// Binds its listeners.
    pub(crate) async fn open(config: &Config, ports: BoxPorts) -> anyhow::Result<Self> {
        let Some(mut settings) = config.smartbox.settings()? else {
            return Ok(Self(None));
        };
        let listeners = Listeners::bind(&mut settings).await?;
        let at = addresses(&settings);
        let smartbox = Smartbox::new(SmartboxPorts {
            calls: ports.calls,
            unlocks: ports.unlocks,
            alarms: ports.alarms,
            screens: ports.screens,
            peers: ports.peers,
            tasks: ports.tasks,
            settings,
        });
        Ok(Self(Some(Bound {
            smartbox,
            listeners,
            at,
        })))
    }

    /// Who speaks for screens, outdoor units and desks.
    pub(crate) fn speaker(&self) -> Option<Arc<dyn Speaker>> {
        let bound = self.0.as_ref()?;
        Some(Arc::new(bound.smartbox.clone()))
    }

    /// Who tells screens and desks of alarms.
    pub(crate) fn alarm_speaker(&self) -> Option<Arc<dyn AlarmSpeaker>> {
        let bound = self.0.as_ref()?;
        Some(Arc::new(bound.smartbox.clone()))
    }

    /// Who opens outdoor units.
    pub(crate) fn opener(&self) -> Option<Arc<dyn Opener>> {
        let bound = self.0.as_ref()?;
        Some(Arc::new(bound.smartbox.clone()))
    }

    /// Goes on with what a restart left, then lets everybody in. Where it listens, each by its name.
    pub(crate) async fn begin(self, router: Router) -> (Router, Vec<(&'static str, SocketAddr)>) {
        let Some(bound) = self.0 else {
            return (router, Vec::new());
        };
        bound.smartbox.resume().await;
        bound.smartbox.serve(bound.listeners);
        (
            router.merge(dialect_smartbox::routes(bound.smartbox)),
            bound.at,
        )
    }
}

fn addresses(settings: &Settings) -> Vec<(&'static str, SocketAddr)> {
    let boxes = settings.boxes.iter().flat_map(|one| {
        let home = ("smartbox home", one.home);
        [home, ("smartbox community", one.community)]
    });
    boxes
        .chain([("smartbox centre", settings.centre)])
        .filter_map(|(name, address)| Some((name, address?)))
        .collect()
}
