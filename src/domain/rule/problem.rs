//! What is wrong with a rule, and where.

/// A problem at a place of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place, in characters from the start.
    pub at: usize,
    /// How many characters are meant; zero at the end of the text.
    pub length: usize,
    /// What is wrong and what was expected, as a sentence.
    pub words: String,
}

/// The line that has the problem, and a marker to be shown below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Number of the line, from 1.
    pub line: usize,
    /// The column in it, from 1.
    pub column: usize,
    /// The line's text.
    pub text: String,
    /// Blanks up to the place, then `^` under it.
    pub marker: String,
}

impl Problem {
    pub(super) fn new(at: usize, length: usize, words: impl Into<String>) -> Self {
        Self { at, length, words: words.into() }
    }

    /// The place in the rule's text, to be shown to a person.
    pub fn mark(&self, rule: &str) -> Marked {
        /// Long lines are cut around the place, so that it is in sight on a telephone too.
        const AROUND: usize = 16;
        let (mut line, mut start) = (1, 0);
        for (place, c) in rule.chars().enumerate().take(self.at) {
            if c == '\n' {
                line += 1;
                start = place + 1;
            }
        }
        let whole: Vec<char> = rule.chars().skip(start).take_while(|c| !matches!(c, '\n' | '\r')).collect();
        let column = (self.at - start).min(whole.len());
        let from = column.saturating_sub(AROUND);
        let shown: String = whole
            .iter()
            .skip(from)
            .take(4 * AROUND)
            // A tab would move the marker.
            .map(|c| if c.is_whitespace() { ' ' } else { *c })
            .collect();
        let cut = if from > 0 { "…" } else { "" };
        let before = column - from + cut.chars().count();
        let room = (shown.chars().count() + cut.chars().count()).saturating_sub(before);
        let marker = format!("{}{}", " ".repeat(before), "^".repeat(self.length.clamp(1, room.max(1))));
        Marked { line, column: column + 1, text: format!("{cut}{shown}"), marker }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (at character {})", self.words, self.at + 1)
    }
}

impl std::error::Error for Problem {}
