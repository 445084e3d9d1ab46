//! Pages of the own account: signing in and out, passwords, profile, links.

use super::routes::Route;

/// The routes of this area.
pub const ROUTES: &[Route] = &[];
