//! Pages for everybody: home, packages, own requests and access.

use super::routes::Route;

/// The routes of this area.
pub const ROUTES: &[Route] = &[];
