//! Editing and deleting a resource (SPEC CAT-4).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::catalog::RawVersion;
use super::common::{ConfirmPage, ConfirmPageView, FormPage, FormPageView, fine, me, version_of};
use super::resource::load_to_edit;
use super::resource_fields::{self, About};
use crate::app::catalog::resources::{self as cases, ResourceEdit};
use crate::domain::Refusal;
use crate::domain::access::CatalogTask;
use crate::domain::directory::Holder;
use crate::kernel::ids::ResourceId;
use crate::kernel::paths;
use crate::store::{catalogs, resources};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{ConfirmView, EntryView, FieldView, FormView};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// What is typed about a resource.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
    name: String,
    description: String,
    usage: String,
    link: String,
    #[serde(default)]
    owners: Vec<String>,
}

impl Raw {
    fn about(&self) -> About<'_> {
        About { name: &self.name, description: &self.description, usage: &self.usage, link: &self.link }
    }
}

async fn edit_page(
    s: &Signed,
    id: ResourceId,
    typed: Option<(&Raw, Vec<EntryView>)>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (seen, lines, suggestions) = s
        .read(move |conn| {
            let seen = load_to_edit(conn, &who, id)?;
            let owners: Vec<Holder> = resources::owners(conn, id)?.into_iter().map(Holder::User).collect();
            let lines = pickers::lines(conn, &owners)?;
            Ok((seen, lines, Suggestions::load(conn, Pick::People)?))
        })
        .await?;
    let fields = &seen.resource.fields;
    let saved = Raw {
        version: seen.resource.version.to_string(),
        name: fields.name.clone(),
        description: fields.description.clone(),
        usage: fields.usage.clone(),
        link: fields.link.clone(),
        owners: lines.clone(),
    };
    let (mut raw, entries) = match typed {
        Some((raw, entries)) => (raw.clone(), entries),
        None => (saved.clone(), lines.iter().map(|l| EntryView::new(l.clone(), None)).collect()),
    };
    if stale {
        raw.version.clone_from(&saved.version);
    }
    let shell = s.shell("Edit resource", seen.way_below());
    let form = FormView::new(paths::resource_tab(id, "edit"), &shell.csrf, "Save")
        .field(FieldView::hidden("version", &raw.version));
    let owners = resource_fields::owners(entries, &suggestions, "They answer for the resource.").required();
    let form = raw
        .about()
        .fields(form, FieldView::text("name", "Name").required(), errors)
        .field(owners)
        .cancel(paths::resource(id))
        .checked(errors.form.clone());
    let current = if stale {
        vec![
            ("Name".to_owned(), saved.name),
            ("Description".to_owned(), saved.description),
            ("How to use it".to_owned(), saved.usage),
            ("Link".to_owned(), saved.link),
            ("Owners".to_owned(), saved.owners.join(", ")),
        ]
    } else {
        Vec::new()
    };
    let view = FormPageView::new("", form).beside(current);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /resources/{id}/edit`
pub async fn edit(s: Signed, id: Path<ResourceId>) -> Answer {
    edit_page(&s, id.into_inner(), None, &fine(), false, StatusCode::OK).await
}

/// `POST /resources/{id}/edit`
pub async fn save(s: Signed, id: Path<ResourceId>, Form(raw): Form<Raw>) -> Answer {
    let (id, who, typed) = (id.into_inner(), me(&s), raw.owners.clone());
    let version = version_of(&raw.version)?;
    let mut picked = s
        .read(move |conn| {
            load_to_edit(conn, &who, id)?;
            Ok(pickers::resolve(conn, &typed, Pick::People)?)
        })
        .await?;
    let mut errors = FormErrors::new();
    let about = raw.about().read(&mut errors, false);
    if picked.entries.is_empty() {
        let text = Refusal::NoResourceOwner.to_string();
        picked.entries.push(EntryView::new("", Some(text)));
    }
    let edit = match about {
        Some(about) if picked.is_clear() => ResourceEdit {
            name: about.name,
            description: about.description,
            usage: about.usage,
            link: about.link,
            owners: picked.users(),
        },
        _ => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return edit_page(&s, id, Some((&raw, picked.entries)), &errors, false, status).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::edit(tx, cx, me, id, version, &edit)).await? {
        Ok(()) => redirect_with(paths::resource(id), Flash::success("Resource saved.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            let (typed, status) = (Some((&raw, picked.entries)), StatusCode::CONFLICT);
            edit_page(&s, id, typed, &refusal.into(), stale, status).await
        }
    }
}

/// `GET /resources/{id}/delete`
pub async fn ask_delete(s: Signed, id: Path<ResourceId>) -> Answer {
    delete_page(&s, id.into_inner(), None, StatusCode::OK).await
}

async fn delete_page(s: &Signed, id: ResourceId, refused: Option<Refusal>, status: StatusCode) -> Answer {
    let who = me(s);
    let (seen, holding) = s
        .read(move |conn| {
            let seen = load_to_edit(conn, &who, id)?;
            Ok((seen, catalogs::holding_resource(conn, id)?))
        })
        .await?;
    let shell = s.shell("Delete resource", seen.way_below());
    let back = paths::resource(id);
    let name = &seen.resource.fields.name;
    let view = if holding.is_empty() {
        let form = FormView::new(paths::resource_tab(id, "delete"), &shell.csrf, "Delete resource")
            .field(FieldView::hidden("version", seen.resource.version.to_string()))
            .danger()
            .cancel(&back)
            .checked(refused.map(|r| r.to_string()));
        let lines = vec!["Past requests and the audit log keep its name.".to_owned()];
        ConfirmPageView::ask(ConfirmView::new(format!("Delete the resource {name}?"), lines, form), back)
    } else {
        let links = holding
            .into_iter()
            .map(|(catalog, name)| {
                let may = s.principal.may_in(CatalogTask::See, catalog);
                (name, may.then(|| paths::catalog_tab(catalog, "resources")))
            })
            .collect();
        ConfirmPageView::blocked(
            format!("{name} is still in catalogs. Remove it from these first:"),
            links,
            back,
        )
    };
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// `POST /resources/{id}/delete`
pub async fn delete(s: Signed, id: Path<ResourceId>, Form(raw): Form<RawVersion>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    match s.attempt(move |tx, cx, me| cases::delete(tx, cx, me, id, version)).await? {
        Ok(()) => redirect_with("/", Flash::success("Resource deleted.")),
        Err(refusal) => delete_page(&s, id, Some(refusal), StatusCode::CONFLICT).await,
    }
}
