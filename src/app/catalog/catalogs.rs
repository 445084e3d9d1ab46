//! Making, changing and deleting catalogs (SPEC CAT-1 to CAT-3).

use serde_json::{Value, json};

use super::{name_taken, same_version, some_of};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, CatalogRole, Permit, Principal, task};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::{Catalog, CatalogFields, CatalogState, GENERAL};
use crate::domain::directory::Holder;
use crate::kernel::ids::{CatalogId, EntityId as _};
use crate::store::role_grants::{self, NewGrant};
use crate::store::{Conn, StoreError, Tx, catalogs, packages};

const NAME: &str = "catalogs_name_folded_key";

/// Makes a catalog; who makes it becomes its first owner (SPEC ROL-1).
pub fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    fields: &CatalogFields,
) -> Result<CatalogId, AppError> {
    let permit = access::create_catalog(me)?;
    let id = insert(tx, cx, fields, false)?;
    role_grants::grant_in_catalog(
        tx,
        id,
        NewGrant {
            id: cx.id(),
            role: CatalogRole::Owner,
            holder: Holder::User(permit.by()),
            by: Some(permit.by()),
            at: cx.now,
        },
    )?;
    cx.record(
        tx,
        Record::of("catalog.grantRole", ObjectKind::Catalog, id.uuid(), &fields.name)
            .about(permit.by())
            .change(Value::Null, json!({ "role": CatalogRole::Owner, "holder": Holder::User(permit.by()) })),
    );
    Ok(id)
}

/// Makes the built-in catalog where there is none yet (SPEC CAT-1). Called at every start.
pub fn ensure_general(tx: &mut Tx<'_>, cx: &Cx) -> Result<CatalogId, AppError> {
    if let Some(general) = catalogs::built_in(tx)? {
        return Ok(general.id);
    }
    let fields = CatalogFields {
        name: GENERAL.to_owned(),
        description: "What belongs to no other catalog.".to_owned(),
        state: CatalogState::Published,
        external_enabled: true,
    };
    match insert(tx, cx, &fields, true) {
        // Two processes that start at the same moment: the other one made it.
        Err(AppError::Refused(Refusal::NameTaken(_))) => Err(StoreError::Stale.into()),
        done => done,
    }
}

fn insert(tx: &mut Tx<'_>, cx: &Cx, fields: &CatalogFields, built_in: bool) -> Result<CatalogId, AppError> {
    let id: CatalogId = cx.id();
    catalogs::insert(tx, id, fields, built_in, cx.now).map_err(name_taken(NAME, "a catalog"))?;
    cx.record(
        tx,
        Record::of("catalog.create", ObjectKind::Catalog, id.uuid(), &fields.name)
            .change(Value::Null, json!(fields)),
    );
    Ok(id)
}

/// The catalog, or *not found* for whoever may not know of it (SPEC ROL-6).
pub(super) fn get(conn: &mut Conn, id: CatalogId) -> Result<Catalog, AppError> {
    catalogs::find(conn, id)?.ok_or(AppError::NotFound)
}

/// Changes a catalog. `version` is the one that the form was made from.
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: CatalogId,
    version: i64,
    fields: &CatalogFields,
) -> Result<(), AppError> {
    let permit = access::edit_catalog(me, id)?;
    let catalog = get(tx, id)?;
    same_version(version, catalog.version)?;
    save(tx, cx, permit, &catalog, fields)
}

/// Publishes the catalog or closes it for new requests (SPEC CAT-2).
pub fn set_state(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: CatalogId,
    version: i64,
    state: CatalogState,
) -> Result<(), AppError> {
    let permit = access::edit_catalog(me, id)?;
    let catalog = get(tx, id)?;
    same_version(version, catalog.version)?;
    let fields = CatalogFields { state, ..catalog.fields.clone() };
    save(tx, cx, permit, &catalog, &fields)
}

fn save(
    tx: &mut Tx<'_>,
    cx: &Cx,
    permit: Permit<task::EditCatalog>,
    catalog: &Catalog,
    fields: &CatalogFields,
) -> Result<(), AppError> {
    let id = permit.catalog();
    if *fields == catalog.fields {
        return Ok(());
    }
    if catalog.built_in && fields.name != catalog.fields.name {
        return Err(Refusal::BuiltInCatalog.into());
    }
    catalogs::update(tx, id, catalog.version, fields).map_err(name_taken(NAME, "a catalog"))?;
    if fields.name != catalog.fields.name {
        for (package, _) in catalogs::packages_in(tx, id)? {
            packages::refresh_search(tx, package)?;
        }
    }
    cx.record(
        tx,
        Record::of("catalog.edit", ObjectKind::Catalog, id.uuid(), &fields.name)
            .change(json!(catalog.fields), json!(fields)),
    );
    Ok(())
}

/// Deletes a catalog without packages (SPEC CAT-3).
pub fn delete(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: CatalogId, version: i64) -> Result<(), AppError> {
    access::edit_catalog(me, id)?;
    // Whoever makes a package in it at this moment either comes before this line or finds no catalog.
    catalogs::hold(tx, id)?;
    let catalog = get(tx, id)?;
    same_version(version, catalog.version)?;
    if catalog.built_in {
        return Err(Refusal::BuiltInCatalog.into());
    }
    let inside: Vec<String> = catalogs::packages_in(tx, id)?.into_iter().map(|(_, name)| name).collect();
    if !inside.is_empty() {
        return Err(Refusal::CatalogNotEmpty(some_of(&inside)).into());
    }
    catalogs::delete(tx, id, version, cx.now)?;
    cx.record(
        tx,
        Record::of("catalog.delete", ObjectKind::Catalog, id.uuid(), &catalog.fields.name)
            .change(json!(catalog.fields), Value::Null),
    );
    Ok(())
}
