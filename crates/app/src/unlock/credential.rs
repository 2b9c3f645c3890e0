//! Giving out codes and cards, and taking them back. A code is shown once and then known by its
//! digest alone.

use std::time::Duration;

use engine::access::{Credential, CredentialKind};
use engine::id::{CommunityId, CredentialId, FlatId, ResidentId};
use engine::time::Instant;

use crate::failure::Failure;
use crate::port::{CredentialPage, ListedCredential, StoreFailure};
use crate::secret::Secret;
use crate::unlock::code::{Holder, Ticket, card_digest, code_digest};
use crate::unlock::step::Unlocks;

/// Digits of a code where nothing else is asked.
const DIGITS: u32 = 6;

/// How long a resident's QR text is good: as long as one walks to a door, since who photographs it has
/// it too.
const TICKET_LIFE: Duration = Duration::from_secs(5 * 60);

/// How often a code is drawn anew because somebody has it: at the last, most codes are taken.
const DRAWS_MAX: usize = 16;

const LABEL_MAX: usize = 64;
const CARD_MAX: usize = 64;

/// What is to be given out.
pub struct NewCredential {
    /// What it is.
    pub kind: CredentialKind,
    /// Where.
    pub community: CommunityId,
    /// For which flat.
    pub flat: FlatId,
    /// For one person of it, if for one.
    pub resident: Option<ResidentId>,
    /// What people call it; at most 64 bytes.
    pub label: String,
    /// A card's number; a code is drawn here.
    pub number: Option<Secret>,
    /// How many digits a code has, 4–8; 6 if nobody says.
    pub digits: Option<u32>,
    /// Valid from then on.
    pub from: Option<Instant>,
    /// Valid until then.
    pub until: Option<Instant>,
    /// How often it opens.
    pub uses: Option<u32>,
}

/// What was given out.
pub struct Given {
    /// What is kept of it.
    pub listed: ListedCredential,
    /// The code, shown this once; a card has none.
    pub code: Option<Secret>,
    /// The same as a text for a QR picture, if it is a visitor's with an end.
    pub qr: Option<Secret>,
}

impl Unlocks {
    /// Gives out a code or a card.
    pub async fn add_credential(&self, new: NewCredential) -> Result<Given, Failure> {
        check(&new)?;
        let now = self.now();
        let listed = ListedCredential {
            credential: Credential {
                id: CredentialId::from(self.ports().random.row_id(now)),
                kind: new.kind,
                community: new.community,
                flat: new.flat,
                resident: new.resident,
                from: new.from,
                until: new.until,
                uses_left: new.uses,
            },
            label: new.label,
            created: now,
        };
        let code = match new.number {
            Some(number) => {
                let random = &*self.ports().random;
                let community = &listed.credential.community;
                let digest = card_digest(random, community, number.expose());
                self.store().add_credential(listed.clone(), digest).await?;
                None
            }
            None => Some(self.draw(&listed, new.digits.unwrap_or(DIGITS)).await?),
        };
        let qr = self.ticket(&listed.credential);
        Ok(Given { listed, code, qr })
    }

    /// Codes and cards that were given out.
    pub async fn list_credentials(
        &self,
        page: CredentialPage,
    ) -> Result<Vec<ListedCredential>, Failure> {
        Ok(self.store().list_credentials(page).await?)
    }

    /// A code or card, by id.
    pub async fn find_credential(
        &self,
        id: CredentialId,
    ) -> Result<Option<ListedCredential>, Failure> {
        Ok(self.store().find_listed_credential(id).await?)
    }

    /// Takes a code or card back; false if there is none.
    pub async fn remove_credential(&self, id: CredentialId) -> Result<bool, Failure> {
        Ok(self.store().remove_credential(id).await?)
    }

    /// A QR text that stands for the resident, and until when: it opens what the resident may open.
    pub fn resident_ticket(&self, resident: &ResidentId) -> (Secret, Instant) {
        let expires = self.now() + TICKET_LIFE;
        let ticket = Ticket {
            holder: Holder::Resident(resident.clone()),
            expires,
        };
        (Secret::new(ticket.write(&*self.ports().random)), expires)
    }

    /// Draws a code that nobody else in the community has.
    async fn draw(&self, listed: &ListedCredential, digits: u32) -> Result<Secret, Failure> {
        let random = &*self.ports().random;
        let width = usize::try_from(digits).unwrap_or_default();
        for _ in 0..DRAWS_MAX {
            // 2^31 numbers over 10^8 codes: no code is noticeably likelier than another.
            let number = random.room_number() % 10_u32.pow(digits);
            let code = format!("{number:0width$}");
            let digest = code_digest(random, &listed.credential.community, &code);
            match self.store().add_credential(listed.clone(), digest).await {
                Ok(()) => return Ok(Secret::new(code)),
                Err(StoreFailure::Conflict { .. }) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Failure::Conflict { what: "every code" })
    }

    fn ticket(&self, one: &Credential) -> Option<Secret> {
        let expires = one.until.filter(|_| one.kind == CredentialKind::Visitor)?;
        let ticket = Ticket {
            holder: Holder::Credential(one.id.clone()),
            expires,
        };
        Some(Secret::new(ticket.write(&*self.ports().random)))
    }
}

fn check(new: &NewCredential) -> Result<(), Failure> {
    let invalid = |field, problem| Err(Failure::Invalid { field, problem });
    if new.label.len() > LABEL_MAX || new.label.chars().any(char::is_control) {
        return invalid("label", "must be at most 64 bytes of text");
    }
    if !new.digits.is_none_or(|digits| (4..=8).contains(&digits)) {
        return invalid("digits", "must be 4 to 8");
    }
    if new.uses == Some(0) {
        return invalid("uses", "must be at least 1");
    }
    if let (Some(from), Some(until)) = (new.from, new.until)
        && until <= from
    {
        return invalid("until", "must be after from");
    }
    match (&new.number, new.kind) {
        (Some(number), CredentialKind::Card)
            if (1..=CARD_MAX).contains(&number.expose().trim().len()) =>
        {
            Ok(())
        }
        (_, CredentialKind::Card) => invalid("number", "must be 1 to 64 bytes, a card's"),
        (Some(_), _) => invalid("number", "is for cards alone; a code is drawn here"),
        (None, _) => Ok(()),
    }
}
