//! Who has a resource and through what, as a file (SPEC RPT-1, PGE-2).

use actix_web::web::Path;

use super::common::me;
use super::resource::load;
use crate::kernel::ids::ResourceId;
use crate::kernel::{Moment, PageRequest};
use crate::store::views::resource as views;
use crate::web::csv::Csv;
use crate::web::{Answer, Query, Signed};

/// `GET /resources/{id}/export.csv`: every role, or the one that is shown; a row for each way in which somebody has it.
pub async fn export(s: Signed, id: Path<ResourceId>, query: Query<super::resource::ShowQuery>) -> Answer {
    let (id, who, asked) = (id.into_inner(), me(&s), query.0);
    let all = s
        .read(move |conn| {
            let seen = load(conn, &who, id)?;
            let mut all = Vec::new();
            for role in seen.roles {
                if asked.narrows_to(&role) {
                    let found = views::who_has(conn, &role, asked.words(), PageRequest::everything())?;
                    all.push((role.name, found.items));
                }
            }
            Ok(all)
        })
        .await?;
    let mut csv =
        Csv::new(&["Role", "Name", "E-mail", "Enabled", "Since", "Package", "Policy", "From", "Until"]);
    let instant = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
    for (role, people) in all {
        for person in people {
            let enabled = if person.enabled { "yes" } else { "no" };
            let mut row = |package: &str, policy: &str, from: Option<Moment>, until: Option<Moment>| {
                csv.row([
                    role.as_str(),
                    &person.name,
                    &person.email,
                    enabled,
                    &person.since.to_string(),
                    package,
                    policy,
                    &instant(from),
                    &instant(until),
                ]);
            };
            if person.through.is_empty() {
                row("given by hand", "", None, None);
            }
            for t in &person.through {
                row(&t.package_name, &t.policy, Some(t.starts_at), t.ends_at);
            }
        }
    }
    csv.answer("resource")
}
