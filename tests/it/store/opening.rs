//! Opening a database: the right one, or a clear reason why not (SPEC OPS-2).

use latchkey::store::{DatabaseUrl, Db, StoreError, migrate};

/// The reason why a database cannot be opened.
fn why_not(url: &str) -> String {
    let url: DatabaseUrl = url.parse().expect("a database URL");
    match Db::open(&url) {
        Err(StoreError::Unavailable(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("{url} was opened"),
    }
}

#[test]
fn ops_2_a_missing_folder_is_no_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("nowhere/latchkey.db");
    let why = why_not(&format!("sqlite://{}", missing.display()));
    assert!(!why.is_empty());
    assert!(!missing.exists(), "nothing was made");
}

#[test]
fn ops_2_a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.txt");
    let letter = "Dear database, ".repeat(100);
    std::fs::write(&path, &letter).expect("a file");
    why_not(&format!("sqlite://{}", path.display()));
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), letter);
}

#[test]
fn ops_2_a_server_that_does_not_answer_is_named_without_its_password() {
    // Port 9 of the loopback (discard) has no PostgreSQL.
    let url = "postgres://me:s3cret-word@127.0.0.1:9/latchkey?connect_timeout=2";
    let why = why_not(url);
    assert!(why.contains("127.0.0.1"), "{why}");
    assert!(!why.contains("s3cret-word"), "{why}");
    let error = migrate::run(&url.parse().expect("a URL")).expect_err("no server");
    assert!(!format!("{error} {error:?}").contains("s3cret-word"), "{error:?}");
}
