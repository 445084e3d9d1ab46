//! The story of a request or an assignment, step by step (SPEC REQ-8).

use askama::Template;

use super::{Tone, When};

/// One step.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// When it happened, or will.
    pub when: When,
    /// An icon of the sprite.
    pub icon: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// What happened: `Approved in stage 1`.
    pub title: String,
    /// Who did it; none for the portal itself.
    pub who: Option<String>,
    /// Their words, such as a justification.
    pub text: Option<String>,
    /// Further facts, a line each.
    pub details: Vec<String>,
}

impl TimelineItem {
    /// A step without a person or words.
    pub fn new(when: When, icon: &'static str, tone: Tone, title: impl Into<String>) -> Self {
        Self { when, icon, tone, title: title.into(), who: None, text: None, details: Vec::new() }
    }

    /// Names who did it.
    #[must_use]
    pub fn who(mut self, who: impl Into<String>) -> Self {
        self.who = Some(who.into());
        self
    }

    /// Quotes their words; nothing when they are blank.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.text = (!text.trim().is_empty()).then_some(text);
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }
}

/// All steps, in the order given.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/timeline.html")]
pub struct Timeline {
    /// The steps.
    pub items: Vec<TimelineItem>,
}

impl Timeline {
    /// A timeline.
    pub fn new(items: Vec<TimelineItem>) -> Self {
        Self { items }
    }
}
