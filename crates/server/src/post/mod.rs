//! How MQTT is spoken: by the broker in this process, or as a client of another.

mod embedded;
mod external;

use std::path::Path;
use std::sync::Arc;

use app::connections::Connections;
use app::login::Logins;
use app::manage::Directory;
use app::port::{BrokerAccounts, Clock, Kicker, Random, Traces};
use app::task::Tasks;
use axum::Router;
use broker::Broker;
use bus::Bus;
use dialect_ilock::{Ilock, Reach};
use storage::Store;

use crate::config::Config;
use crate::edge::Tracer;
use crate::post::embedded::Embedded;
use crate::post::external::External;

/// What there is before there is any post.
pub(crate) struct Ground<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) store: &'a Arc<Store>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) random: &'a Arc<dyn Random>,
    pub(crate) logins: &'a Arc<Logins>,
    pub(crate) tasks: &'a Tasks,
}

/// The way of all MQTT messages.
pub(crate) struct Post {
    tracer: Arc<Tracer>,
    way: Way,
}

enum Way {
    Embedded(Embedded),
    External(Box<External>),
}

impl Post {
    /// As the settings say. Nothing passes before [`Post::begin`].
    pub(crate) async fn open(ground: &Ground<'_>, config: &Config) -> anyhow::Result<Self> {
        let tracer = Arc::new(Tracer::new(Arc::clone(ground.clock)));
        let way = match &config.mqtt.external {
            Some(settings) => Way::External(Box::new(External::open(ground, &tracer, settings)?)),
            None => Way::Embedded(Embedded::open(ground, &tracer).await?),
        };
        Ok(Self { tracer, way })
    }

    pub(crate) fn bus(&self) -> Arc<dyn Bus> {
        match &self.way {
            Way::Embedded(embedded) => embedded.bus(),
            Way::External(external) => external.bus(),
        }
    }

    pub(crate) fn reach(&self) -> Reach {
        match &self.way {
            Way::Embedded(_) => Reach::Links,
            Way::External(external) => external.reach(),
        }
    }

    pub(crate) fn kicker(&self) -> Arc<dyn Kicker> {
        match &self.way {
            Way::Embedded(embedded) => embedded.kicker(),
            Way::External(external) => external.kicker(),
        }
    }

    /// The accounts that doors and clients need, if the broker is one that must be given them.
    pub(crate) fn accounts(&self) -> Option<Arc<dyn BrokerAccounts>> {
        match &self.way {
            Way::Embedded(_) => None,
            Way::External(external) => external.accounts(),
        }
    }

    /// Our own broker, if it is in use.
    pub(crate) fn broker(&self) -> Option<&Broker> {
        match &self.way {
            Way::Embedded(embedded) => Some(embedded.broker()),
            Way::External(_) => None,
        }
    }

    pub(crate) fn connections(&self, directory: &Arc<Directory>) -> Option<Arc<Connections>> {
        match &self.way {
            Way::Embedded(embedded) => Some(embedded.connections(directory)),
            Way::External(_) => None,
        }
    }

    pub(crate) fn traces(&self) -> Arc<dyn Traces> {
        Arc::clone(&self.tracer) as _
    }

    /// Lets the dialect take part.
    pub(crate) fn begin(&mut self, ilock: &Ilock, tasks: &Tasks) {
        match &mut self.way {
            Way::Embedded(embedded) => embedded.begin(ilock),
            Way::External(external) => external.begin(ilock, tasks),
        }
    }

    /// What it needs of HTTP.
    pub(crate) fn routes(&self, tasks: &Tasks) -> Router {
        match &self.way {
            Way::Embedded(embedded) => embedded.routes(tasks),
            Way::External(external) => external.routes(),
        }
    }

    /// Closes what it keeps, after everything else has ended.
    pub(crate) fn close(&self) -> anyhow::Result<()> {
        match &self.way {
            Way::Embedded(embedded) => embedded.close(),
            Way::External(_) => Ok(()),
        }
    }
}
