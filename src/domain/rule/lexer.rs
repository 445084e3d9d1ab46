//! Cutting a rule's text into words, each with its place.

use super::problem::Problem;

/// What a piece of the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word: attribute, operator, `null`, `true`, `false`.
    Word(String),
    /// A text in quotes, without them.
    Text(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    ListOpen,
    /// `]`
    ListClose,
    /// `,`
    Comma,
    /// The end of the rule.
    End,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its place, in characters.
    pub(super) at: usize,
    /// Its length, in characters.
    pub(super) length: usize,
}

/// Cuts the text; the last token is the end.
pub(super) fn cut(text: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().enumerate().peekable();
    let mut count = 0;
    while let Some((at, c)) = rest.next() {
        count = at + 1;
        let one = |kind| Token { kind, at, length: 1 };
        match c {
            c if c.is_whitespace() => {}
            '(' => tokens.push(one(Kind::Open)),
            ')' => tokens.push(one(Kind::Close)),
            '[' => tokens.push(one(Kind::ListOpen)),
            ']' => tokens.push(one(Kind::ListClose)),
            ',' => tokens.push(one(Kind::Comma)),
            '"' => {
                let mut value = String::new();
                let mut closed = None;
                while let Some((place, c)) = rest.next() {
                    count = place + 1;
                    match c {
                        '"' => {
                            closed = Some(place);
                            break;
                        }
                        // A quotation mark inside a text is written `" as in Entra, and ` itself ``.
                        '`' => match rest.next_if(|(_, next)| matches!(next, '"' | '`')) {
                            Some((place, escaped)) => {
                                count = place + 1;
                                value.push(escaped);
                            }
                            None => value.push('`'),
                        },
                        c if c.is_control() => {
                            let words =
                                "A text ends on the line on which it begins: a quotation mark \" is missing.";
                            return Err(Problem::new(at, place - at, words));
                        }
                        c => value.push(c),
                    }
                }
                let Some(end) = closed else {
                    let words = "This text has no end: put a quotation mark \" behind it.";
                    return Err(Problem::new(at, count - at, words));
                };
                tokens.push(Token { kind: Kind::Text(value), at, length: end + 1 - at });
            }
            '“' | '”' | '„' | '‟' | '‘' | '’' | '\'' | '«' | '»' => {
                return Err(Problem::new(
                    at,
                    1,
                    "Texts stand in straight double quotation marks: \"Sales\".",
                ));
            }
            '=' | '!' | '<' | '>' | '&' | '|' => {
                let words =
                    "Signs are not used to compare. Write -eq for equal, -ne for not equal, -and, -or, -not.";
                return Err(Problem::new(at, 1, words));
            }
            // Dashes that an editor made of a hyphen begin an operator too.
            c if bare(c) || matches!(c, '–' | '—' | '−') => {
                let mut word = if bare(c) { String::from(c) } else { String::from('-') };
                while let Some((place, c)) = rest.next_if(|(_, c)| bare(*c)) {
                    count = place + 1;
                    word.push(c);
                }
                tokens.push(Token { length: word.chars().count(), kind: Kind::Word(word), at });
            }
            other => {
                let words = format!("“{other}” has no meaning here. Texts stand in double quotation marks.");
                return Err(Problem::new(at, 1, words));
            }
        }
    }
    tokens.push(Token { kind: Kind::End, at: count, length: 0 });
    Ok(tokens)
}

fn bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-')
}
