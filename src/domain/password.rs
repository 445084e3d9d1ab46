//! Which passwords are good enough (SPEC SES-1): length and guessability count, composition does not.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::Refusal;
use crate::kernel::text::fold;

/// The shortest password, in characters.
pub const SHORTEST: usize = 12;
/// The longest, in characters: enough for any passphrase, and a bound on the work of hashing.
pub const LONGEST: usize = 256;

/// Words that passwords are commonly made of, sorted, one per line.
static COMMON: &str = include_str!("data/common_passwords.txt");
/// Neighbours on keyboards and in the alphabet.
const WALKS: &[&str] = &[
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9",
    "1a2b3c4d5e6f7g8h9i",
    "!@#$%^&*()",
    "!\"§$%&/()=",
];

/// Whose password it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Full name, and others that belong to the person.
    pub names: &'a [&'a str],
    /// E-mail address.
    pub email: &'a str,
}

/// Is this password good enough for this person?
pub fn check(password: &str, owner: Owner<'_>) -> Result<(), Refusal> {
    let weak = |text: String| Err(Refusal::WeakPassword(text));
    let length = password.chars().count();
    if length < SHORTEST {
        return weak(format!(
            "This password is too short: use at least {SHORTEST} characters. A few words in a row are easy to remember."
        ));
    }
    if length > LONGEST {
        return weak(format!("This password is too long: at most {LONGEST} characters."));
    }
    let folded = fold(password);
    if contains_owner(&folded, owner) {
        return weak(
            "This password contains your name or e-mail address. Choose one that does not.".to_owned(),
        );
    }
    if is_common(&folded) {
        return weak(
            "This password is too easy to guess: it is one of the common ones, or made of them. Add words of your own."
                .to_owned(),
        );
    }
    Ok(())
}

/// Does the folded password contain the person's name or e-mail address, or a part of them?
fn contains_owner(folded: &str, owner: Owner<'_>) -> bool {
    let email = fold(owner.email);
    let (local, domain) = email.rsplit_once('@').unwrap_or((&email, ""));
    let plain = unleet(folded);
    let names = owner.names.iter().map(|name| fold(name));
    let parts: Vec<String> = names
        .chain([local.to_owned()])
        .flat_map(|text| words(&text).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let whole = (local.chars().count() >= 3).then(|| local.to_owned());
    let long = parts.iter().filter(|part| part.chars().count() >= 4).chain(&whole);
    if long.into_iter().any(|part| folded.contains(part.as_str()) || plain.contains(part.as_str())) {
        return true;
    }
    // Short names and the organization's domain are often inside other words, so they have to stand alone.
    let companies = domain.rsplit_once('.').map_or("", |(company, _)| company);
    let alone: Vec<String> = parts
        .into_iter()
        .filter(|part| part.chars().count() == 3)
        .chain(words(companies).filter(|w| w.chars().count() >= 4).map(str::to_owned))
        .collect();
    letters(folded).any(|word| alone.iter().any(|part| part == word))
}

/// Is the folded password common, or nothing but common words, keyboard walks, repetitions and digits in a row?
/// What is left over has to be four characters at least, unless there are four words or more.
fn is_common(folded: &str) -> bool {
    let typed: Vec<char> = folded.chars().filter(|c| !c.is_whitespace()).collect();
    let plain: Vec<char> = typed.iter().map(|c| unleet_char(*c)).collect();
    let distinct: BTreeSet<&char> = typed.iter().collect();
    if distinct.len() < 5 {
        return true;
    }
    let (mut at, mut own, mut words) = (0, 0, BTreeSet::new());
    while let (Some(typed), Some(plain)) = (typed.get(at..), plain.get(at..))
        && !typed.is_empty()
    {
        let length = longest_piece(typed, plain);
        match plain.get(..length) {
            Some(piece) if length > 0 => {
                if piece.iter().any(|c| c.is_alphabetic()) {
                    words.insert(piece);
                }
                at += length;
            }
            _ => {
                own += 1;
                at += 1;
            }
        }
    }
    own < 4 && words.len() < 4
}

/// The length of the longest guessable piece at the start: a common word (as typed, or with the usual
/// replacements undone), a keyboard walk, a repetition, a number. 0 if there is none.
fn longest_piece(typed: &[char], plain: &[char]) -> usize {
    let word = longest_word(typed).max(longest_word(plain));
    let walk = WALKED
        .iter()
        .flat_map(|walk| (0..walk.len()).filter_map(|from| walk.get(from..)))
        .map(|walk| walk.iter().zip(typed).take_while(|(a, b)| a == b).count())
        .max()
        .unwrap_or(0);
    let same = typed.iter().take_while(|c| typed.first() == Some(c)).count();
    let digits = typed.iter().take_while(|c| c.is_ascii_digit()).count();
    let at_least = |length: usize, least: usize| if length >= least { length } else { 0 };
    word.max(at_least(walk, 3)).max(at_least(same, 3)).max(at_least(digits, 2))
}

fn longest_word(text: &[char]) -> usize {
    let mut prefix = String::new();
    let mut longest = 0;
    for (index, c) in text.iter().take(LONGEST_WORD).enumerate() {
        prefix.push(*c);
        if LISTED.binary_search(&prefix.as_str()).is_ok() {
            longest = index + 1;
        }
    }
    longest
}

/// No word of the list is longer.
const LONGEST_WORD: usize = 16;

static LISTED: LazyLock<Vec<&'static str>> = LazyLock::new(|| COMMON.lines().collect());

/// The walks, there and back.
static WALKED: LazyLock<Vec<Vec<char>>> = LazyLock::new(|| {
    let there = WALKS.iter().map(|walk| walk.chars().collect());
    let back = WALKS.iter().map(|walk| walk.chars().rev().collect());
    there.chain(back).collect()
});

/// Undoes the usual replacements of letters.
fn unleet(text: &str) -> String {
    text.chars().map(unleet_char).collect()
}

fn unleet_char(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
}

fn letters(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Owner<'static> =
        Owner { names: &["Alice Ångström", "Alice", "Ångström"], email: "alice.a@demo.example" };

    fn refused(password: &str) -> bool {
        check(password, ALICE).is_err()
    }

    #[test]
    fn ses_1_length_is_counted_in_characters_and_composition_is_free() {
        assert!(refused("xkqv wmbzpt"), "11 characters");
        assert!(!refused("xkqv wmbzptj"), "12 characters");
        assert!(!refused("ñandú über ça"), "letters of any script");
        assert!(!refused(&"lantern öffnet sieben Türen ".repeat(9)), "long, with blanks");
        assert!(!refused(&"qzxvwjkp".repeat(32)), "256 characters");
        assert!(refused(&format!("{}y", "qzxvwjkp".repeat(32))), "257 characters");
    }

    #[test]
    fn ses_1_common_passwords_are_refused_in_their_usual_disguises() {
        for bad in [
            "password1234",
            "Password123!",
            "P@ssw0rd2024",
            "p4$$w0rd!!!!",
            "qwertyuiop12",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "123456789012",
            "987654321098",
            "aaaaaaaaaaaa",
            "abababababab",
            "iloveyou2026",
            "letmein letmein",
            "Welcome2026!!",
            "administrator1",
            "abcdefghijkl",
            "asdfghjkl;'#",
            "sunshine-2025",
            "dragonmonkey1",
            "Summer2026!!!",
            "latchkey-latchkey",
            "changeme1234",
            "monday.2026!",
            "iloveyouiloveyou",
        ] {
            assert!(refused(bad), "{bad} should be refused");
        }
    }

    #[test]
    fn ses_1_passphrases_pass_though_they_hold_common_words() {
        for good in [
            "correct horse battery staple",
            "my password is a turnip",
            "violet-kettle-harbour",
            "9fK2mQz7LpXw",
            "dragon soup on thursday morning",
        ] {
            assert!(!refused(good), "{good} should pass");
        }
    }

    #[test]
    fn ses_1_ones_own_name_and_address_are_refused() {
        for bad in [
            "alice kettle harbour",
            "KETTLE-ÅNGSTRÖM-HARBOUR",
            "al1ce-kettle-harbour",
            "kettle alice.a@demo.example",
            "harbour of the demo kettle",
        ] {
            assert!(refused(bad), "{bad} should be refused");
        }
        let dan = Owner { names: &["Dan Li"], email: "dan@corp.example" };
        assert!(check("dan kettle harbour", dan).is_err());
        assert!(check("abundance kettle", dan).is_err(), "the whole local part counts anywhere");
        let bo = Owner { names: &["Bo Wu", ""], email: "x@corp.example" };
        assert!(check("bow tie kettle harbour", bo).is_ok());
    }

    #[test]
    fn the_list_is_sorted_folded_and_without_repetition() {
        let list: Vec<&str> = COMMON.lines().collect();
        assert!(list.len() > 300);
        assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "sorted by bytes");
        let lengths = 3..=LONGEST_WORD;
        assert!(list.iter().all(|w| fold(w) == **w && lengths.contains(&w.chars().count())));
    }

    #[test]
    fn the_reason_is_for_the_person_and_has_its_rule() {
        let refusal = check("short", ALICE).unwrap_err();
        assert_eq!(refusal.rule(), "SES-1");
        assert!(refusal.to_string().contains("at least 12 characters"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gets_an_answer(text in ".{0,300}") {
            let _ = check(&text, ALICE);
        }
    }
}
