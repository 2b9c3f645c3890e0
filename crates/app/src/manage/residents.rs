//! Residents: where they live, how they sign in.

use engine::id::{FlatId, ResidentId};

use crate::directory::Resident;
use crate::failure::Failure;
use crate::manage::check::{check_name, check_password};
use crate::manage::directory::Directory;
use crate::manage::places::set;
use crate::port::{AccountKind, Found, Whom};
use crate::principal::Principal;
use crate::secret::Secret;

/// A resident to be added.
pub struct NewResident {
    /// Where they live.
    pub flat: FlatId,
    /// The login name, 1–64 bytes.
    pub name: String,
    /// 8–128 bytes.
    pub password: Secret,
}

/// What may change of a resident; what is none stays.
#[derive(Default)]
pub struct ResidentEdit {
    /// A flat of the same community.
    pub flat: Option<FlatId>,
    /// The login name, 1–64 bytes.
    pub name: Option<String>,
    /// 8–128 bytes. Ends every login.
    pub password: Option<Secret>,
}

impl Directory {
    /// Adds a resident who can sign in.
    pub async fn add_resident(&self, new: NewResident) -> Result<ResidentId, Failure> {
        check_name("name", &new.name)?;
        check_password(&new.password)?;
        let id = ResidentId::from(self.row_id());
        let hash = self.ports.passwords.hash(new.password).await;
        let resident = Resident {
            id: id.clone(),
            flat: new.flat,
            name: new.name,
        };
        self.ports.store.add_resident(resident, hash).await?;
        Ok(id)
    }

    /// Changes a resident. A new password ends every login and registration.
    pub async fn change_resident(
        &self,
        id: &ResidentId,
        edit: ResidentEdit,
    ) -> Result<Found<Resident>, Failure> {
        edit.name
            .iter()
            .try_for_each(|name| check_name("name", name))?;
        edit.password.iter().try_for_each(check_password)?;
        let changed = self.change(id.as_str(), move |resident: &mut Resident| {
            set(&mut resident.flat, edit.flat);
            set(&mut resident.name, edit.name);
        });
        let changed = changed.await?;
        if let Some(password) = edit.password {
            let hash = self.ports.passwords.hash(password).await;
            let kind = AccountKind::Resident(id.clone());
            self.ports.staff.set_password(kind, hash).await?;
            self.turn_away(id).await;
        }
        Ok(changed)
    }

    /// Removes a resident with logins and registrations.
    pub async fn remove_resident(&self, id: &ResidentId) -> Result<(), Failure> {
        self.remove::<Resident>(id.as_str()).await?;
        self.turn_away(id).await;
        Ok(())
    }

    /// Ends the login of this token and closes the connections that may have shown it; false if it
    /// is nobody's. A registration's pass is none: it ends with the registration.
    pub async fn sign_out(&self, token: &Secret) -> Result<bool, Failure> {
        let Some(gate) = self.gate() else {
            return Ok(false);
        };
        let principal = gate.logins.by_token(token).await?;
        let was_there = gate.logins.sign_out(token).await?;
        if let Some(Principal::Resident(resident)) = principal.filter(|_| was_there) {
            // A login may have been bound to one client after another.
            gate.kicker.kick(&Whom::Resident(resident.resident));
        }
        Ok(was_there)
    }

    /// Keys that stay behind are no harm: their clients are no more.
    async fn turn_away(&self, id: &ResidentId) {
        let Some(gate) = self.gate() else { return };
        gate.turn_away_resident(id);
        if let Err(failure) = gate.keys.refresh(&*self.ports.store, id).await {
            tracing::warn!(%failure, resident = %id, "keys of clients that are no more stay behind");
        }
    }
}
