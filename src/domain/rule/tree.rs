//! A rule as a tree, and its canonical text.

use std::fmt;

use super::attribute::Attribute;
use super::{LONGEST_PATTERN, eval};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// Any of them; two or more.
    Or(Vec<Expr>),
    /// All of them; two or more.
    And(Vec<Expr>),
    /// The opposite.
    Not(Box<Expr>),
    /// One comparison.
    Test(Test),
}

/// A comparison of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Of what.
    pub attribute: Attribute,
    /// How.
    pub operator: Operator,
    /// With what; its kind fits the operator.
    pub value: Value,
}

macro_rules! operators {
    ($($(#[$meta:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// How an attribute is compared (SPEC AUT-1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operator { $($(#[$meta])* $variant),+ }

        impl Operator {
            /// Every operator.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is written, without the hyphen.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}
operators! {
    /// Equal.
    Eq = "eq",
    /// Not equal.
    Ne = "ne",
    /// Begins so.
    StartsWith = "startsWith",
    /// Does not begin so.
    NotStartsWith = "notStartsWith",
    /// Ends so.
    EndsWith = "endsWith",
    /// Does not end so.
    NotEndsWith = "notEndsWith",
    /// Has it somewhere.
    Contains = "contains",
    /// Has it nowhere.
    NotContains = "notContains",
    /// A regular expression fits somewhere.
    Match = "match",
    /// A regular expression fits nowhere.
    NotMatch = "notMatch",
    /// Is one of a list.
    In = "in",
    /// Is none of a list.
    NotIn = "notIn",
}

impl Operator {
    /// The operator of a word, with or without its hyphen, whatever its case.
    pub fn find(word: &str) -> Option<Self> {
        let word = word.strip_prefix('-').unwrap_or(word);
        Self::ALL.iter().copied().find(|o| o.word().eq_ignore_ascii_case(word))
    }
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: the person has no value.
    Null,
    /// A text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// One of these texts.
    List(Vec<String>),
    /// A regular expression.
    Pattern(Pattern),
}

/// A regular expression of the linear-time engine.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: regex::Regex,
}

impl Pattern {
    /// Reads a pattern; why not, in words.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST_PATTERN {
            return Err(format!("A pattern has at most {LONGEST_PATTERN} characters."));
        }
        let regex = regex::RegexBuilder::new(text)
            .case_insensitive(true)
            .size_limit(256 * 1024)
            .dfa_size_limit(256 * 1024)
            .nest_limit(50)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => "This pattern is too big: repeat less.".to_owned(),
                _ => "This is not a regular expression that can be used. Look at brackets and repetitions; \
                      looking ahead or back and \\1 are not offered."
                    .to_owned(),
            })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Does it fit somewhere in this text?
    pub(super) fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Expr {
    /// Does it hold for a person?
    pub(super) fn matches(&self, facts: &super::Facts) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|p| p.matches(facts)),
            Self::And(parts) => parts.iter().all(|p| p.matches(facts)),
            Self::Not(part) => !part.matches(facts),
            Self::Test(test) => eval::holds(test, facts),
        }
    }

    /// Shows every comparison.
    pub(super) fn each_test(&self, see: &mut impl FnMut(&Test)) {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().for_each(|p| p.each_test(see)),
            Self::Not(part) => part.each_test(see),
            Self::Test(test) => see(test),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    // The parentheses that are not needed help whoever does not know what binds tighter.
                    Self::Or(_) | Self::And(_) => write!(f, "({part})")?,
                    Self::Not(_) | Self::Test(_) => part.fmt(f)?,
                }
            }
            Ok(())
        };
        match self {
            Self::Or(parts) => joined(f, parts, "-or"),
            Self::And(parts) => joined(f, parts, "-and"),
            Self::Not(part) => write!(f, "-not ({part})"),
            Self::Test(test) => write!(f, "{} -{} {}", test.attribute, test.operator.word(), test.value),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('`', "``").replace('"', "`\""))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) => quoted(f, text),
            Self::Pattern(pattern) => quoted(f, &pattern.text),
            Self::List(all) => {
                f.write_str("[")?;
                for (index, text) in all.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    quoted(f, text)?;
                }
                f.write_str("]")
            }
        }
    }
}
