//! What approvers allow of what was asked (SPEC APR-9).

use chrono_tz::Tz;

use crate::domain::allowance::{Allowance, Asked};
use crate::domain::policy::Terms;
use crate::store::requests::{self, Request};
use crate::store::{Conn, StoreError, assignments};

/// What a request asks for, as far as time goes; `zone` is the instance's.
pub fn asked(conn: &mut Conn, request: &Request, terms: &Terms, zone: Tz) -> Result<Asked, StoreError> {
    let present_end = match request.assignment {
        Some(held) if !request.kind.adds() => assignments::find(conn, held)?.and_then(|a| a.ends_at),
        _ => None,
    };
    Ok(Asked {
        expiry: terms.expiry,
        zone,
        wanted: Allowance { start: request.wanted_start, end: request.wanted_end },
        present_end,
    })
}

/// What the approvers of a request allowed so far: of several the strictest.
pub fn allowed(conn: &mut Conn, request: &Request) -> Result<Allowance, StoreError> {
    // Nobody was asked, so nobody allowed less.
    if request.stages == 0 {
        return Ok(Allowance::default());
    }
    Ok(requests::allowed(&requests::votes_of(conn, request.id)?))
}
