//! Searching: what people type, as patterns over folded columns.

use crate::kernel::text::fold;

/// The escape character of [`patterns`]: `.like(pattern).escape(ESCAPE)`.
pub(super) const ESCAPE: char = '\\';

/// A LIKE pattern for each word that was typed; a row matches if its folded text contains every word. The
/// wildcards of SQL mean nothing special to people, so they are escaped. At most eight words count.
pub(super) fn patterns(typed: &str) -> Vec<String> {
    fold(typed).split(' ').filter(|word| !word.is_empty()).take(8).map(contains).collect()
}

fn contains(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_counts_and_wildcards_are_plain_characters() {
        assert_eq!(patterns("  Ärger 100%_\\ "), ["%ärger%", "%100\\%\\_\\\\%"]);
        assert!(patterns(" \t ").is_empty());
    }
}
