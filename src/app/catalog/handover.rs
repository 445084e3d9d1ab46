//! Handing a catalog to a department, step by step; each step is saved when it is done (SPEC section 2).

use serde_json::{Value, json};

use super::{catalogs, resources, roles};
use crate::app::{AppError, Cx};
use crate::domain::access::{self, CatalogRole, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::CatalogFields;
use crate::domain::directory::Holder;
use crate::domain::handover::{Progress, Step};
use crate::kernel::ids::{CatalogId, EntityId as _, ResourceId};
use crate::store::{Tx, handovers};

/// What is done in a step.
#[derive(Debug, Clone)]
pub enum Act {
    /// These own the catalog too.
    Owners(Vec<Holder>),
    /// These resources come into it.
    Resources(Vec<ResourceId>),
    /// These make its packages.
    Managers(Vec<Holder>),
    /// Nothing: the step is left out.
    Skip(Step),
}

impl Act {
    fn step(&self) -> Step {
        match self {
            Self::Owners(_) => Step::Owners,
            Self::Resources(_) => Step::Resources,
            Self::Managers(_) => Step::Managers,
            Self::Skip(step) => *step,
        }
    }
}

/// Makes the catalog and begins the path.
pub fn begin(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    fields: &CatalogFields,
) -> Result<CatalogId, AppError> {
    let id = catalogs::create(tx, cx, me, fields)?;
    handovers::begin(tx, id, cx.now)?;
    Ok(id)
}

/// Does a step. What comes next; `None` at the end of the path.
pub fn go(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    act: &Act,
) -> Result<Option<Step>, AppError> {
    access::edit_catalog(me, catalog)?;
    let name = catalogs::get(tx, catalog)?.fields.name;
    match act {
        Act::Owners(holders) => {
            roles::grant(tx, cx, me, catalog, CatalogRole::Owner, holders)?;
        }
        Act::Managers(holders) => {
            roles::grant(tx, cx, me, catalog, CatalogRole::PackageManager, holders)?;
        }
        Act::Resources(chosen) => {
            for resource in chosen {
                resources::add(tx, cx, me, catalog, *resource)?;
            }
        }
        Act::Skip(_) => {}
    }
    let step = act.step();
    // A path that was ended meanwhile stays at its end; what was done in the step counts.
    let Some(before) = handovers::find(tx, catalog)? else {
        return Ok(None);
    };
    let progress = if matches!(act, Act::Skip(_)) { Progress::Skipped } else { Progress::Done };
    let path = match (act, before.of(step)) {
        // Going on over what is done leaves it done.
        (Act::Skip(_), Progress::Done) => before,
        _ => before.with(step, progress),
    };
    if path.open().is_empty() {
        handovers::end(tx, catalog)?;
    } else {
        handovers::save(tx, catalog, path)?;
    }
    cx.record(
        tx,
        Record::of("catalog.handOver", ObjectKind::Catalog, catalog.uuid(), name).change(
            json!({ "step": step, "was": before.of(step) }),
            json!({ "step": step, "is": path.of(step) }),
        ),
    );
    Ok(path.after(step))
}

/// Ends the path where it is.
pub fn end(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, catalog: CatalogId) -> Result<(), AppError> {
    access::edit_catalog(me, catalog)?;
    let name = catalogs::get(tx, catalog)?.fields.name;
    if handovers::find(tx, catalog)?.is_some() {
        handovers::end(tx, catalog)?;
        cx.record(
            tx,
            Record::of("catalog.handOver", ObjectKind::Catalog, catalog.uuid(), name)
                .change(json!({ "path": "open" }), Value::Null),
        );
    }
    Ok(())
}
