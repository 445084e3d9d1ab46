//! The path on which a catalog is handed to a department: the catalog is there, then owners, resources and somebody who
//! makes packages are named, in any order, now or later.

text_enum! {
    /// How far a step of the path is.
    pub enum Progress {
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
        /// Left out on purpose.
        Skipped = "skipped",
    }
}

text_enum! {
    /// A step after the catalog was made.
    pub enum Step {
        /// Name the people or groups who own the catalog.
        Owners = "owners",
        /// Add resources.
        Resources = "resources",
        /// Name somebody who makes packages.
        Managers = "managers",
    }
}

/// How far the path of a catalog is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handover {
    /// The owners.
    pub owners: Progress,
    /// The resources.
    pub resources: Progress,
    /// Whoever makes packages.
    pub managers: Progress,
}

impl Handover {
    /// At its beginning.
    pub const BEGUN: Self =
        Self { owners: Progress::Open, resources: Progress::Open, managers: Progress::Open };

    /// How far a step is.
    pub fn of(&self, step: Step) -> Progress {
        match step {
            Step::Owners => self.owners,
            Step::Resources => self.resources,
            Step::Managers => self.managers,
        }
    }

    /// The same with this step so far.
    #[must_use]
    pub fn with(mut self, step: Step, progress: Progress) -> Self {
        match step {
            Step::Owners => self.owners = progress,
            Step::Resources => self.resources = progress,
            Step::Managers => self.managers = progress,
        }
        self
    }

    /// The same with what was done elsewhere: the pages of the catalog do the same work.
    #[must_use]
    pub fn seen(mut self, step: Step, there: bool) -> Self {
        if there && self.of(step) == Progress::Open {
            self = self.with(step, Progress::Done);
        }
        self
    }

    /// What is to be done, in order.
    pub fn open(&self) -> Vec<Step> {
        Step::ALL.iter().copied().filter(|s| self.of(*s) == Progress::Open).collect()
    }

    /// The step to go on with after this one: the next that is open, from there on and then from the start.
    pub fn after(&self, step: Step) -> Option<Step> {
        let open = self.open();
        let later = Step::ALL.iter().skip_while(|s| **s != step).skip(1);
        later.copied().find(|s| open.contains(s)).or(open.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_goes_on_with_what_is_open_and_ends() {
        let begun = Handover::BEGUN;
        assert_eq!(begun.open(), Step::ALL);
        let skipped = begun.with(Step::Owners, Progress::Skipped);
        assert_eq!(skipped.after(Step::Owners), Some(Step::Resources));
        let later = begun.with(Step::Managers, Progress::Done);
        assert_eq!(later.after(Step::Managers), Some(Step::Owners), "back to what was left open");
        let all = skipped.with(Step::Resources, Progress::Done).seen(Step::Managers, true);
        assert_eq!((all.open(), all.after(Step::Resources)), (vec![], None));
        assert_eq!(skipped.seen(Step::Owners, true).owners, Progress::Skipped);
    }
}
