//! Membership rules (SPEC AUT-1): a condition over a person's attributes, in the syntax of Entra's dynamic groups.
//!
//! `lexer` cuts the text into words with their places, `parser` makes a tree of them and checks attributes,
//! operators and values on the way, `tree` is that tree and prints it in one canonical form, `eval` says whether a
//! person matches. Nothing here knows where people come from: their facts are a [`Facts`].
//!
//! How the parts of a rule bind, tightest first: the comparison (`-eq` and its family), `-not`, `-and`, `-or`;
//! parentheses group. Names of attributes and operators and all texts are compared without regard to case.

mod attribute;
mod eval;
mod lexer;
mod parser;
mod problem;
mod tree;

pub use attribute::{Attribute, Facts, Kind};
pub use problem::{Marked, Problem};
pub use tree::{Expr, Operator, Pattern, Test, Value};

/// The longest rule, in characters.
pub const LONGEST: usize = 3072;
/// How deep parentheses and `-not` may be nested.
pub const DEEPEST: usize = 20;
/// How many comparisons a rule may have.
pub const MOST_TESTS: usize = 100;
/// The longest pattern of `-match`, in characters.
pub const LONGEST_PATTERN: usize = 200;
/// How many patterns a rule may have.
pub const MOST_PATTERNS: usize = 10;

/// A rule that was read and found good.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    expr: Expr,
}

impl Rule {
    /// Reads a rule; the first problem tells its place.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        parser::parse(text).map(|expr| Self { expr })
    }

    /// Does this person match?
    pub fn matches(&self, facts: &Facts) -> bool {
        self.expr.matches(facts)
    }

    /// The tree of the rule.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The attributes that it asks for, each once.
    pub fn attributes(&self) -> std::collections::BTreeSet<Attribute> {
        let mut all = std::collections::BTreeSet::new();
        self.expr.each_test(&mut |test| {
            all.insert(test.attribute.clone());
        });
        all
    }
}

/// The rule in its canonical form, which reads back as the same rule.
impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.expr.fmt(f)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
