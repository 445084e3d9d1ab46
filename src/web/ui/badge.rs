//! State badges: one place gives each state of the product its words, colour and icon.

use askama::Template;

/// What a colour means. Meaning never rests on the colour alone: each use has words, and most an icon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to notice.
    #[default]
    Neutral,
    /// The product's own colour.
    Primary,
    /// In progress, or good to know.
    Info,
    /// Done, active, allowed.
    Success,
    /// Needs a look soon.
    Warning,
    /// Failed, refused, removed, or about to be.
    Danger,
}

impl Tone {
    /// The word used in class names (`lk-tone-warning`).
    pub fn as_str(&self) -> &'static str {
        match self {
            Tone::Neutral => "neutral",
            Tone::Primary => "primary",
            Tone::Info => "info",
            Tone::Success => "success",
            Tone::Warning => "warning",
            Tone::Danger => "danger",
        }
    }

    /// The icon that goes with a notice of this tone.
    pub fn icon(&self) -> &'static str {
        match self {
            Tone::Success => "check-circle",
            Tone::Warning => "exclamation-triangle",
            Tone::Danger => "exclamation-octagon",
            Tone::Neutral | Tone::Primary | Tone::Info => "info-circle",
        }
    }
}

/// A state in words, with the state's own name in `data-state` (SPEC FIX-4).
#[derive(Clone, Debug, Template)]
#[template(path = "ui/badge.html")]
pub struct Badge {
    /// The state's name as in the specification, for scripts and tests.
    pub state: String,
    /// The words shown.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
    /// An icon of the sprite.
    pub icon: Option<&'static str>,
}

impl Badge {
    /// A badge of one's own.
    pub fn new(
        state: impl Into<String>,
        label: impl Into<String>,
        tone: Tone,
        icon: Option<&'static str>,
    ) -> Self {
        Self { state: state.into(), label: label.into(), tone, icon }
    }

    /// The badge of a request's state (SPEC section 8).
    pub fn request(state: &str) -> Self {
        let (label, tone, icon) = match state {
            "submitted" => ("Submitted", Tone::Info, "send"),
            "pendingApproval" => ("Waiting for approval", Tone::Warning, "hourglass-split"),
            "waitingForCallback" => ("Waiting for a check", Tone::Warning, "pause-circle"),
            "scheduled" => ("Scheduled", Tone::Info, "calendar-event"),
            "delivering" => ("Delivering", Tone::Info, "arrow-clockwise"),
            "delivered" => ("Delivered", Tone::Success, "check-circle"),
            "partiallyDelivered" => ("Partly delivered", Tone::Warning, "exclamation-triangle"),
            "deliveryFailed" => ("Delivery failed", Tone::Danger, "exclamation-octagon"),
            "denied" => ("Denied", Tone::Danger, "x-circle"),
            "expired" => ("Nobody decided in time", Tone::Neutral, "clock-history"),
            "canceled" => ("Canceled", Tone::Neutral, "dash-circle"),
            other => return Self::new(other, other, Tone::Neutral, None),
        };
        Self::new(state, label, tone, Some(icon))
    }

    /// The badge of an assignment's state (SPEC section 8).
    pub fn assignment(state: &str) -> Self {
        let (label, tone, icon) = match state {
            "scheduled" => ("Starts later", Tone::Info, "calendar-event"),
            "delivering" => ("Being set up", Tone::Info, "arrow-clockwise"),
            "delivered" => ("Active", Tone::Success, "check-circle"),
            "partiallyDelivered" => ("Partly active", Tone::Warning, "exclamation-triangle"),
            "deliveryFailed" => ("Delivery failed", Tone::Danger, "exclamation-octagon"),
            "expired" => ("Ended", Tone::Neutral, "clock-history"),
            other => return Self::new(other, other, Tone::Neutral, None),
        };
        Self::new(state, label, tone, Some(icon))
    }

    /// The badge of one resource role's delivery (SPEC DLV-1).
    pub fn delivery(state: &str) -> Self {
        let (label, tone, icon) = match state {
            "pending" => ("Waiting", Tone::Info, "hourglass-split"),
            "delivered" => ("Delivered", Tone::Success, "check-circle"),
            "failed" => ("Failed", Tone::Danger, "exclamation-octagon"),
            "removing" => ("Being removed", Tone::Info, "arrow-clockwise"),
            "removed" => ("Removed", Tone::Neutral, "dash-circle"),
            other => return Self::new(other, other, Tone::Neutral, None),
        };
        Self::new(state, label, tone, Some(icon))
    }

    /// Whether a user may sign in.
    pub fn account(enabled: bool) -> Self {
        if enabled {
            Self::new("enabled", "Enabled", Tone::Success, Some("check-circle"))
        } else {
            Self::new("disabled", "Disabled", Tone::Neutral, Some("slash-circle"))
        }
    }

    /// Whether a catalog is open for requests (SPEC CAT-1).
    pub fn published(published: bool) -> Self {
        if published {
            Self::new("published", "Published", Tone::Success, Some("eye"))
        } else {
            Self::new("unpublished", "Unpublished", Tone::Neutral, Some("eye-slash"))
        }
    }

    /// The badge of a mail, or of a job: waiting, done, or given up.
    pub fn work(state: &str) -> Self {
        let (label, tone, icon) = match state {
            "queued" | "waiting" => ("Waiting", Tone::Info, "hourglass-split"),
            "running" | "sending" => ("In progress", Tone::Info, "arrow-clockwise"),
            "retrying" => ("Will try again", Tone::Warning, "arrow-counterclockwise"),
            "sent" => ("Sent", Tone::Success, "envelope-check"),
            "done" => ("Done", Tone::Success, "check-circle"),
            "dropped" | "skipped" => ("No longer needed", Tone::Neutral, "dash-circle"),
            "failed" | "dead" => ("Gave up", Tone::Danger, "exclamation-octagon"),
            other => return Self::new(other, other, Tone::Neutral, None),
        };
        Self::new(state, label, tone, Some(icon))
    }
}
