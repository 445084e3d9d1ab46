//! What mails tell of people and packages, by name.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{
    catalogs, connected_organizations, package_roles, packages, policy_versions, resource_roles, resources,
    users,
};
use super::types::Json;
use crate::domain::policy::Terms;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, OrganizationId, PackageId, PolicyId, UserId};

/// A person as mails show them and write to them.
#[derive(Debug, Clone)]
pub struct Card {
    /// Name as shown.
    pub name: String,
    /// Address.
    pub address: String,
    /// Language and region.
    pub locale: String,
    /// Time zone.
    pub time_zone: String,
    /// Job title, may be empty.
    pub job_title: String,
    /// Department, may be empty.
    pub department: String,
    /// Connected organization, else company; may be empty.
    pub organization: String,
    /// Neither disabled nor deleted?
    pub active: bool,
}

/// A person, a deleted one too.
pub fn card(conn: &mut Conn, id: UserId) -> Result<Option<Card>, StoreError> {
    type Columns = (
        (String, String, String, String),
        (String, String, String),
        Option<OrganizationId>,
        bool,
        Option<Moment>,
    );
    let row: Option<Columns> = users::table
        .find(id)
        .select((
            (users::display_name, users::email, users::locale, users::time_zone),
            (users::job_title, users::department, users::company),
            users::organization_id,
            users::enabled,
            users::deleted_at,
        ))
        .first(conn)
        .optional()?;
    let Some((
        (name, address, locale, time_zone),
        (job_title, department, company),
        organization,
        enabled,
        gone,
    )) = row
    else {
        return Ok(None);
    };
    let organization = match organization {
        Some(id) => connected_organizations::table
            .find(id)
            .select(connected_organizations::name)
            .first(conn)
            .optional()?
            .unwrap_or(company),
        None => company,
    };
    Ok(Some(Card {
        name,
        address,
        locale,
        time_zone,
        job_title,
        department,
        organization,
        active: enabled && gone.is_none(),
    }))
}

/// The names of a package and its catalog, deleted ones too.
pub fn package(conn: &mut Conn, id: PackageId) -> Result<(String, String), StoreError> {
    Ok(packages::table
        .inner_join(catalogs::table)
        .filter(packages::id.eq(id))
        .select((packages::name, catalogs::name))
        .first(conn)?)
}

/// What a package gives now: "Resource: role".
pub fn package_roles(conn: &mut Conn, id: PackageId) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, String)> = package_roles::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(package_roles::package_id.eq(id))
        .order((resources::name_folded, resource_roles::name_folded, resource_roles::id))
        .select((resources::name, resource_roles::name))
        .load(conn)?;
    Ok(named(rows))
}

/// What an assignment gives or gave: "Resource: role".
pub fn assignment_roles(conn: &mut Conn, id: AssignmentId) -> Result<Vec<String>, StoreError> {
    use super::schema::deliveries;
    let rows: Vec<(String, String)> = deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(deliveries::assignment_id.eq(id))
        .order((resources::name_folded, resource_roles::name_folded, resource_roles::id))
        .select((resources::name, resource_roles::name))
        .load(conn)?;
    Ok(named(rows))
}

fn named(rows: Vec<(String, String)>) -> Vec<String> {
    rows.into_iter().map(|(resource, role)| format!("{resource}: {role}")).collect()
}

/// The terms of a policy as they were in this version (SPEC POL-4).
pub fn terms(conn: &mut Conn, policy: PolicyId, version: i32) -> Result<Terms, StoreError> {
    let json: Json =
        policy_versions::table.find((policy, version)).select(policy_versions::terms).first(conn)?;
    json.read()
}
