//! Two migration trees, one schema (SPEC OPS-5, DESIGN section 3).

use std::collections::{BTreeMap, BTreeSet};

use latchkey::store::migrate::{self, MigrateError};
use regex::Regex;

use crate::support::{Database, Test, raw};

/// What the database says of itself, line by line.
fn dump(t: &Test) -> Vec<String> {
    if t.database.is_sqlite() {
        return t.texts(
            "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS n FROM sqlite_master \
             WHERE name NOT LIKE '%diesel%' AND name NOT LIKE 'sqlite_sequence' ORDER BY type, name",
        );
    }
    let here = "current_schema()";
    let mut lines = t.texts(&format!(
        "SELECT table_name || '.' || column_name || ': ' || data_type || ' ' || is_nullable || ' ' \
         || coalesce(column_default, '') AS n FROM information_schema.columns \
         WHERE table_schema = {here} AND table_name NOT LIKE '%diesel%' ORDER BY table_name, ordinal_position"
    ));
    lines.extend(t.texts(&format!(
        "SELECT indexname || ': ' || indexdef AS n FROM pg_indexes \
         WHERE schemaname = {here} AND indexname NOT LIKE '%diesel%' ORDER BY indexname"
    )));
    lines.extend(t.texts(&format!(
        "SELECT conname || ': ' || pg_get_constraintdef(c.oid) AS n FROM pg_constraint c \
         JOIN pg_namespace s ON s.oid = c.connamespace WHERE s.nspname = {here} \
         AND conname NOT LIKE '%diesel%' ORDER BY conrelid::regclass::text, conname"
    )));
    lines
}

/// One column: its type word and whether it may be empty.
type Columns = BTreeMap<String, BTreeMap<String, (String, bool)>>;

fn of_schema_rs(is_sqlite: bool) -> (Columns, BTreeMap<String, Vec<String>>) {
    let text = include_str!("../../../src/store/schema.rs");
    let table = Regex::new(r"(?s)\n    (\w+) \(([\w, ]+)\) \{\n(.*?)\n    \}").expect("a pattern");
    let column = Regex::new(r"(\w+) -> (?:Nullable<(\w+)>|(\w+)),").expect("a pattern");
    let (mut tables, mut keys) = (Columns::new(), BTreeMap::new());
    for found in table.captures_iter(text) {
        let columns = column.captures_iter(&found[3]).map(|c| {
            let nullable = c.get(2).is_some();
            let word = c.get(2).or(c.get(3)).expect("a type").as_str();
            let (sqlite, postgres) = match word {
                "DbUuid" => ("TEXT", "uuid"),
                "DbInstant" => ("INTEGER", "timestamp with time zone"),
                "DbJson" => ("TEXT", "jsonb"),
                "Text" => ("TEXT", "text"),
                "Bool" => ("INTEGER", "boolean"),
                "BigInt" => ("INTEGER", "bigint"),
                "Integer" => ("INTEGER", "integer"),
                "Date" => ("TEXT", "date"),
                other => panic!("schema.rs uses {other}: teach the test what it is on both databases"),
            };
            let word = if is_sqlite { sqlite } else { postgres };
            (c[1].to_owned(), (word.to_owned(), nullable))
        });
        let name = found[1].to_owned();
        let key = found[2].split(", ").map(str::to_owned).collect();
        keys.insert(name.clone(), key);
        tables.insert(name, columns.collect());
    }
    (tables, keys)
}

fn of_database(t: &Test) -> (Columns, BTreeMap<String, Vec<String>>) {
    let (columns, keys) = if t.database.is_sqlite() {
        let tables = "FROM sqlite_master m, pragma_table_info(m.name) c \
                      WHERE m.type = 'table' AND m.name NOT LIKE '%diesel%' AND m.name NOT LIKE 'sqlite%'";
        (
            format!(
                "SELECT m.name || '|' || c.name || '|' || c.type || '|' || \
                 CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END AS n {tables}"
            ),
            format!("SELECT m.name || '|' || c.name AS n {tables} AND c.pk > 0 ORDER BY m.name, c.pk"),
        )
    } else {
        let here = "current_schema() AND k.table_name NOT LIKE '%diesel%'";
        (
            format!(
                "SELECT k.table_name || '|' || column_name || '|' || data_type || '|' || is_nullable AS n \
                 FROM information_schema.columns k WHERE k.table_schema = {here}"
            ),
            format!(
                "SELECT k.table_name || '|' || k.column_name AS n FROM information_schema.key_column_usage k \
                 JOIN information_schema.table_constraints c ON c.constraint_name = k.constraint_name \
                 AND c.table_schema = k.table_schema AND c.table_name = k.table_name \
                 WHERE c.constraint_type = 'PRIMARY KEY' AND k.table_schema = {here} \
                 ORDER BY k.table_name, k.ordinal_position"
            ),
        )
    };
    let mut tables = Columns::new();
    for line in t.texts(&columns) {
        let parts: Vec<&str> = line.split('|').collect();
        tables
            .entry(parts[0].to_owned())
            .or_default()
            .insert(parts[1].to_owned(), (parts[2].to_owned(), parts[3] == "YES"));
    }
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in t.texts(&keys) {
        let (table, column) = line.split_once('|').expect("a pair");
        all.entry(table.to_owned()).or_default().push(column.to_owned());
    }
    (tables, all)
}

/// The indexes that were made by name, and the unique rules with the names that `StoreError::Taken` gives them.
fn rules(t: &Test) -> BTreeSet<String> {
    let query = if t.database.is_sqlite() {
        "SELECT CASE WHEN i.origin = 'u' THEN m.name || '_' || (SELECT group_concat(c.name, '_') \
         FROM pragma_index_info(i.name) c) || '_key' ELSE i.name END AS n \
         FROM sqlite_master m, pragma_index_list(m.name) i \
         WHERE m.type = 'table' AND i.origin <> 'pk' AND m.name NOT LIKE '%diesel%'"
    } else {
        "SELECT i.indexname AS n FROM pg_indexes i WHERE i.schemaname = current_schema() \
         AND i.indexname NOT LIKE '%\\_pkey' AND i.indexname NOT LIKE '%diesel%'"
    };
    t.texts(query).into_iter().collect()
}

on_both! {
    /// `down` undoes `up`, and `up` after it makes the same again.
    fn migrations_go_down_and_up_again(t: &mut Test) {
        let before = dump(t);
        assert!(before.len() > 43, "{} lines", before.len());
        migrate::revert_all(t.database.url()).expect("down");
        assert_eq!(dump(t), Vec::<String>::new());
        let ran = migrate::run(t.database.url()).expect("up");
        assert!(!ran.is_empty());
        assert_eq!(dump(t), before);
    }

    /// OPS-5: running the migrations again does nothing.
    fn ops_5_migrations_run_once(t: &mut Test) {
        assert_eq!(migrate::pending(t.database.url()).expect("an answer"), Vec::<String>::new());
        assert_eq!(migrate::run(t.database.url()).expect("an answer"), Vec::<String>::new());
    }

    /// OPS-5: a database of a newer version is left alone, with words that help.
    fn ops_5_a_newer_database_refuses_an_older_program(t: &mut Test) {
        t.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')");
        let before = dump(t);
        for refused in [
            migrate::run(t.database.url()).map(drop),
            migrate::pending(t.database.url()).map(drop),
        ] {
            let Err(MigrateError::Newer(name)) = &refused else {
                panic!("{refused:?}")
            };
            assert_eq!(name, "29990101000000");
            let words = refused.expect_err("refused").to_string();
            assert!(words.contains("newer than this program"), "{words}");
        }
        assert_eq!(dump(t), before);
    }

    /// The tables, columns, types, nullability and keys that the program believes in are those of the database.
    fn the_schema_is_what_the_program_believes(t: &mut Test) {
        let (believed, believed_keys) = of_schema_rs(t.database.is_sqlite());
        let (found, found_keys) = of_database(t);
        assert!(believed.len() > 40, "only {} tables were read from schema.rs", believed.len());
        let names = |columns: &Columns| columns.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&believed), names(&found));
        for (table, columns) in &believed {
            assert_eq!(columns, &found[table], "{table}");
        }
        assert_eq!(believed_keys, found_keys);
    }
}

/// The same unique rules and indexes on both, by name: messages and query plans depend on them.
#[test]
fn both_databases_have_the_same_rules() {
    if crate::support::database::left_out("postgres") || crate::support::database::left_out("sqlite") {
        return;
    }
    let (sqlite, postgres) = (Test::on(Database::sqlite()), Test::on(Database::postgres()));
    assert_eq!(rules(&sqlite), rules(&postgres));
    assert!(rules(&sqlite).contains("requests_submit_token_key"));
}

/// A migration that fails half-way leaves an empty database that a later start can migrate.
#[test]
fn a_failed_migration_leaves_nothing_behind() {
    let both: [(&str, fn() -> Database); 2] =
        [("sqlite", Database::empty_sqlite), ("postgres", Database::empty_postgres)];
    for (name, make) in both {
        if crate::support::database::left_out(name) {
            continue;
        }
        let database = make();
        let mut conn = database.connect();
        raw::batch(&mut conn, "CREATE TABLE votes (mine INTEGER)").expect("a table in the way");
        let failed = migrate::run(database.url());
        assert!(matches!(failed, Err(MigrateError::Failed(_))), "{failed:?}");
        raw::batch(&mut conn, "DROP TABLE votes").expect("out of the way");
        migrate::run(database.url()).expect("the way is clear");
    }
}
