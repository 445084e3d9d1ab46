//! From words to a tree. Attributes, operators and values are checked here, where their places are known.

use super::attribute::{Attribute, Kind as Form};
use super::lexer::{self, Kind, Token};
use super::problem::Problem;
use super::tree::{Expr, Operator, Pattern, Test, Value};
use super::{DEEPEST, LONGEST, MOST_PATTERNS, MOST_TESTS};
use crate::kernel::text::fold;

/// Reads a rule.
pub(super) fn parse(text: &str) -> Result<Expr, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::new(0, 0, "Write a rule, such as user.department -eq \"Sales\"."));
    }
    let length = text.chars().count();
    if length > LONGEST {
        let words = format!("A rule has at most {LONGEST} characters; this one has {length}.");
        return Err(Problem::new(LONGEST, length - LONGEST, words));
    }
    let mut parser = Parser { tokens: lexer::cut(text)?, next: 0, tests: 0, patterns: 0 };
    let expr = parser.any(0)?;
    match parser.look() {
        Token { kind: Kind::End, .. } => Ok(expr),
        Token { kind: Kind::Close, at, length } => {
            Err(Problem::new(*at, *length, "This parenthesis closes nothing: none is open."))
        }
        token => Err(at(token, "Expected -and, -or or the end of the rule here.")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    tests: usize,
    patterns: usize,
}

/// What stands behind the last token: nothing, at its end.
static END: Token = Token { kind: Kind::End, at: 0, length: 0 };

fn at(token: &Token, words: impl Into<String>) -> Problem {
    Problem::new(token.at, token.length, words)
}

/// Is it this word, with or without a hyphen in front?
fn is(token: &Token, word: &str) -> bool {
    matches!(&token.kind, Kind::Word(w) if w.strip_prefix('-').unwrap_or(w).eq_ignore_ascii_case(word))
}

impl Parser {
    fn look(&self) -> &Token {
        self.tokens.get(self.next).or(self.tokens.last()).unwrap_or(&END)
    }

    fn take(&mut self) -> Token {
        let token = self.look().clone();
        self.next += 1;
        token
    }

    fn any(&mut self, depth: usize) -> Result<Expr, Problem> {
        self.joined(depth, "or", Self::all, Expr::Or)
    }

    fn all(&mut self, depth: usize) -> Result<Expr, Problem> {
        self.joined(depth, "and", Self::one, Expr::And)
    }

    fn joined(
        &mut self,
        depth: usize,
        word: &str,
        part: fn(&mut Self, usize) -> Result<Expr, Problem>,
        join: fn(Vec<Expr>) -> Expr,
    ) -> Result<Expr, Problem> {
        let first = part(self, depth)?;
        if !is(self.look(), word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while is(self.look(), word) {
            self.take();
            parts.push(part(self, depth)?);
        }
        Ok(join(parts))
    }

    fn one(&mut self, depth: usize) -> Result<Expr, Problem> {
        let token = self.take();
        if depth > DEEPEST {
            let words = format!("Parentheses and -not can be nested {DEEPEST} deep, not deeper.");
            return Err(at(&token, words));
        }
        match &token.kind {
            _ if is(&token, "not") => Ok(Expr::Not(Box::new(self.one(depth + 1)?))),
            Kind::Open => {
                let inside = self.any(depth + 1)?;
                let close = self.take();
                match close.kind {
                    Kind::Close => Ok(inside),
                    Kind::End => Err(at(&token, "This parenthesis is never closed: a “)” is missing.")),
                    _ => Err(at(&close, "Expected -and, -or or a closing parenthesis “)” here.")),
                }
            }
            Kind::Word(word) => self.test(&token, word).map(Expr::Test),
            Kind::End => {
                Err(at(&token, "The rule ends too early. Expected an attribute, such as user.department."))
            }
            Kind::Text(_) => Err(at(
                &token,
                "Expected an attribute here, such as user.department. Texts stand behind the operator.",
            )),
            _ => Err(at(&token, "Expected an attribute here, such as user.department.")),
        }
    }

    fn test(&mut self, token: &Token, word: &str) -> Result<Test, Problem> {
        self.tests += 1;
        if self.tests > MOST_TESTS {
            return Err(at(token, format!("A rule has at most {MOST_TESTS} comparisons.")));
        }
        let attribute = attribute(token, word)?;
        let token = self.take();
        let operator = match &token.kind {
            Kind::Word(word) => Operator::find(word).ok_or_else(|| {
                let all: Vec<String> = Operator::ALL.iter().map(|o| format!("-{}", o.word())).collect();
                at(&token, format!("“{word}” is not an operator. Use one of {}.", all.join(", ")))
            })?,
            _ => return Err(at(&token, format!("Expected an operator behind {attribute}, such as -eq."))),
        };
        if attribute.kind() == Form::Flag && !matches!(operator, Operator::Eq | Operator::Ne) {
            let words = format!("{attribute} is true or false: compare it with -eq or -ne.");
            return Err(at(&token, words));
        }
        let value = self.value(&attribute, operator)?;
        Ok(Test { attribute, operator, value })
    }

    fn value(&mut self, attribute: &Attribute, operator: Operator) -> Result<Value, Problem> {
        let token = self.take();
        let word = operator.word();
        if matches!(operator, Operator::In | Operator::NotIn) {
            return match token.kind {
                Kind::ListOpen => self.list(&token).map(Value::List),
                _ => Err(at(&token, format!("-{word} needs a list here, such as [\"DE\", \"FR\"]."))),
            };
        }
        let equality = matches!(operator, Operator::Eq | Operator::Ne);
        if is(&token, "null") {
            return if attribute.kind() == Form::Flag {
                Err(at(&token, format!("{attribute} always has a value: true or false.")))
            } else if equality {
                Ok(Value::Null)
            } else {
                Err(at(&token, "null goes with -eq and -ne only."))
            };
        }
        if attribute.kind() == Form::Flag {
            return if is(&token, "true") {
                Ok(Value::Flag(true))
            } else if is(&token, "false") {
                Ok(Value::Flag(false))
            } else {
                Err(at(&token, "Expected true or false here, without quotation marks."))
            };
        }
        match &token.kind {
            Kind::Text(text) if matches!(operator, Operator::Match | Operator::NotMatch) => {
                self.patterns += 1;
                if self.patterns > MOST_PATTERNS {
                    return Err(at(&token, format!("A rule has at most {MOST_PATTERNS} patterns.")));
                }
                not_empty(&token, text)?;
                Pattern::new(text).map(Value::Pattern).map_err(|words| at(&token, words))
            }
            Kind::Text(text) => {
                not_empty(&token, text)?;
                Ok(Value::Text(text.clone()))
            }
            Kind::ListOpen => Err(at(&token, "A list goes with -in and -notIn only.")),
            Kind::Word(word) => {
                Err(at(&token, format!("Expected a text in quotation marks here: \"{word}\".")))
            }
            _ => Err(at(&token, "Expected a text in quotation marks here, such as \"Sales\".")),
        }
    }

    fn list(&mut self, open: &Token) -> Result<Vec<String>, Problem> {
        let mut all = Vec::new();
        loop {
            let token = self.take();
            match &token.kind {
                Kind::Text(text) => {
                    not_empty(&token, text)?;
                    all.push(text.clone());
                }
                Kind::ListClose if all.is_empty() => {
                    return Err(at(open, "The list is empty: name at least one text, such as [\"DE\"]."));
                }
                Kind::End => return Err(at(open, "This list is never closed: a “]” is missing.")),
                _ => return Err(at(&token, "Expected a text in quotation marks here, such as \"DE\".")),
            }
            let token = self.take();
            match token.kind {
                Kind::Comma => {}
                Kind::ListClose => return Ok(all),
                Kind::End => return Err(at(open, "This list is never closed: a “]” is missing.")),
                _ => return Err(at(&token, "Expected a comma or the end of the list “]” here.")),
            }
        }
    }
}

/// Everybody would match an empty text, or nobody; both are mistakes that cost access.
fn not_empty(token: &Token, text: &str) -> Result<(), Problem> {
    if fold(text).is_empty() {
        return Err(at(token, "This text is empty. To ask for no value at all, write -eq null."));
    }
    Ok(())
}

fn attribute(token: &Token, word: &str) -> Result<Attribute, Problem> {
    let name = match word.split_once('.') {
        Some((user, name)) if user.eq_ignore_ascii_case("user") => name,
        _ if Attribute::find(word).is_some() => {
            return Err(at(token, format!("Attributes are written with “user.” in front: user.{word}.")));
        }
        _ if Operator::find(word).is_some() || is(token, "and") || is(token, "or") => {
            let words = format!("Expected an attribute before {word}, such as user.department.");
            return Err(at(token, words));
        }
        _ => return Err(at(token, "Expected an attribute here, such as user.department.")),
    };
    Attribute::find(name).ok_or_else(|| {
        let guess = match Attribute::nearest(name) {
            Some(near) => format!("Did you mean user.{near}?"),
            None => "The list of attributes is below the field.".to_owned(),
        };
        at(token, format!("There is no attribute “{word}”. {guess}"))
    })
}
