//! Does a comparison hold for a person?

use super::attribute::Facts;
use super::tree::{Operator, Test, Value};
use crate::kernel::text::fold;

/// Does it hold? Somebody without a value is equal to `null` only; what is said in the negative holds for them.
pub(super) fn holds(test: &Test, facts: &Facts) -> bool {
    let has = test.attribute.read(facts);
    let same = |text: &str| !has.is_empty() && has == fold(text);
    let found = match (&test.value, test.operator) {
        (Value::Null, _) => has.is_empty(),
        (Value::Flag(flag), _) => has == if *flag { "true" } else { "false" },
        (Value::List(all), _) => all.iter().any(|text| same(text)),
        (Value::Pattern(pattern), _) => !has.is_empty() && pattern.fits(has),
        (Value::Text(text), Operator::StartsWith | Operator::NotStartsWith) => has.starts_with(&fold(text)),
        (Value::Text(text), Operator::EndsWith | Operator::NotEndsWith) => has.ends_with(&fold(text)),
        (Value::Text(text), Operator::Contains | Operator::NotContains) => has.contains(&fold(text)),
        (Value::Text(text), _) => same(text),
    };
    found != test.operator.is_negative()
}

impl Operator {
    /// Does it say what must not be?
    fn is_negative(self) -> bool {
        matches!(
            self,
            Self::Ne
                | Self::NotStartsWith
                | Self::NotEndsWith
                | Self::NotContains
                | Self::NotMatch
                | Self::NotIn
        )
    }
}
