//! About access that somebody has or had.

use super::super::facts::Access;
use super::super::letter::Letter;
use super::super::time::{day, exact};
use super::{Pen, REQUESTOR, capital};
use crate::kernel::{Moment, paths};

impl Pen<'_> {
    pub(super) fn access_delivered(&self, a: &Access) -> Letter {
        let until =
            a.ends_at.map_or_else(|| "It does not end by itself".to_owned(), |at| exact(at, self.to.zone));
        if let Some((person, name)) = &a.holder {
            return Letter {
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
            .list("Gives", &a.roles)
            .fact("Until", until);
        }
        Letter {
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
        .list("Gives", &a.roles)
        .fact("Until", until)
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
