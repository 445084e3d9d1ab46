//! The one form that every mail has: a heading, some paragraphs, facts, somebody's words, one button.

use askama::Template;

use super::{Mail, Portal, Recipient, RenderError};

/// The parts of a mail, in the order in which they are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Letter {
    /// The subject.
    pub(super) subject: String,
    /// The heading.
    pub(super) heading: String,
    /// What it is about.
    pub(super) opening: Vec<String>,
    /// Facts: what, and its values, one per line.
    pub(super) facts: Vec<(&'static str, Vec<String>)>,
    /// Somebody's own words, marked as such: whose, and what.
    pub(super) quotes: Vec<(String, String)>,
    /// A code to be typed.
    pub(super) code: Option<String>,
    /// The one button: words and address.
    pub(super) button: Option<(&'static str, String)>,
    /// What else to know.
    pub(super) closing: Vec<String>,
    /// What protects the reader: nobody can change it (SPEC NOT-6).
    pub(super) security: Vec<String>,
    /// Why the person gets it.
    pub(super) why: &'static str,
}

impl Letter {
    /// Adds a fact, unless it is empty.
    pub(super) fn fact(mut self, label: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push((label, vec![value]));
        }
        self
    }

    /// Adds a fact of several lines, unless there is none.
    pub(super) fn list(mut self, label: &'static str, values: &[String]) -> Self {
        if !values.is_empty() {
            self.facts.push((label, values.to_vec()));
        }
        self
    }

    /// Adds somebody's words, unless there are none.
    pub(super) fn quote(mut self, whose: String, words: &str) -> Self {
        if !words.trim().is_empty() {
            self.quotes.push((whose, clean(words)));
        }
        self
    }

    /// Writes both parts.
    pub(super) fn write(&self, portal: &Portal, to: &Recipient) -> Result<Mail, RenderError> {
        let greeting = format!("Hello {},", to.name);
        let html = Html {
            letter: self,
            portal,
            greeting: &greeting,
            preview: self.opening.first().map_or("", String::as_str),
        }
        .render()?;
        let text = Text { letter: self, portal, greeting: &greeting }.render()?;
        Ok(Mail { subject: self.subject.clone(), text, html })
    }
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    portal: &'a Portal,
    greeting: &'a str,
    preview: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    letter: &'a Letter,
    portal: &'a Portal,
    greeting: &'a str,
}

impl Text<'_> {
    fn wrap(&self, text: &str) -> String {
        wrapped(text, "", "")
    }

    /// Indented as a whole, so that no line of it can pass for ours.
    fn quoted(&self, text: &str) -> String {
        wrapped(text, "    ", "    ")
    }

    fn footer(&self) -> String {
        let text =
            format!("{} sent you this because {}. Replies are not read.", self.portal.name, self.letter.why);
        wrapped(&text, "", "")
    }

    fn row(&self, label: &str, values: &[String]) -> String {
        let mut out = Vec::new();
        for (n, value) in values.iter().enumerate() {
            let first = if n == 0 { format!("{:<14} ", format!("{label}:")) } else { " ".repeat(15) };
            out.push(wrapped(value, &first, &" ".repeat(17)));
        }
        out.join("\n")
    }
}

/// Breaks lines at blanks, at 76 characters; a word that is longer (an address, say) stays whole.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    const WIDTH: usize = 76;
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = if lines.is_empty() { first } else { rest }.to_owned();
        let mut empty = true;
        for word in paragraph.split(' ').filter(|w| !w.is_empty()) {
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::replace(&mut line, rest.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// Somebody's words without characters that could change how the rest of the mail reads.
pub(super) fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' => '\n',
            c if c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') => ' ',
            c => c,
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_addresses_stay_whole() {
        let address = format!("https://portal.example/d/{}", "a".repeat(80));
        let text = wrapped(&format!("{} {address} end", "word ".repeat(20)), "", "");
        assert!(text.lines().any(|l| l == address), "{text}");
        for line in text.lines().filter(|l| !l.contains("https")) {
            assert!(line.chars().count() <= 76, "{line}");
        }
        assert_eq!(wrapped("a\n\nb", "    ", "    "), "    a\n\n    b");
    }

    #[test]
    fn words_of_others_cannot_turn_the_line_around() {
        assert_eq!(clean("a\u{202E}b\r\nc\u{0007}"), "a b\nc");
    }
}
