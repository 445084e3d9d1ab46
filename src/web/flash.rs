//! What the last action did, shown once on the next page. It travels in a signed cookie that lives a minute:
//! showing it writes nothing, and it works before sign-in too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::state::WebState;
use super::ui::{FlashView, Tone};

/// A sentence for the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    tone: Tone,
    text: String,
}

/// The cookie's name.
pub const COOKIE: &str = "latchkey-flash";
const PURPOSE: &str = "flash";

const TONES: [(&str, Tone); 4] =
    [("s", Tone::Success), ("i", Tone::Info), ("w", Tone::Warning), ("d", Tone::Danger)];

impl Flash {
    /// It worked.
    pub fn success(text: impl Into<String>) -> Self {
        Self::new(Tone::Success, text)
    }

    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Tone::Info, text)
    }

    /// It worked, but look out.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Tone::Warning, text)
    }

    /// It did not work.
    pub fn danger(text: impl Into<String>) -> Self {
        Self::new(Tone::Danger, text)
    }

    fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }

    /// As the layout shows it.
    pub fn view(self) -> FlashView {
        FlashView { tone: self.tone, text: self.text }
    }

    /// The cookie's value. Browsers refuse cookies above 4 KiB, so a long text is cut.
    pub fn seal(&self, state: &WebState) -> String {
        let tone = TONES.iter().find(|(_, tone)| *tone == self.tone).map_or("i", |(code, _)| *code);
        let text: String = self.text.chars().take(600).collect();
        let body = format!("{tone}.{}", URL_SAFE_NO_PAD.encode(text));
        let signature = state.sign(PURPOSE, &body);
        format!("{body}.{signature}")
    }

    /// Reads a cookie's value; `None` unless we wrote it.
    pub fn open(state: &WebState, sealed: &str) -> Option<Self> {
        let (body, signature) = sealed.rsplit_once('.')?;
        if !state.is_signed(PURPOSE, body, signature) {
            return None;
        }
        let (tone, text) = body.split_once('.')?;
        let tone = TONES.iter().find(|(code, _)| *code == tone)?.1;
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        Some(Self { tone, text })
    }
}
