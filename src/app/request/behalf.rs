//! Managers and the people who report to them (SPEC POL-6): who may ask for whom is read when it is asked.

use super::gate::Offer;
use crate::app::AppError;
use crate::domain::Refusal;
use crate::kernel::ids::UserId;
use crate::store::{Conn, people};

/// Somebody reports to somebody: shown once, demanded by whatever a manager does for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Who reports.
    pub person: UserId,
    /// To whom.
    pub manager: UserId,
}

/// Does the person report to the manager directly, right now? To anybody else the person is not found: who reports
/// to whom is nothing to be tried out.
pub fn reports_to(conn: &mut Conn, person: UserId, manager: UserId) -> Result<Report, AppError> {
    let managers = people::managers(conn, &[person].into())?;
    if person != manager && managers.get(&person) == Some(&manager) && people::person(conn, person)?.is_some()
    {
        Ok(Report { person, manager })
    } else {
        Err(AppError::NotFound)
    }
}

/// The ways that managers may take for their reports.
pub(super) fn only(offers: Vec<Offer>) -> Result<Vec<Offer>, AppError> {
    let open: Vec<Offer> = offers.into_iter().filter(|o| o.terms.on_behalf).collect();
    if open.is_empty() { Err(Refusal::NotOnBehalf.into()) } else { Ok(open) }
}
