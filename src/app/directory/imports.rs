//! A file of users on its way: uploaded, looked at, confirmed, carried out in the background (SPEC DIR-3).

use serde_json::json;

use super::import::{Counts, apply};
use crate::app::{App, AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{Permit, manage_directory, task::ManageDirectory};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::import;
use crate::kernel::ids::{EntityId as _, ImportId};
use crate::store::imports::{self, Import, ImportState};
use crate::store::jobs::{self, NewJob};
use crate::store::{Tx, principals};

/// The kind of job that carries an import out.
pub const JOB: &str = "userImport";

/// For how long a file that nobody confirms is kept.
const KEPT: chrono::Duration = chrono::Duration::days(1);

/// Keeps a file to be looked at. Nothing of it is written.
pub fn start(
    tx: &mut Tx<'_>,
    cx: &Cx,
    permit: Permit<ManageDirectory>,
    file_name: &str,
    content: &str,
) -> Result<ImportId, AppError> {
    imports::purge(tx, cx.now - KEPT)?;
    let import = Import {
        id: cx.id(),
        file_name: file_name.to_owned(),
        content: content.to_owned(),
        invite: false,
        state: ImportState::Previewed,
        fingerprint: String::new(),
        result: String::new(),
        created_by: permit.by(),
        created_at: cx.now,
        finished_at: None,
        version: 1,
    };
    imports::insert(tx, &import)?;
    Ok(import.id)
}

/// Confirms what was seen; it is carried out in the background. Confirmed twice it is one import.
pub fn confirm(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: ImportId,
    fingerprint: &str,
    invite: bool,
) -> Result<(), AppError> {
    let mut import = imports::find(tx, id)?.ok_or(AppError::NotFound)?;
    if import.created_by != cx.user().ok_or(AppError::NotFound)? {
        return Err(AppError::NotFound);
    }
    if import.state != ImportState::Previewed {
        return Ok(());
    }
    import.state = ImportState::Waiting;
    import.invite = invite;
    fingerprint.clone_into(&mut import.fingerprint);
    imports::save(tx, &import)?;
    let job = NewJob {
        id: cx.id(),
        kind: JOB.to_owned(),
        payload: json!({ "import": id }),
        dedupe_key: Some(format!("{JOB}/{id}")),
        run_at: cx.now,
        now: cx.now,
    };
    jobs::enqueue(tx, job)?;
    Ok(())
}

/// Carries a confirmed import out, all of it in one transaction, in the name of whoever confirmed it and may still do
/// so. What refuses it is kept for their page.
pub fn run(app: &App, id: ImportId) -> Result<(), AppError> {
    let Some(import) = app.db.read_now(|conn| imports::find(conn, id))? else { return Ok(()) };
    if import.state != ImportState::Waiting {
        return Ok(());
    }
    let done = match import::read(&import.content) {
        Err(why) => Err(Refusal::BadText(why).into()),
        Ok(sheet) => app.db.write_now(|tx| {
            let me = principals::load(tx, import.created_by)?.ok_or(Refusal::UserDisabled)?;
            let cx = app.cx(&me, "import", format!("import-{id}"));
            let permit = manage_directory(&me)?;
            let counts = apply(tx, &cx, permit, &sheet, &import.fingerprint, import.invite)?;
            finish(tx, &cx, &import, ImportState::Done, &words(counts))?;
            Ok::<_, AppError>(())
        }),
    };
    match done {
        Err(AppError::Refused(refusal)) => {
            let cx = app.system_cx(format!("import-{id}"));
            app.db.write_now(|tx| finish(tx, &cx, &import, ImportState::Refused, &refusal.to_string()))
        }
        Err(AppError::Denied(denied)) => {
            let cx = app.system_cx(format!("import-{id}"));
            app.db.write_now(|tx| finish(tx, &cx, &import, ImportState::Refused, &denied.to_string()))
        }
        other => other,
    }
}

fn words(counts: Counts) -> String {
    let Counts { added, changed, same, .. } = counts;
    format!("{added} added, {changed} changed, {same} were so already.")
}

fn finish(
    tx: &mut Tx<'_>,
    cx: &Cx,
    import: &Import,
    state: ImportState,
    result: &str,
) -> Result<(), AppError> {
    let over = Import { state, result: result.to_owned(), finished_at: Some(cx.now), ..import.clone() };
    imports::save(tx, &over)?;
    let record = Record::of("users.import", ObjectKind::Setting, import.id.uuid(), &import.file_name);
    cx.record(tx, record.change(json!(null), json!({ "state": state, "result": result })));
    Ok(())
}
