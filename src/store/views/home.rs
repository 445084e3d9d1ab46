//! Home: what needs the person, then what they most likely want next (SPEC section 14).

use super::access::{self, AccessRow, Part};
use super::browse::{self, PackageCard};
use super::offer::Asker;
use super::requests::{self, RequestRow, Which};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::Conn;
use crate::store::error::StoreError;

/// Access that ends within so many days is mentioned.
pub const SOON_DAYS: i64 = 14;
/// So many rows of each kind; the lists have the rest.
const MOST: i64 = 5;

/// What the home page shows.
#[derive(Debug, Clone)]
pub struct Home {
    /// The newest of the person's requests that are on their way, and how many there are.
    pub open: Page<RequestRow>,
    /// Access that ends soon, the soonest first.
    pub ending: Vec<AccessRow>,
    /// How much the person can use.
    pub active: i64,
    /// What colleagues of the department have and the person could ask for.
    pub suggested: Vec<PackageCard>,
}

/// The person's home page.
pub fn load(conn: &mut Conn, asker: &Asker, now: Moment) -> Result<Home, StoreError> {
    let first = PageRequest { number: 1, size: MOST };
    let soon = now + chrono::Duration::days(SOON_DAYS);
    Ok(Home {
        open: requests::mine(conn, asker.user, Which::Open, "", first, now)?,
        ending: access::ending(conn, asker.user, soon, MOST, now)?,
        active: access::count(conn, asker.user, Part::Active, now)?,
        suggested: browse::suggested(conn, asker, 3, now)?,
    })
}
