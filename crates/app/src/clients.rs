//! Registered clients: a resident's app says where it is, and becomes an endpoint of its own.
//! Source: S1 §2.1, §4.3.

use std::sync::Arc;
use std::time::Duration;

use engine::call::{Input, Target};
use engine::id::ResidentId;
use engine::time::Instant;

use crate::calls::{Calls, Phones};
use crate::directory::{ClientRow, ClientStatus, PublicKey};
use crate::failure::Failure;
use crate::key_book::KeyBook;
use crate::limit::Limit;
use crate::login::Logins;
use crate::port::{ClientPass, Clock, DirectoryStore, Kicker, Passes, Random, Registered, Whom};
use crate::principal::{Client, ResidentPrincipal, client_endpoint, resident_endpoint};
use crate::secret::Secret;

/// How long a pass lasts; an app registers again at each start.
const PASS_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Clients per resident. The sample app of S1 invents a new client id at each start, so the one
/// that registered longest ago goes.
const CLIENTS_MAX: usize = 8;

/// What an app says when it registers. Without Debug: the push token is personal.
pub struct NewClient {
    /// The client id it chose, 1–128 bytes.
    pub name: String,
    /// Such as `android`.
    pub platform: String,
    /// Such as `mobile`.
    pub device_type: String,
    /// The version of the app.
    pub app_version: String,
    /// Where a push would wake it; may be empty.
    pub push_token: String,
    /// The public key to which it wants its credentials encrypted: a JWK in JSON text, unchecked.
    pub public_key: Option<String>,
}

/// A client that is registered.
pub struct Registration {
    /// Which it is.
    pub client: Client,
    /// What it shows from now on.
    pub pass: Secret,
}

/// What the use cases need.
pub struct ClientsPorts {
    /// Keeps the clients.
    pub store: Arc<dyn DirectoryStore>,
    /// Signs their passes.
    pub passes: Arc<dyn Passes>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Forgets what a login acted for before.
    pub logins: Arc<Logins>,
    /// Closes the connections of clients that had to go.
    pub kicker: Arc<dyn Kicker>,
    /// Knows the keys that clients gave.
    pub keys: Arc<KeyBook>,
    /// Rings a client that registers while its household rings.
    pub calls: Calls,
    /// Registrations by resident.
    pub limit: Limit,
}

/// The use cases of registered clients.
pub struct Clients {
    ports: ClientsPorts,
}

impl Clients {
    /// Wires the use cases to their ports.
    pub fn new(ports: ClientsPorts) -> Self {
        Self { ports }
    }

    /// Registers a client of the resident and binds the login to it; none if the login has ended
    /// meanwhile. The pass is good for MQTT under that client id, and over HTTP.
    ///
    /// A key counts from the next message on; without one, the key given before is forgotten. One
    /// that is no key is [`Failure::Invalid`], and nothing is registered.
    pub async fn register(
        &self,
        resident: &ResidentPrincipal,
        new: NewClient,
    ) -> Result<Option<Registration>, Failure> {
        self.ports.limit.take(resident.resident.as_str())?;
        let ClientsPorts {
            store,
            passes,
            random,
            clock,
            logins,
            keys,
            ..
        } = &self.ports;
        let key = new.public_key.as_deref();
        let key = key.map(|jwk| keys.read_key(jwk)).transpose()?;
        let now = clock.now();
        let row = to_row(new, key, resident, random.row_id(now), now);
        let registered = store
            .register_client(row, resident.login.clone(), CLIENTS_MAX)
            .await?;
        let Some(Registered { client, gone }) = registered else {
            return Ok(None);
        };
        logins.forget_login(&resident.login);
        self.turn_away(&resident.resident, gone);
        keys.refresh(&**store, &resident.resident).await?;
        self.join_ringing_calls(resident, &client).await;
        let pass = passes.sign(&ClientPass {
            resident: resident.resident.clone(),
            client: client.clone(),
            expires: now + PASS_LIFE,
        });
        Ok(Some(Registration { client, pass }))
    }

    /// A client that had to go is rung no more, so it must not stay and seem to be.
    fn turn_away(&self, resident: &ResidentId, gone: Vec<Client>) {
        if gone.is_empty() {
            return;
        }
        self.ports.logins.forget_resident(resident);
        for client in gone {
            self.ports.kicker.kick(&Whom::Client(client));
        }
    }

    /// A household that rings at this moment rings the new client too.
    async fn join_ringing_calls(&self, resident: &ResidentPrincipal, client: &Client) {
        if self.ports.calls.phones() == Phones::Together {
            return;
        }
        let person = resident_endpoint(&resident.resident);
        for call in self.ports.calls.calls_of(&person) {
            let Some(leg) = call.find_leg(&person).filter(|_| call.is_alerting()) else {
                continue;
            };
            let target = Target {
                endpoint: client_endpoint(client),
                resident: Some(resident.resident.clone()),
                household: call.legs[leg.0].household.clone(),
            };
            let join = Input::Join {
                call: call.id.clone(),
                target,
            };
            if let Err(failure) = self.ports.calls.handle(join).await {
                tracing::warn!(%failure, "a new client could not join a ringing call");
            }
        }
    }

    /// Notes what a client of the resident says of itself.
    pub async fn set_status(
        &self,
        resident: &ResidentPrincipal,
        name: &str,
        status: ClientStatus,
    ) -> Result<(), Failure> {
        let store = &self.ports.store;
        let id = resident.resident.clone();
        if store.set_client_status(id, name.to_owned(), status).await? {
            return Ok(());
        }
        Err(Failure::NotFound { what: "client" })
    }
}

fn to_row(
    new: NewClient,
    public_key: Option<PublicKey>,
    resident: &ResidentPrincipal,
    id: String,
    now: Instant,
) -> ClientRow {
    ClientRow {
        client: Client { id, name: new.name },
        resident: resident.resident.clone(),
        platform: new.platform,
        device_type: new.device_type,
        app_version: new.app_version,
        push_token: new.push_token,
        public_key,
        registered: now,
    }
}
