//! A flat's arming and zones as a row.

use app::port::StoreFailure;
use engine::alarm::{Mode, Modes, Place, Site, Wait, Watch, Zone, ZoneNo};
use engine::call::Version;
use engine::id::FlatId;
use engine::time::Instant;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::alarms::row::{PersonDoc, PolicyDoc};
use crate::failure::{Result, unavailable};
use crate::sql::{execute, find};

#[derive(Default, Serialize, Deserialize)]
struct SiteDoc {
    armed_by: Option<PersonDoc>,
    zones: Vec<WatchDoc>,
}

#[derive(Serialize, Deserialize)]
struct WatchDoc {
    no: u8,
    name: String,
    policy: PolicyDoc,
    modes: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waits: Option<WaitDoc>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
enum WaitDoc {
    Entry { until: i64, count: u32 },
    Quiet { until: i64 },
}

/// A flat, also one that was never armed; none if there is no such flat.
pub(super) fn find_site(connection: &Connection, flat: &FlatId) -> Result<Option<Site>> {
    type Found = (String, String, Option<(i64, String, String)>);
    let found: Option<Found> = find(
        connection,
        "select flat.community, flat.number, arming.version, arming.mode, arming.state
         from flat left join arming on arming.flat = flat.id where flat.id = $1",
        [flat.as_str()],
        |row| {
            let kept = match row.get::<_, Option<i64>>(2)? {
                Some(version) => Some((version, row.get(3)?, row.get(4)?)),
                None => None,
            };
            Ok((row.get(0)?, row.get(1)?, kept))
        },
    )?;
    let Some((community, number, kept)) = found else {
        return Ok(None);
    };
    let place = Place {
        community: community.into(),
        number,
    };
    let site = Site::new(flat.clone(), place);
    let Some((version, mode, state)) = kept else {
        return Ok(Some(site));
    };
    let corrupt = || StoreFailure::Corrupt {
        table: "arming",
        row: flat.to_string(),
    };
    let read = read(site, version, &mode, &state).ok_or_else(corrupt)?;
    Ok(Some(read))
}

fn read(mut site: Site, version: i64, mode: &str, state: &str) -> Option<Site> {
    let doc: SiteDoc = serde_json::from_str(state).ok()?;
    site.version = Version(u64::try_from(version).ok()?);
    site.mode = Mode::ALL.into_iter().find(|known| known.name() == mode)?;
    site.armed_by = doc.armed_by.map(Into::into);
    let zones = doc.zones.into_iter().map(WatchDoc::into_watch);
    site.zones = zones.collect::<Option<_>>()?;
    Some(site)
}

/// Writes a flat's arming whole.
pub(super) fn write_site(connection: &Connection, site: &Site) -> Result<()> {
    let doc = SiteDoc {
        armed_by: site.armed_by.as_ref().map(Into::into),
        zones: site.zones.iter().map(WatchDoc::from).collect(),
    };
    let state = serde_json::to_string(&doc).map_err(unavailable)?;
    let deadline = site.deadline().map(|(at, ..)| at.ms());
    let sql = "insert into arming (flat, version, mode, deadline_ms, state)
               values ($1, $2, $3, $4, $5)
               on conflict (flat) do update set version = excluded.version, mode = excluded.mode,
                   deadline_ms = excluded.deadline_ms, state = excluded.state";
    let version = site.version.0.cast_signed();
    let row = (
        site.flat.as_str(),
        version,
        site.mode.name(),
        deadline,
        state,
    );
    execute(connection, sql, row)?;
    Ok(())
}

impl From<&Watch> for WatchDoc {
    fn from(watch: &Watch) -> Self {
        Self {
            no: watch.zone.no.number(),
            name: watch.zone.name.clone(),
            policy: watch.zone.policy.into(),
            modes: watch.zone.modes.bits(),
            waits: match watch.waits {
                Wait::Nothing => None,
                Wait::Entry { until, count } => Some(WaitDoc::Entry {
                    until: until.ms(),
                    count,
                }),
                Wait::Quiet { until } => Some(WaitDoc::Quiet { until: until.ms() }),
            },
        }
    }
}

impl WatchDoc {
    fn into_watch(self) -> Option<Watch> {
        let zone = Zone {
            no: ZoneNo::new(self.no)?,
            name: self.name,
            policy: self.policy.into_policy()?,
            modes: Modes::from_bits(self.modes)?,
        };
        let waits = match self.waits {
            None => Wait::Nothing,
            Some(WaitDoc::Entry { until, count }) => Wait::Entry {
                until: Instant::from_ms(until),
                count,
            },
            Some(WaitDoc::Quiet { until }) => Wait::Quiet {
                until: Instant::from_ms(until),
            },
        };
        Some(Watch { zone, waits })
    }
}
