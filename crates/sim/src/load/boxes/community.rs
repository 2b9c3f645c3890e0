//! Makes a community over the product's own API: flats with screens, and units that ring them.
//!
//! A unit is known by its address, so each gets one of loopback's own. Every screen signs in once.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::json;
use tokio::task::JoinSet;

use super::flat::{BoxFlat, BoxScreen, BoxUnit};
use crate::error::SimError;
use crate::intercom::{ScreenLogin, screen_token};
use crate::load::community::{Maker, Operator};
use crate::server::ServerAddress;

/// Flats made at once.
const AT_ONCE: usize = 8;

/// Where a unit would take calls; nobody calls it here.
const UNIT_PORT: u16 = 7891;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct BoxSizes {
    /// Flats.
    pub flats: usize,
    /// Screens of each.
    pub screens: usize,
    /// Units, at most 65 000.
    pub units: u16,
}

/// All flats and units, ready to connect.
pub struct BoxCommunity {
    /// In order of their numbers.
    pub flats: Vec<BoxFlat>,
    /// In order of their addresses.
    pub units: Vec<BoxUnit>,
}

/// Makes it under names that begin with `run`; tells `progress` after each flat how many there are.
pub async fn make_boxes(
    server: &ServerAddress,
    operator: &Operator,
    (run, sizes): (&str, BoxSizes),
    progress: &mut dyn FnMut(usize),
) -> Result<BoxCommunity, SimError> {
    let maker = Maker::begin(server, operator, run).await?;
    let mut units = Vec::with_capacity(usize::from(sizes.units));
    for number in 0..sizes.units {
        units.push(unit(&maker, run, number).await?);
    }
    let mut making = JoinSet::new();
    let mut flats = Vec::with_capacity(sizes.flats);
    for number in 0..sizes.flats {
        if making.len() >= AT_ONCE {
            collect(&mut making, &mut flats).await?;
            progress(flats.len());
        }
        let (maker, http, run) = (maker.clone(), server.http.clone(), run.to_owned());
        let name = (run, number, sizes.screens);
        making.spawn(async move { flat(&maker, &http, name).await });
    }
    while !making.is_empty() {
        collect(&mut making, &mut flats).await?;
        progress(flats.len());
    }
    flats.sort_by(|one, other| one.number.cmp(&other.number));
    Ok(BoxCommunity { flats, units })
}

async fn collect(
    making: &mut JoinSet<Result<BoxFlat, SimError>>,
    flats: &mut Vec<BoxFlat>,
) -> Result<(), SimError> {
    if let Some(Ok(flat)) = making.join_next().await {
        flats.push(flat?);
    }
    Ok(())
}

async fn unit(maker: &Maker, run: &str, number: u16) -> Result<BoxUnit, SimError> {
    let [high, low] = (number + 1).to_be_bytes();
    let ip = IpAddr::V4(Ipv4Addr::new(127, 9, high, low));
    let id = format!("{run}-u{number}");
    let address = SocketAddr::new(ip, UNIT_PORT).to_string();
    let unit = json!({
        "community": maker.community, "id": id, "name": id, "kind": "outdoor", "address": address,
    });
    maker.make("devices", unit).await?;
    Ok(BoxUnit { id, ip })
}

async fn flat(
    maker: &Maker,
    http: &str,
    (run, number, screens): (String, usize, usize),
) -> Result<BoxFlat, SimError> {
    let community = &maker.community;
    let number = format!("{number:05}");
    let flat = json!({"community": community, "number": number});
    let flat = maker.make("flats", flat).await?.id;
    let mut joined = Vec::with_capacity(screens);
    for screen in 0..screens {
        let device_id = format!("{run}-{number}-{screen}");
        let screen = json!({
            "community": community, "id": device_id, "name": device_id, "kind": "screen",
            "flat": flat,
        });
        let secret = maker.make("devices", screen).await?.secret;
        let login = ScreenLogin {
            device_id,
            secret: secret.unwrap_or_default(),
        };
        joined.push(BoxScreen {
            token: screen_token(http, &login).await?,
            device_id: login.device_id,
        });
    }
    Ok(BoxFlat {
        number,
        screens: joined,
    })
}
