//! Makes a community over the product's own API: flats with a door and two residents each.
//!
//! Passwords cost the server 20 ms of a core each, so a few households are made at a time. Each
//! phone signs in once, as a real one would.

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::error::SimError;
use crate::http::Http;
use crate::login::login;
use crate::server::{DoorLogin, PhoneLogin, ServerAddress};

/// Households made at once; more would only wait for the server's password hashing.
const AT_ONCE: usize = 4;

/// Of everybody who is made up here.
const PASSWORD: &str = "bench-resident";

/// Who makes the community. Without `Debug`, for it holds a password.
#[derive(Clone)]
pub struct Operator {
    /// The login name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// One door and the two phones that it rings.
#[derive(Clone)]
pub struct Home {
    /// What is dialled.
    pub number: String,
    /// The door.
    pub door: DoorLogin,
    /// One phone of each of the two residents.
    pub phones: [PhoneLogin; 2],
}

/// All households, ready to connect.
pub struct Community {
    /// In order of their numbers.
    pub homes: Vec<Home>,
}

/// What was made, and its secret if it has one.
#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) secret: Option<String>,
}

/// One maker's way to the server.
#[derive(Clone)]
pub(super) struct Maker {
    server: ServerAddress,
    token: String,
    pub(super) community: String,
    /// Makes names unique on a server that was measured before.
    run: String,
}

/// Makes `count` households whose names begin with `run`; tells `progress` after each how many
/// there are.
pub async fn make_community(
    server: &ServerAddress,
    operator: &Operator,
    (run, count): (&str, usize),
    progress: &mut dyn FnMut(usize),
) -> Result<Community, SimError> {
    let maker = Maker::begin(server, operator, run).await?;
    let mut making = JoinSet::new();
    let mut homes = Vec::with_capacity(count);
    for number in 0..count {
        if making.len() >= AT_ONCE {
            collect(&mut making, &mut homes).await?;
            progress(homes.len());
        }
        let maker = maker.clone();
        making.spawn(async move { maker.home(number).await });
    }
    while !making.is_empty() {
        collect(&mut making, &mut homes).await?;
        progress(homes.len());
    }
    homes.sort_by(|one, other| one.number.cmp(&other.number));
    Ok(Community { homes })
}

async fn collect(
    making: &mut JoinSet<Result<Home, SimError>>,
    homes: &mut Vec<Home>,
) -> Result<(), SimError> {
    if let Some(Ok(home)) = making.join_next().await {
        homes.push(home?);
    }
    Ok(())
}

impl Maker {
    /// Signs in and makes an empty community.
    pub(super) async fn begin(
        server: &ServerAddress,
        operator: &Operator,
        run: &str,
    ) -> Result<Self, SimError> {
        let login = login(server, &operator.name, &operator.password).await?;
        let mut maker = Self {
            server: server.clone(),
            token: login.token,
            community: String::new(),
            run: run.to_owned(),
        };
        maker.community = maker.make("communities", json!({"name": run})).await?.id;
        Ok(maker)
    }

    async fn home(&self, number: usize) -> Result<Home, SimError> {
        let (community, run) = (&self.community, &self.run);
        let number = format!("{number:05}");
        let flat = json!({"community": community, "number": number});
        let flat = self.make("flats", flat).await?.id;
        let device_id = format!("{run}-{number}");
        let device = json!({"community": community, "id": device_id, "name": device_id});
        let secret = self.make("devices", device).await?.secret;
        let phones = [
            self.phone(&flat, &format!("{run}-{number}-a")).await?,
            self.phone(&flat, &format!("{run}-{number}-b")).await?,
        ];
        let door = DoorLogin {
            device_id,
            secret: secret.unwrap_or_default(),
        };
        Ok(Home {
            number,
            door,
            phones,
        })
    }

    async fn phone(&self, flat: &str, name: &str) -> Result<PhoneLogin, SimError> {
        let resident = json!({"flat": flat, "name": name, "password": PASSWORD});
        self.make("residents", resident).await?;
        let login = login(&self.server, name, PASSWORD).await?;
        Ok(login.into_phone_login())
    }

    /// Posts to `/v1`.
    pub(super) async fn make(&self, what: &str, body: Value) -> Result<Made, SimError> {
        let http = Http::new(&self.server.http)?.with_token(&self.token);
        http.post_raw(&format!("/v1/{what}"), &body).await?.parse()
    }
}
