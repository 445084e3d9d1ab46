//! SPEC FIX-2 and OPS-3.

use super::*;

fn sources(file: &str, env: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Sources {
    Sources {
        flags: flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
        env: env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        file: (!file.is_empty()).then(|| ("latchkey.toml".into(), file.to_owned())),
    }
}

fn problems(file: &str, env: &[(&str, &str)]) -> Vec<String> {
    Config::load(&sources(file, env, &[])).unwrap_err().0
}

#[test]
fn fix_2_the_defaults() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir.to_str(), Some("./var"));
    assert_eq!(config.database_url.reveal(), "sqlite://./var/latchkey.db");
    assert_eq!(config.base_url, "http://127.0.0.1:8080");
    assert_eq!(config.smtp_url, None);
    assert_eq!(config.session_idle, Duration::minutes(30));
    assert_eq!(config.session_absolute, Duration::hours(12));
}

#[test]
fn fix_2_flags_win_over_the_environment_and_that_over_the_file() {
    let file = "bind = \"127.0.0.1:1\"\ninstance_name = \"File\"\ntime_zone = \"Europe/Berlin\"";
    let env = [("LATCHKEY_BIND", "127.0.0.1:2"), ("LATCHKEY_INSTANCE_NAME", "Environment")];
    let config = Config::load(&sources(file, &env, &[("bind", "127.0.0.1:3")])).unwrap();
    assert_eq!(config.bind.port(), 3);
    assert_eq!(config.instance_name, "Environment");
    assert_eq!(config.time_zone, chrono_tz::Europe::Berlin);
    assert_eq!(config.base_url, "http://127.0.0.1:3", "the default follows bind");
}

#[test]
fn ops_3_all_problems_are_reported_together() {
    let found = problems(
        "bind = \"8080\"\ntimezone = \"UTC\"\nsession_idle_minutes = 0\nlog_format = true",
        &[("DATABASE_URL", "mysql://x"), ("LATCHKEY_BASE_URL", "access.example.org"), ("LATCHKEY_BIDN", "x")],
    );
    let text = found.join("\n");
    for expected in [
        "bind in latchkey.toml: “8080”",
        "timezone in latchkey.toml: there is no such setting; did you mean time_zone?",
        "session_idle_minutes in latchkey.toml: “0” is no number from 1",
        "log_format in latchkey.toml: write a text",
        "DATABASE_URL: the database URL has to start with",
        "LATCHKEY_BASE_URL: “access.example.org”",
        "environment variable LATCHKEY_BIDN: there is no such setting",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    assert_eq!(found.len(), 7, "{text}");
}

#[test]
fn ops_3_secrets_come_from_files_and_stay_hidden() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    std::fs::write(&path, "postgres://me:hunter2@db/latchkey\n").unwrap();
    let path = path.to_str().unwrap();
    let config = Config::load(&sources("", &[("DATABASE_URL_FILE", path)], &[])).unwrap();
    assert_eq!(config.database_url.reveal(), "postgres://me:hunter2@db/latchkey");
    assert!(!format!("{config:?}").contains("hunter2"));
    let by_key = Config::load(&sources(&format!("database_url_file = {path:?}"), &[], &[])).unwrap();
    assert_eq!(by_key.database_url, config.database_url);
    let both = problems("", &[("DATABASE_URL_FILE", path), ("DATABASE_URL", "sqlite://x")]);
    assert!(both.concat().contains("both set"));
    let gone = problems("", &[("LATCHKEY_SMTP_URL_FILE", "/does/not/exist")]);
    assert!(gone.concat().contains("cannot be read"));
    let plain = problems("", &[("LATCHKEY_BIND_FILE", path)]);
    assert!(plain.concat().contains("no such setting"), "only secrets come from files");
}

#[test]
fn a_portal_on_all_addresses_has_to_be_told_its_own() {
    assert!(problems("bind = \"0.0.0.0:80\"", &[]).concat().contains("set base_url"));
    let config =
        Config::load(&sources("bind = \"0.0.0.0:80\"\nbase_url = \"https://a.example/\"", &[], &[])).unwrap();
    assert_eq!(config.base_url, "https://a.example");
}

#[test]
fn addresses_of_portals_have_no_path_and_no_user() {
    for bad in ["ftp://a", "https://a/b", "https://a?x", "https://u:p@a", "a", ""] {
        let found = Config::load(&sources("", &[], &[("base_url", bad)]));
        assert!(found.is_err(), "{bad}");
    }
}

#[test]
fn variables_of_scripts_are_left_alone() {
    let env = [("LATCHKEY_BIN", "x"), ("LATCHKEY_TEST_PG_URL", "y"), ("LATCHKEY_CONFIG", "")];
    assert!(Config::load(&sources("", &env, &[])).is_ok());
}

#[test]
fn the_example_file_names_every_setting_and_shows_the_defaults() {
    let example = include_str!("../../latchkey.example.toml");
    let live: String = example
        .lines()
        .map(|line| line.strip_prefix("#! ").unwrap_or(line))
        .filter(|line| !line.starts_with('#'))
        .fold(String::new(), |all, line| all + line + "\n");
    for key in KEYS {
        assert!(
            example.contains(&format!("#! {} = ", key.name)),
            "{} is missing in latchkey.example.toml",
            key.name
        );
        assert!(
            include_str!("../../.env.example").contains(&format!("#{}=", key.env)),
            "{} is missing in .env.example",
            key.env
        );
    }
    Config::load(&sources(&live, &[], &[])).unwrap();
}
