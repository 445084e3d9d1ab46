//! What people do by hand in the story: the owners of the door system and of the accounting work their tasks off
//! most mornings, a day late at times; the last few are left to whoever plays with the demonstration.

use super::Demo;
use crate::app::AppError;
use crate::app::fulfil::{self, Answer, Choice};
use crate::domain::fulfilment::ManualSettings;
use crate::kernel::ids::ResourceId;
use crate::store::{Tx, resources, tasks};

/// Resources that nobody but people can reach, and the days that their owners have.
const BY_HAND: &[(&str, u8)] = &[("Door system", 3), ("Accounting", 2)];
/// How many tasks are worked off in one morning.
const MOST: i64 = 50;

/// Says that this resource is served by hand, if it is.
pub(super) fn mark(tx: &mut Tx<'_>, demo: &Demo, name: &str, id: ResourceId) -> Result<(), AppError> {
    let Some((_, days)) = BY_HAND.iter().find(|(resource, _)| *resource == name) else {
        return Ok(());
    };
    let (cx, root) = demo.as_person(tx, "root")?;
    let version = resources::find(tx, id)?.ok_or(AppError::NotFound)?.version;
    let choice = Choice::ByHand(ManualSettings { days: *days });
    fulfil::set_connector(tx, &cx, &root, id, version, choice)
}

/// A morning: what was written before is done by whoever is asked first; now and then something cannot be.
pub(super) fn work(tx: &mut Tx<'_>, demo: &Demo) -> Result<(), AppError> {
    let now = demo.app.now();
    for task in tasks::open_before(tx, now - chrono::Duration::hours(12), MOST)? {
        let (_, around) = tasks::around_one(tx, &task)?;
        let Some(by) = around.asked(task.subject_id).1.into_iter().next() else {
            continue;
        };
        let (cx, me) = demo.as_user(tx, by)?;
        let (answer, words) = match task.subject_id.0.as_u128() % 11 {
            0 => (Answer::Cannot, "There is no free badge left. New ones come next week."),
            1..4 => (Answer::Done, "Tried it out together, works."),
            _ => (Answer::Done, ""),
        };
        fulfil::close(tx, &cx, &me, task.id, answer, words)?;
    }
    Ok(())
}
