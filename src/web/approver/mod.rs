//! Pages for approvers: what waits, one request, the emailed decision.

use super::routes::Route;

/// The routes of this area.
pub const ROUTES: &[Route] = &[];
