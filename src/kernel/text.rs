//! Plain text that people type: cleaning, limits, folding for comparison and search.

/// Folds a text for comparison, order and search: lower case by Unicode, runs of white space as one blank.
pub fn fold(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why a text cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing but white space.
    #[error("This cannot be empty.")]
    Empty,
    /// More characters than allowed.
    #[error("This is too long: at most {0} characters.")]
    TooLong(usize),
    /// Characters that cannot be shown or would break a mail header.
    #[error(
        "This contains characters that cannot be used here, such as a line break or a control character."
    )]
    Control,
}

/// A single line: trimmed, not empty, at most `max` characters, no control characters (they would break mail
/// headers and logs).
pub fn line(text: &str, max: usize) -> Result<String, BadText> {
    let text = optional_line(text, max)?;
    if text.is_empty() { Err(BadText::Empty) } else { Ok(text) }
}

/// Like [`line()`], but may be empty.
pub fn optional_line(text: &str, max: usize) -> Result<String, BadText> {
    let text = text.trim();
    if text.chars().any(unwelcome) {
        return Err(BadText::Control);
    }
    if text.chars().count() > max {
        return Err(BadText::TooLong(max));
    }
    Ok(text.to_owned())
}

/// Several lines: trimmed, line breaks as `\n`, at most `max` characters, no other control characters; may be
/// empty.
pub fn lines(text: &str, max: usize) -> Result<String, BadText> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    if text.chars().any(|c| unwelcome(c) && c != '\n' && c != '\t') {
        return Err(BadText::Control);
    }
    if text.chars().count() > max {
        return Err(BadText::TooLong(max));
    }
    Ok(text.to_owned())
}

/// Control characters, and the invisible ones that reorder a line (a name could otherwise show as another).
fn unwelcome(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cleaned_and_limited() {
        assert_eq!(line("  Sales  ", 10), Ok("Sales".into()));
        assert_eq!(line(" \t ", 10), Err(BadText::Empty));
        assert_eq!(line("a\r\nBcc: b", 20), Err(BadText::Control));
        assert_eq!(line("abc", 2), Err(BadText::TooLong(2)));
        assert_eq!(line("a\u{202E}b", 9), Err(BadText::Control));
        assert_eq!(lines("a\r\nb\rc", 9), Ok("a\nb\nc".into()));
        assert_eq!(fold("  ÄRGER \n im  Büro"), "ärger im büro");
    }
}
