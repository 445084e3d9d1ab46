//! About access that somebody has or had.

use super::super::facts::Access;
use super::super::letter::Letter;
use super::super::time::{day, exact};
use super::{MANAGER, Pen, REQUESTOR, capital};
use crate::kernel::ids::RequestId;
use crate::kernel::{Moment, paths};

impl Pen<'_> {
    pub(super) fn access_delivered(&self, a: &Access) -> Letter {
        if let Some((person, name)) = &a.holder {
            let letter = Letter {
                subject: format!("{name} now has access to {}", a.package),
                heading: format!("{name} now has access to {}", a.package),
                opening: vec![format!(
                    "You asked for “{}” for {name}. Everything that it gives has been delivered.",
                    a.package
                )],
                button: Some(("See what they have", self.url(&paths::team_person(*person)))),
                why: REQUESTOR,
                ..Letter::default()
            }
            .fact("Package", a.package.as_str())
            .list("Gives", &a.roles);
            return self.lasts(letter, a);
        }
        let letter = Letter {
            subject: format!("You now have access to {}", a.package),
            heading: format!("You now have access to {}", a.package),
            opening: vec![format!(
                "Everything that “{}” gives has been delivered. You can use it now.",
                a.package
            )],
            button: Some(("See what you can do with it", self.url(&paths::access(a.assignment)))),
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Gives", &a.roles);
        self.lasts(letter, a)
    }

    /// When it ends; and where the approvers allowed less than was asked, both (SPEC APR-9).
    fn lasts(&self, letter: Letter, a: &Access) -> Letter {
        let zone = self.to.zone;
        let until = a.ends_at.map_or_else(|| "It does not end by itself".to_owned(), |at| exact(at, zone));
        let shorter = a.less.filter(|less| less.allowed.end.is_some());
        let asked_end = shorter
            .map(|less| less.asked_end.map_or_else(|| "Without an end".to_owned(), |at| exact(at, zone)));
        let later = a.less.filter(|less| less.allowed.start.is_some());
        letter
            .fact("Asked from", later.map(|less| exact(less.asked_start, zone)).unwrap_or_default())
            .fact("Asked until", asked_end.unwrap_or_default())
            .fact(if shorter.is_some() { "Approved until" } else { "Until" }, until)
    }

    pub(super) fn extension_reminder(&self, a: &Access, ends_at: Moment) -> Letter {
        let zone = self.to.zone;
        Letter {
            subject: format!("Extend access for {} by {}", a.package, day(ends_at, zone)),
            heading: format!("Your access to {} ends soon", a.package),
            opening: vec![format!(
                "“{}” ends on {}. If you still need it, ask for more time before then; you keep it without a break.",
                a.package,
                exact(ends_at, zone)
            )],
            button: Some(("Extend it", self.url(&paths::access_extend(a.assignment)))),
            closing: vec!["If you no longer need it, do nothing: it ends by itself.".to_owned()],
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Gives", &a.roles)
        .fact("Ends", exact(ends_at, zone))
    }

    /// It was scheduled, and did not begin: something stood in its way by then (SPEC DLV-8, SOD-3).
    pub(super) fn access_called_off(&self, a: &Access, why: &str) -> Letter {
        Letter {
            subject: format!("Access has ended for {}", a.package),
            heading: format!("Your access to {} did not begin", a.package),
            opening: vec![format!(
                "It was to begin now, and was called off: {}. You can ask again when nothing stands in its way.",
                why.trim_end_matches('.')
            )],
            button: Some(("See this access", self.url(&paths::access(a.assignment)))),
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Would have given", &a.roles)
    }

    /// What could not be delivered or taken back waits for somebody (SPEC DLV-3).
    pub(super) fn delivery_failed(
        &self,
        request: RequestId,
        (package, person, role): (&str, &str, &str),
        removal: bool,
        error: &str,
    ) -> Letter {
        let (what, then) = if removal {
            ("could not be taken back", "They may still have it.")
        } else {
            ("could not be delivered", "They do not have it.")
        };
        Letter {
            subject: format!("Delivery failed for {package}: {person}"),
            heading: format!("“{role}” {what}"),
            opening: vec![format!(
                "“{role}” of “{package}” {what} for {person}. {then} It is not tried again by itself any more."
            )],
            button: Some(("See what happened", self.url(&paths::request(request)))),
            closing: vec!["When the cause is removed, try it again on that page.".to_owned()],
            why: MANAGER,
            ..Letter::default()
        }
        .fact("Package", package)
        .fact("Person", person)
        .fact("Role", role)
        .quote("What went wrong".to_owned(), error)
    }

    pub(super) fn access_ended(&self, a: &Access, why: &str, reason: &str) -> Letter {
        let when = a.ends_at.map(|at| exact(at, self.to.zone)).unwrap_or_default();
        Letter {
            subject: format!("Access has ended for {}", a.package),
            heading: format!("Your access to {} has ended", a.package),
            opening: vec![format!(
                "You no longer have “{}” and what it gave you. If you still need it, ask for it again.",
                a.package
            )],
            button: Some(("See this access", self.url(&paths::access(a.assignment)))),
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Gave", &a.roles)
        .fact("Ended", when)
        .fact("Why", capital(why))
        .quote("The words that were given".to_owned(), reason)
    }
}
