use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::directory::{Profile, UserKind};
use crate::kernel::Email;

fn person(change: impl FnOnce(&mut Profile)) -> Facts {
    let mut profile = Profile {
        email: Email::parse("Alice@demo.example").unwrap(),
        display_name: "Alice Adams".into(),
        given_name: "Alice".into(),
        surname: "Adams".into(),
        kind: UserKind::Member,
        department: "Sales".into(),
        job_title: "Team Lead".into(),
        company: "Demo".into(),
        office: String::new(),
        country: "DE".into(),
        employee_id: "1042".into(),
        hired_on: chrono::NaiveDate::from_ymd_opt(2024, 5, 1),
        manager: None,
        time_zone: "UTC".into(),
        locale: "en".into(),
        extension: BTreeMap::from([
            ("extensionAttribute3".to_owned(), "Blue".to_owned()),
            ("costCentre".to_owned(), "4711".to_owned()),
        ]),
    };
    change(&mut profile);
    Facts::of(&profile, true, Some("bob@demo.example"))
}

fn holds(rule: &str) -> bool {
    let read = Rule::parse(rule).unwrap_or_else(|p| panic!("{rule}: {p}"));
    read.matches(&person(|_| {}))
}

#[test]
fn aut_1_every_operator() {
    for (rule, expected) in [
        (r#"user.department -eq "sales""#, true),
        (r#"user.department -ne "SALES""#, false),
        (r#"user.jobTitle -startsWith "team""#, true),
        (r#"user.jobTitle -notStartsWith "team""#, false),
        (r#"user.jobTitle -endsWith "LEAD""#, true),
        (r#"user.jobTitle -notEndsWith "lead""#, false),
        (r#"user.jobTitle -contains "m l""#, true),
        (r#"user.jobTitle -notContains "xyz""#, true),
        (r#"user.mail -match "^[a-z]+@demo\.example$""#, true),
        (r#"user.mail -notMatch "guest""#, true),
        (r#"user.country -in ["FR", "de"]"#, true),
        (r#"user.country -notIn ["FR", "de"]"#, false),
        ("user.officeLocation -eq null", true),
        ("user.department -ne null", true),
        ("user.accountEnabled -eq true", true),
        ("user.accountEnabled -ne true", false),
        (r#"user.userType -eq "Member""#, true),
        (r#"user.employeeHireDate -startsWith "2024-""#, true),
        (r#"user.manager -eq "BOB@demo.example""#, true),
        (r#"user.extensionAttribute3 -eq "blue""#, true),
        (r#"user.extension_costCentre -eq "4711""#, true),
        ("user.extensionAttribute15 -eq null", true),
        // Who has no value is nobody's equal, and whatever is said in the negative holds for them.
        (r#"user.officeLocation -eq "Berlin""#, false),
        (r#"user.officeLocation -ne "Berlin""#, true),
        (r#"user.officeLocation -notIn ["Berlin"]"#, true),
        (r#"user.officeLocation -notMatch ".*""#, true),
    ] {
        assert_eq!(holds(rule), expected, "{rule}");
    }
}

#[test]
fn aut_1_the_specs_own_rule() {
    let rule = r#"user.department -eq "Sales" -and (user.country -in ["DE","FR"] -or user.jobTitle -contains "lead")"#;
    assert!(holds(rule));
    let read = Rule::parse(rule).unwrap();
    assert!(!read.matches(&person(|p| p.department = "Finance".into())));
    assert!(read.matches(&person(|p| p.country = "US".into())));
    assert!(!read.matches(&person(|p| {
        p.country = "US".into();
        p.job_title = String::new();
    })));
    assert_eq!(read.attributes().len(), 3);
}

#[test]
fn aut_1_precedence_is_comparison_then_not_then_and_then_or() {
    let tree = |rule: &str| Rule::parse(rule).unwrap().to_string();
    let (a, b, c) = (r#"user.department -eq "a""#, r#"user.country -eq "b""#, r#"user.company -eq "c""#);
    let company = c.replace("company", "companyName");
    assert_eq!(tree(&format!("{a} -or {b} -and {c}")), format!("{a} -or ({b} -and {company})"));
    assert_eq!(tree(&format!("-not {a} -and {b}")), format!("-not ({a}) -and {b}"));
    assert_eq!(tree(&format!("-not ({a} -and {b})")), format!("-not ({a} -and {b})"));
    assert_eq!(tree(&format!("{a} -AND {b} -And {c}")), format!("{a} -and {b} -and {company}"));
    // As in Entra, the hyphen can be left out, and case does not count.
    assert_eq!(tree(r#"USER.Department EQ "a""#), a);
}

#[test]
fn aut_1_errors_point_at_the_place() {
    for (rule, place, says) in [
        ("", "", "Write a rule"),
        (r#"user.departmnt -eq "a""#, "user.departmnt", "Did you mean user.department?"),
        (r#"user.shoeSize -eq "a""#, "user.shoeSize", "no attribute"),
        (r#"department -eq "a""#, "department", "user.department"),
        (r#"user.country -equals "a""#, "-equals", "not an operator"),
        ("user.country -eq Sales", "Sales", "in quotation marks"),
        ("user.country -eq 'DE'", "'", "double quotation marks"),
        ("user.country -eq “DE”", "“", "straight"),
        (r#"user.country = "DE""#, "=", "-eq"),
        (r#"user.country -eq "DE"#, "\"DE", "no end"),
        (r#"user.country -in "DE""#, "\"DE\"", "list"),
        (r#"user.country -eq ["DE"]"#, "[", "-in"),
        ("user.country -in []", "[", "empty"),
        (r#"user.country -in ["DE" "FR"]"#, "\"FR\"", "comma"),
        (r#"user.country -in ["DE""#, "[", "never closed"),
        ("user.country -contains null", "null", "-eq and -ne only"),
        (r#"user.country -contains """#, "\"\"", "empty"),
        ("user.accountEnabled -contains \"t\"", "-contains", "-eq or -ne"),
        ("user.accountEnabled -eq \"true\"", "\"true\"", "without quotation marks"),
        ("user.accountEnabled -eq null", "null", "always has a value"),
        (r#"(user.country -eq "DE""#, "(", "never closed"),
        (r#"user.country -eq "DE")"#, ")", "none is open"),
        (r#"user.country -eq "DE" user.department -eq "a""#, "user.department", "-and, -or"),
        (r#"user.country -eq "DE" -and"#, "", "too early"),
        (r#"user.country -eq "DE" -and -or"#, "-or", "before -or"),
        (r#"user.mail -match "(""#, "\"(\"", "not a regular expression"),
        (r#"user.mail -match "(?=a)b""#, "\"(?=a)b\"", "ahead"),
        (r#"user.mail -match "(a{100}){100}{100}""#, "\"(a{100}){100}{100}\"", "too big"),
        ("user.country -eq \"a\nb\"", "\"a", "same line|on which it begins"),
    ] {
        let problem = Rule::parse(rule).unwrap_err();
        let piece: String = rule.chars().skip(problem.at).take(problem.length).collect();
        assert_eq!(piece, place, "{rule}: {problem}");
        assert!(says.split('|').any(|s| problem.words.contains(s)), "{rule}: {problem}");
        assert!(problem.at <= rule.chars().count());
    }
}

#[test]
fn aut_1_a_problem_is_marked_in_its_line() {
    let rule = "user.department -eq \"Büro\" -and\n  user.country -is \"DE\"";
    let problem = Rule::parse(rule).unwrap_err();
    let marked = problem.mark(rule);
    assert_eq!((marked.line, marked.column), (2, 16));
    assert_eq!(marked.text, "  user.country -is \"DE\"");
    assert_eq!(marked.marker, "               ^^^");
    // A long line is cut around the place.
    let long = format!("{} user.x", "user.country -eq \"DE\" -or ".repeat(20));
    let marked = Rule::parse(&long).unwrap_err().mark(&long);
    let under: String = marked.text.chars().skip(marked.marker.find('^').unwrap()).take(6).collect();
    assert_eq!(under, "user.x");
}

#[test]
fn aut_1_length_depth_and_number_are_limited() {
    let test = r#"user.country -eq "DE""#;
    let deep = format!("{}{test}{}", "(".repeat(DEEPEST), ")".repeat(DEEPEST));
    assert!(Rule::parse(&deep).is_ok());
    for bad in [
        format!("({deep})"),
        "(".repeat(3000),
        "-not ".repeat(600),
        format!("{test}{}", " ".repeat(LONGEST)),
        vec![test; MOST_TESTS + 1].join(" -or "),
        format!(r#"user.mail -match "{}""#, "a".repeat(LONGEST_PATTERN + 1)),
        [r#"user.mail -match "a""#; MOST_PATTERNS + 1].join(" -or "),
    ] {
        assert!(Rule::parse(&bad).is_err(), "{}", bad.chars().take(40).collect::<String>());
    }
}

#[test]
fn aut_1_attributes_are_all_described_and_found_by_their_names() {
    for (name, _) in Attribute::described().iter().take(14) {
        let found = Attribute::find(name.trim_start_matches("user.")).unwrap();
        assert_eq!(&found.to_string(), name);
    }
    for (alias, name) in [
        ("company", "user.companyName"),
        ("EMAIL", "user.mail"),
        ("office", "user.officeLocation"),
        ("hiredate", "user.employeeHireDate"),
        ("ExtensionAttribute15", "user.extensionAttribute15"),
    ] {
        assert_eq!(Attribute::find(alias).unwrap().to_string(), name);
    }
    assert_eq!(Attribute::find("extensionAttribute16"), None);
    assert_eq!(Attribute::find("extensionAttribute0"), None);
    assert_eq!(Attribute::find("extension_"), None);
}

fn attributes() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        (0_usize..13).prop_map(Attribute::Named),
        (1_u8..=15).prop_map(Attribute::Numbered),
        "[a-z0-9_]{1,12}".prop_map(Attribute::Further),
    ]
}

/// Any text that is not empty, with the characters that could trip the reader more often than others.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![r#"[a-zA-Z"`()\[\],. \\-]{0,12}x"#, r"\PC{0,12}y"]
}

fn tests() -> impl Strategy<Value = Expr> {
    let text = || {
        (0_usize..8).prop_map(|n| {
            let fit = [
                Operator::Eq,
                Operator::Ne,
                Operator::StartsWith,
                Operator::NotStartsWith,
                Operator::EndsWith,
                Operator::NotEndsWith,
                Operator::Contains,
                Operator::NotContains,
            ];
            fit[n]
        })
    };
    let equal = || prop_oneof![Just(Operator::Eq), Just(Operator::Ne)];
    let list = prop_oneof![Just(Operator::In), Just(Operator::NotIn)];
    let pattern = prop_oneof![Just(Operator::Match), Just(Operator::NotMatch)];
    let made = |(attribute, operator, value)| Expr::Test(Test { attribute, operator, value });
    prop_oneof![
        (attributes(), text(), texts().prop_map(Value::Text)).prop_map(made),
        (attributes(), equal(), Just(Value::Null)).prop_map(made),
        (Just(Attribute::Named(13)), equal(), any::<bool>().prop_map(Value::Flag)).prop_map(made),
        (attributes(), list, prop::collection::vec(texts(), 1..4).prop_map(Value::List)).prop_map(made),
        (
            attributes(),
            pattern,
            texts().prop_map(|t| Value::Pattern(Pattern::new(&regex::escape(&t)).unwrap()))
        )
            .prop_map(made),
    ]
}

fn trees() -> impl Strategy<Value = Expr> {
    tests().prop_recursive(4, 9, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|e| Expr::Not(Box::new(e))),
        ]
    })
}

proptest! {
    /// What is printed reads back as the same rule (SPEC AUT-1).
    #[test]
    fn aut_1_printing_and_reading_gives_the_same_rule(tree in trees()) {
        let text = tree.to_string();
        prop_assume!(text.chars().count() <= LONGEST);
        let read = Rule::parse(&text);
        prop_assert!(read.is_ok(), "{}: {:?}", text, read);
        let read = read.unwrap();
        prop_assert_eq!(read.expr(), &tree, "{}", text);
        prop_assert_eq!(read.to_string(), text);
    }

    /// Printing changes nothing about who matches.
    #[test]
    fn aut_1_the_opposite_matches_exactly_the_others(tree in trees(), department in texts()) {
        let facts = person(|p| p.department = department);
        let not = Expr::Not(Box::new(tree.clone()));
        prop_assert_ne!(tree.matches(&facts), not.matches(&facts));
    }

    /// No text makes the reader panic, and every problem lies inside the text.
    #[test]
    fn aut_1_the_reader_never_panics(text in r"\PC{0,80}") {
        if let Err(problem) = Rule::parse(&text) {
            prop_assert!(problem.at <= text.chars().count());
            let _ = problem.mark(&text);
        }
    }

    /// Nor does any heap of its own words.
    #[test]
    fn aut_1_the_reader_never_panics_on_its_own_words(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "user.department", "-eq", "-in", "-match", "-not", "-and", "-or", "(", ")", "[", "]", ",",
                "\"a\"", "\"", "null", "true", "\n", "`", "user.", "-",
            ]),
            0..40,
        )
    ) {
        let text = words.join(" ");
        if let Err(problem) = Rule::parse(&text) {
            prop_assert!(problem.at <= text.chars().count());
            let _ = problem.mark(&text);
        }
    }
}
