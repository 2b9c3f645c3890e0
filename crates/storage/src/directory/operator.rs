//! Operators as rows.

use std::collections::BTreeMap;

use app::directory::Operator;
use app::port::{AccountKind, Edit, StoreFailure};
use app::principal::{Reach, Role};
use app::secret::PasswordHash;
use engine::id::{CommunityId, OperatorId};
use rusqlite::Connection;

use crate::directory::login::{add_account, end_account, rename_account};
use crate::directory::row::{execute, find, insert, list, role, role_word};
use crate::failure::Result;

pub(super) fn add_operator(
    connection: &Connection,
    operator: &Operator,
    password: &PasswordHash,
) -> Result<()> {
    let kind = AccountKind::Operator(operator.id.clone());
    add_account(connection, &operator.name, &kind, password)?;
    let sql = "insert into operator (id, name, owner) values ($1, $2, $3)";
    let is_owner = operator.reach == Reach::Everywhere;
    let row = (operator.id.as_str(), &operator.name, is_owner);
    insert(connection, sql, row, "operator", "operator")?;
    add_roles(connection, operator)
}

fn add_roles(connection: &Connection, operator: &Operator) -> Result<()> {
    let Reach::Within(roles) = &operator.reach else {
        return Ok(());
    };
    let sql = "insert into operator_role (operator, community, role) values ($1, $2, $3)";
    roles.iter().try_for_each(|(community, role)| {
        let row = (operator.id.as_str(), community.as_str(), role_word(*role));
        insert(connection, sql, row, "role", "community")
    })
}

pub(super) fn find_operator(connection: &Connection, id: &OperatorId) -> Result<Option<Operator>> {
    let sql = "select name, owner from operator where id = $1";
    let found: Option<(String, bool)> = find(connection, sql, [id.as_str()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let Some((name, is_owner)) = found else {
        return Ok(None);
    };
    let reach = if is_owner {
        Reach::Everywhere
    } else {
        Reach::Within(roles(connection, id)?)
    };
    let id = id.clone();
    Ok(Some(Operator { id, name, reach }))
}

fn roles(connection: &Connection, id: &OperatorId) -> Result<BTreeMap<CommunityId, Role>> {
    let sql = "select community, role from operator_role where operator = $1";
    let rows: Vec<(String, String)> = list(connection, sql, [id.as_str()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let known = rows
        .into_iter()
        .map(|(community, word)| Ok((community.into(), role(&word)?)));
    known.collect()
}

pub(super) fn list_operators(
    connection: &Connection,
    after: Option<&OperatorId>,
    limit: usize,
) -> Result<Vec<Operator>> {
    let sql = "select id from operator where id > $1 order by id limit $2";
    let after = after.map_or("", OperatorId::as_str);
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let ids: Vec<String> = list(connection, sql, (after, limit), |row| row.get(0))?;
    let operators = ids
        .into_iter()
        .map(|id| find_operator(connection, &id.into()));
    operators.filter_map(Result::transpose).collect()
}

pub(super) fn change(
    connection: &Connection,
    id: &OperatorId,
    edit: Edit<Operator>,
) -> Result<Operator> {
    let found = find_operator(connection, id)?;
    let mut operator = found.ok_or(StoreFailure::Missing { what: "operator" })?;
    edit(&mut operator);
    let is_owner = operator.reach == Reach::Everywhere;
    if !is_owner {
        check_another_owner(connection, id)?;
    }
    let kind = AccountKind::Operator(id.clone());
    rename_account(connection, &kind, &operator.name)?;
    let sql = "update operator set name = $1, owner = $2 where id = $3";
    let row = (&operator.name, is_owner, id.as_str());
    insert(connection, sql, row, "operator", "operator")?;
    let sql = "delete from operator_role where operator = $1";
    execute(connection, sql, [id.as_str()])?;
    add_roles(connection, &operator)?;
    Ok(operator)
}

pub(super) fn remove(connection: &Connection, id: &OperatorId) -> Result<()> {
    check_another_owner(connection, id)?;
    end_account(connection, &AccountKind::Operator(id.clone()))?;
    let sql = "delete from operator where id = $1";
    match execute(connection, sql, [id.as_str()])? {
        0 => Err(StoreFailure::Missing { what: "operator" }),
        _ => Ok(()),
    }
}

/// Somebody must be left who can administer operators.
fn check_another_owner(connection: &Connection, id: &OperatorId) -> Result<()> {
    let sql = "select exists (select 1 from operator where id = $1 and owner = 1)
                   and not exists (select 1 from operator where id <> $1 and owner = 1)";
    if find(connection, sql, [id.as_str()], |row| row.get(0))?.unwrap_or(false) {
        return Err(StoreFailure::Held {
            what: "operator",
            why: "no other owner is left",
        });
    }
    Ok(())
}
