//! Required attributes of resources, and what people answered (SPEC CAT-5).

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{package_roles, resource_attributes, resource_roles, resources, user_attribute_values};
use super::tx::Tx;
use super::types::Json;
use crate::domain::answers::Answer;
use crate::domain::attributes::Attribute;
use crate::domain::question::Question;
use crate::kernel::Moment;
use crate::kernel::ids::{PackageId, RequestId, ResourceId, UserId};

/// What a resource asks, in order.
pub fn of_resource(conn: &mut Conn, resource: ResourceId) -> Result<Vec<Question>, StoreError> {
    let rows: Vec<Json> = resource_attributes::table
        .filter(resource_attributes::resource_id.eq(resource))
        .order((resource_attributes::position, resource_attributes::name))
        .select(resource_attributes::question)
        .load(conn)?;
    rows.into_iter().map(Json::read).collect()
}

/// Replaces what a resource asks. Their keys are the attributes' names.
pub fn set(tx: &mut Tx<'_>, resource: ResourceId, questions: &[Question]) -> Result<(), StoreError> {
    diesel::delete(resource_attributes::table.filter(resource_attributes::resource_id.eq(resource)))
        .execute(&mut **tx)?;
    for (question, position) in questions.iter().zip(0_i32..) {
        diesel::insert_into(resource_attributes::table)
            .values((
                resource_attributes::resource_id.eq(resource),
                resource_attributes::name.eq(&question.key),
                resource_attributes::position.eq(position),
                resource_attributes::editable_later.eq(question.editable_later),
                resource_attributes::question.eq(Json::of(question)?),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What the resources of a package ask of this person, each name once, in the order of the resources' names. Where
/// any resource of the portal freezes an attribute, it is frozen: otherwise a package with a laxer resource would be
/// a way around it.
pub fn asked_with(conn: &mut Conn, package: PackageId, user: UserId) -> Result<Vec<Attribute>, StoreError> {
    let contained = package_roles::table
        .inner_join(resource_roles::table)
        .filter(package_roles::package_id.eq(package))
        .select(resource_roles::resource_id);
    let rows: Vec<Json> = resource_attributes::table
        .inner_join(resources::table)
        .filter(resource_attributes::resource_id.eq_any(contained))
        .filter(resources::deleted_at.is_null())
        .order((resources::name_folded, resources::id, resource_attributes::position))
        .select(resource_attributes::question)
        .load(conn)?;
    let mut names = BTreeSet::new();
    let mut asked = Vec::new();
    for row in rows {
        let question: Question = row.read()?;
        if names.insert(question.key.clone()) {
            asked.push(question);
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let frozen: Vec<String> = resource_attributes::table
        .inner_join(resources::table)
        .filter(resource_attributes::name.eq_any(names))
        .filter(resource_attributes::editable_later.eq(false))
        .filter(resources::deleted_at.is_null())
        .select(resource_attributes::name)
        .load(conn)?;
    let mut stored: HashMap<String, Answer> =
        stored(conn, user)?.into_iter().map(|s| (s.name, s.answer)).collect();
    Ok(asked
        .into_iter()
        .map(|mut question| {
            question.editable_later &= !frozen.contains(&question.key);
            let answer = stored.remove(&question.key);
            Attribute::new(question, answer)
        })
        .collect())
}

/// An answer that is stored on a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The attribute's name.
    pub name: String,
    /// The answer, with the wording that the person saw.
    pub answer: Answer,
    /// When it was stored.
    pub at: Moment,
}

/// Everything that is stored on a person.
pub fn stored(conn: &mut Conn, user: UserId) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<(String, Json, Moment)> = user_attribute_values::table
        .filter(user_attribute_values::user_id.eq(user))
        .order(user_attribute_values::name)
        .select((
            user_attribute_values::name,
            user_attribute_values::answer,
            user_attribute_values::updated_at,
        ))
        .load(conn)?;
    rows.into_iter().map(|(name, answer, at)| Ok(Stored { name, answer: answer.read()?, at })).collect()
}

/// Stores an answer on a person, instead of an earlier one.
pub fn store(
    tx: &mut Tx<'_>,
    user: UserId,
    name: &str,
    answer: &Answer,
    request: RequestId,
    now: Moment,
) -> Result<(), StoreError> {
    let of_user = user_attribute_values::table
        .filter(user_attribute_values::user_id.eq(user))
        .filter(user_attribute_values::name.eq(name));
    diesel::delete(of_user).execute(&mut **tx)?;
    diesel::insert_into(user_attribute_values::table)
        .values((
            user_attribute_values::user_id.eq(user),
            user_attribute_values::name.eq(name),
            user_attribute_values::answer.eq(Json::of(answer)?),
            user_attribute_values::request_id.eq(Some(request)),
            user_attribute_values::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
