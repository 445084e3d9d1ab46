//! The directory: users, groups, directory-wide roles, and the list of the audit log (SPEC sections 2 and 3).

mod groups;
mod roles;
mod sponsors;
mod users;

use latchkey::domain::access::manage_directory;
use latchkey::domain::directory::{Profile, User, UserKind};
use latchkey::kernel::Email;
use latchkey::kernel::ids::UserId;
use latchkey::store::users as store;

use crate::support::Test;

/// What is known of somebody new.
pub fn profile(name: &str, email: &str) -> Profile {
    Profile {
        email: Email::parse(email).expect("an address"),
        display_name: name.to_owned(),
        given_name: String::new(),
        surname: String::new(),
        kind: UserKind::Member,
        department: String::new(),
        job_title: String::new(),
        company: String::new(),
        office: String::new(),
        country: String::new(),
        employee_id: String::new(),
        hired_on: None,
        manager: None,
        time_zone: "UTC".to_owned(),
        locale: "en".to_owned(),
        extension: std::collections::BTreeMap::default(),
    }
}

/// The user as kept, deleted or not.
pub fn user(t: &Test, id: UserId) -> User {
    t.read(|conn| store::find_with_deleted(conn, id)).expect("the user")
}

/// The administrator disables somebody.
pub fn disable(t: &mut Test, id: UserId) {
    let version = user(t, id).version;
    t.write_as("root", |tx, cx, me| {
        latchkey::app::directory::users::disable(tx, cx, manage_directory(me)?, id, version)
    });
}
