//! Pages for administrators and auditors: users, groups, roles, audit, mail.

use super::routes::Route;

/// The routes of this area.
pub const ROUTES: &[Route] = &[];
