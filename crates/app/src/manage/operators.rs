//! Operators and what they may.

use engine::id::OperatorId;

use crate::directory::Operator;
use crate::failure::Failure;
use crate::manage::check::{check_name, check_password};
use crate::manage::directory::Directory;
use crate::manage::places::set;
use crate::port::AccountKind;
use crate::principal::Reach;
use crate::secret::Secret;

/// An operator to be added.
pub struct NewOperator {
    /// The login name, 1–64 bytes.
    pub name: String,
    /// 8–128 bytes.
    pub password: Secret,
    /// Where they may what.
    pub reach: Reach,
}

/// What may change of an operator; what is none stays.
#[derive(Default)]
pub struct OperatorEdit {
    /// The login name, 1–64 bytes.
    pub name: Option<String>,
    /// 8–128 bytes. Ends every login.
    pub password: Option<Secret>,
    /// Where they may what.
    pub reach: Option<Reach>,
}

impl Directory {
    /// Adds an owner, who may everything: the way in for the first one.
    pub async fn add_owner(&self, name: &str, password: Secret) -> Result<Operator, Failure> {
        let new = NewOperator {
            name: name.into(),
            password,
            reach: Reach::Everywhere,
        };
        self.add_operator(new).await
    }

    /// Adds an operator. Every community named must exist.
    pub async fn add_operator(&self, new: NewOperator) -> Result<Operator, Failure> {
        check_name("name", &new.name)?;
        check_password(&new.password)?;
        let hash = self.ports.passwords.hash(new.password).await;
        let operator = Operator {
            id: self.row_id().into(),
            name: new.name,
            reach: new.reach,
        };
        let (staff, id) = (&self.ports.staff, operator.id.clone());
        self.ports.store.add_operator(operator, hash).await?;
        let added = staff.find_operator(id).await?;
        added.ok_or(Failure::NotFound { what: "operator" })
    }

    /// An operator.
    pub async fn load_operator(&self, id: &OperatorId) -> Result<Operator, Failure> {
        let found = self.ports.staff.find_operator(id.clone()).await?;
        found.ok_or(Failure::NotFound { what: "operator" })
    }

    /// Operators after this id, at most `limit`, in the order of their ids.
    pub async fn list_operators(
        &self,
        after: Option<OperatorId>,
        limit: usize,
    ) -> Result<Vec<Operator>, Failure> {
        Ok(self.ports.staff.list_operators(after, limit).await?)
    }

    /// Changes an operator. The last owner stays one.
    pub async fn change_operator(
        &self,
        id: &OperatorId,
        edit: OperatorEdit,
    ) -> Result<Operator, Failure> {
        edit.name
            .iter()
            .try_for_each(|name| check_name("name", name))?;
        edit.password.iter().try_for_each(check_password)?;
        let (name, reach) = (edit.name, edit.reach);
        let change = Box::new(move |operator: &mut Operator| {
            set(&mut operator.name, name);
            set(&mut operator.reach, reach);
        });
        let staff = &self.ports.staff;
        let changed = staff.change_operator(id.clone(), change).await?;
        if let Some(password) = edit.password {
            let hash = self.ports.passwords.hash(password).await;
            let kind = AccountKind::Operator(id.clone());
            staff.set_password(kind, hash).await?;
        }
        self.forget_operator(id);
        Ok(changed)
    }

    /// Removes an operator with all logins. The last owner stays.
    pub async fn remove_operator(&self, id: &OperatorId) -> Result<(), Failure> {
        self.ports.staff.remove_operator(id.clone()).await?;
        self.forget_operator(id);
        Ok(())
    }

    fn forget_operator(&self, id: &OperatorId) {
        if let Some(gate) = self.gate() {
            gate.forget_operator(id);
        }
    }
}
