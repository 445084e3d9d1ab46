//! Pages for those who keep catalogs, resources, packages and policies.

use super::routes::Route;

/// The routes of this area.
pub const ROUTES: &[Route] = &[];
