//! What a panel reports that somebody typed, held or showed. The panel moves the lock itself, when
//! the answer says so.

use std::time::Duration;

use engine::access::{Credential, Facts, Home, Way};
use engine::id::{CommunityId, CredentialId, ResidentId, UnlockId};
use engine::time::Instant;
use engine::unlock::{self, Phase, Request, RequestKey, Unlock};

use crate::failure::Failure;
use crate::port::{Decided, Random, StoreFailure, UnlockFacts, UnlockRule};
use crate::principal::DoorPrincipal;
use crate::secret::{Secret, SecretDigest};
use crate::unlock::ask::{check_key, facts};
use crate::unlock::step::Unlocks;

/// The longest text that a panel may report.
const SHOWN_MAX: usize = 256;

/// What somebody showed.
#[derive(Clone)]
pub enum Shown {
    /// Digits that were typed.
    Code(Secret),
    /// A card's number.
    Card(Secret),
    /// A QR text.
    Qr(Secret),
}

/// What the panel is told.
#[derive(Clone, Debug)]
pub struct CodeReply {
    /// The order.
    pub unlock: Unlock,
    /// How long the panel may still move the lock; none: it must not. Said once for one order: to the
    /// same report again the answer is how things stand, and nothing opens.
    pub open: Option<Duration>,
}

impl Unlocks {
    /// A panel reports what somebody showed. The row is on disk before the panel is answered.
    pub async fn report_code(
        &self,
        door: &DoorPrincipal,
        key: String,
        shown: Shown,
    ) -> Result<CodeReply, Failure> {
        check_key(&key)?;
        check_shown(&shown)?;
        let asker = format!("door:{}", door.device);
        self.ports().limit.take(&asker)?;
        let key = RequestKey { asker, key };
        let id = UnlockId::from(self.ports().random.row_id(self.now()));
        let rule = self.reported(door.clone(), id.clone(), key, shown);
        let unlock = self.begin(rule, Duration::ZERO).await?;
        let unlock = unlock.ok_or(Failure::NotFound { what: "door" })?;
        let left = unlock.ends.since(self.now());
        let is_new = unlock.id == id && unlock.phase == Phase::Sent && !left.is_zero();
        Ok(CodeReply {
            open: is_new.then_some(left),
            unlock,
        })
    }

    fn reported(
        &self,
        door: DoorPrincipal,
        id: UnlockId,
        key: RequestKey,
        shown: Shown,
    ) -> UnlockRule {
        let (random, clock) = (self.ports().random.clone(), self.ports().clock.clone());
        let asked = clock.now();
        Box::new(move |store| {
            let now = clock.now();
            let known = store.find_request(&key)?;
            let Some(place) = store.find_door(&door.device)? else {
                return Ok(None);
            };
            let mut facts = facts(&place, store)?;
            let way = look_up(&shown, &door.community, &*random, &mut facts, store)?;
            let request = Request {
                id,
                key,
                door: door.device,
                way,
                call: None,
                credential: facts.credential.as_ref().map(|one| one.id.clone()),
                asked,
            };
            let decision = unlock::request(request, known.as_ref(), &facts, now);
            Ok(Some(Decided {
                decision,
                community: Some(place.device.community),
                nonce: None,
                device: None,
            }))
        })
    }
}

fn check_shown(shown: &Shown) -> Result<(), Failure> {
    let (Shown::Code(text) | Shown::Card(text) | Shown::Qr(text)) = shown;
    if (1..=SHOWN_MAX).contains(&text.expose().len()) {
        return Ok(());
    }
    Err(Failure::Invalid {
        field: "code",
        problem: "must be 1 to 256 bytes of text",
    })
}

/// Finds what was shown, and where it is at home.
fn look_up(
    shown: &Shown,
    community: &CommunityId,
    random: &dyn Random,
    facts: &mut Facts,
    store: &mut dyn UnlockFacts,
) -> Result<Way, StoreFailure> {
    let (way, known) = match shown {
        Shown::Code(code) => {
            let digest = code_digest(random, community, code.expose());
            (Way::Code, store.find_credential(digest)?)
        }
        Shown::Card(number) => {
            let digest = card_digest(random, community, number.expose());
            (Way::Card, store.find_credential(digest)?)
        }
        Shown::Qr(text) => {
            let Some(ticket) = Ticket::read(random, text.expose()) else {
                return Ok(Way::Qr(None));
            };
            let known = match ticket.holder {
                Holder::Credential(id) => store.credential(&id)?,
                Holder::Resident(resident) => {
                    facts.home = store.home_of(&resident)?;
                    None
                }
            };
            (Way::Qr(Some(ticket.expires)), known)
        }
    };
    if let Some(known) = known {
        facts.home = home_of(&known, store)?;
        facts.credential = Some(known);
    }
    Ok(way)
}

/// A person's code goes where the person lives.
fn home_of(known: &Credential, store: &mut dyn UnlockFacts) -> Result<Option<Home>, StoreFailure> {
    match &known.resident {
        Some(resident) => store.home_of(resident),
        None => store.home(&known.flat),
    }
}

/// What typed digits are found by: a few digits are guessed in no time from any plain hash, so the
/// digest is keyed by the server's key, which is not in the database. The community is part of it,
/// so that equal codes of two communities look different.
pub(super) fn code_digest(
    random: &dyn Random,
    community: &CommunityId,
    code: &str,
) -> SecretDigest {
    random.digest(&Secret::new(format!("code:{community}:{code}")))
}

/// What a card is found by. Readers write its number in either case.
pub(super) fn card_digest(
    random: &dyn Random,
    community: &CommunityId,
    number: &str,
) -> SecretDigest {
    let number = number.trim().to_ascii_uppercase();
    random.digest(&Secret::new(format!("card:{community}:{number}")))
}

/// Whom a QR text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// Somebody with this code.
    Credential(CredentialId),
    /// A resident.
    Resident(ResidentId),
}

/// A QR text: `KM1.v.<code's id>.<expires, ms>.<mac>`, or `r` and a resident's id. The mac is the
/// first half of an HMAC-SHA-256 under the server's key, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) holder: Holder,
    pub(super) expires: Instant,
}

impl Ticket {
    pub(super) fn write(&self, random: &dyn Random) -> String {
        let body = self.body();
        format!("KM1.{body}.{}", mac(random, &body))
    }

    /// The ticket, if we wrote it.
    pub(super) fn read(random: &dyn Random, text: &str) -> Option<Self> {
        let (body, shown) = text.strip_prefix("KM1.")?.rsplit_once('.')?;
        if !is_same(shown, &mac(random, body)) {
            return None;
        }
        let mut parts = body.split('.');
        let (kind, id, expires) = (parts.next()?, parts.next()?, parts.next()?);
        let holder = match kind {
            "v" => Holder::Credential(id.into()),
            "r" => Holder::Resident(id.into()),
            _ => return None,
        };
        let expires = Instant::from_ms(expires.parse().ok()?);
        Some(Self { holder, expires })
    }

    fn body(&self) -> String {
        let ms = self.expires.ms();
        match &self.holder {
            Holder::Credential(id) => format!("v.{id}.{ms}"),
            Holder::Resident(id) => format!("r.{id}.{ms}"),
        }
    }
}

fn mac(random: &dyn Random, body: &str) -> String {
    let SecretDigest(digest) = random.digest(&Secret::new(format!("qr:{body}")));
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Compares without telling by its time how much was right.
fn is_same(shown: &str, right: &str) -> bool {
    let differ = shown
        .bytes()
        .zip(right.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    shown.len() == right.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use engine::id::CallId;

    use super::*;

    /// Digests by folding, which is enough to see what is signed.
    struct Folded;

    impl Random for Folded {
        fn call_id(&self, _: Instant) -> CallId {
            CallId::from("call")
        }

        fn row_id(&self, _: Instant) -> String {
            "row".into()
        }

        fn room_number(&self) -> u32 {
            1
        }

        fn secret(&self) -> Secret {
            Secret::new("secret".into())
        }

        fn digest(&self, secret: &Secret) -> SecretDigest {
            let mut digest = [7_u8; 32];
            for (at, byte) in secret.expose().bytes().enumerate() {
                digest[at % 16] = digest[at % 16].wrapping_mul(31).wrapping_add(byte);
            }
            SecretDigest(digest)
        }
    }

    fn ticket() -> Ticket {
        Ticket {
            holder: Holder::Resident("mum".into()),
            expires: Instant::from_ms(5000),
        }
    }

    #[test]
    fn a_ticket_is_read_as_it_was_written() {
        let text = ticket().write(&Folded);

        assert_eq!(Ticket::read(&Folded, &text), Some(ticket()));
    }

    #[test]
    fn a_ticket_that_somebody_changed_is_none_of_ours() {
        let text = ticket().write(&Folded);

        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Ticket::read(&Folded, &changed), None, "{changed}");
        }
    }

    #[test]
    fn equal_codes_of_two_communities_look_different() {
        let digest = |community: &str| code_digest(&Folded, &community.into(), "123456");

        assert!(digest("a") != digest("b"));
    }
}
