//! From texts to a checked configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::Duration;
use chrono_tz::Tz;
use url::Url;

use super::{Cidr, Config, Line, LogFormat, Problems, Secret, Sources};
use crate::domain::policy::LinkMode;
use crate::domain::webhook::Hosts;
use crate::kernel::{Email, text};

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its key in the file.
    pub name: &'static str,
    /// Its environment variable.
    pub env: &'static str,
    /// May it hold a secret? Then `…_FILE` and `…_file` name a file that holds it.
    pub secret: bool,
}

const fn key(name: &'static str, env: &'static str) -> Key {
    Key { name, env, secret: false }
}

const fn secret(name: &'static str, env: &'static str) -> Key {
    Key { name, env, secret: true }
}

/// Every setting.
pub const KEYS: [Key; 15] = [
    key("bind", "LATCHKEY_BIND"),
    key("data_dir", "LATCHKEY_DATA_DIR"),
    secret("database_url", "DATABASE_URL"),
    key("base_url", "LATCHKEY_BASE_URL"),
    secret("smtp_url", "LATCHKEY_SMTP_URL"),
    key("mail_from", "LATCHKEY_MAIL_FROM"),
    key("instance_name", "LATCHKEY_INSTANCE_NAME"),
    key("time_zone", "LATCHKEY_TIME_ZONE"),
    key("link_mode", "LATCHKEY_LINK_MODE"),
    key("trusted_proxies", "LATCHKEY_TRUSTED_PROXIES"),
    key("webhook_hosts", "LATCHKEY_WEBHOOK_HOSTS"),
    key("session_idle_minutes", "LATCHKEY_SESSION_IDLE_MINUTES"),
    key("session_absolute_hours", "LATCHKEY_SESSION_ABSOLUTE_HOURS"),
    key("log", "LATCHKEY_LOG"),
    key("log_format", "LATCHKEY_LOG_FORMAT"),
];

/// Variables with our prefix that belong to scripts and tests, not to the program.
const FOREIGN: [&str; 5] =
    ["LATCHKEY_BIN", "LATCHKEY_CHROMIUM", "LATCHKEY_TEST_", "LATCHKEY_PG_", "LATCHKEY_BENCH_"];

#[derive(Debug, Clone)]
struct Given {
    value: String,
    origin: String,
}

#[derive(Default)]
struct Reader {
    given: BTreeMap<&'static str, Given>,
    problems: Vec<String>,
    report: Vec<Line>,
}

pub(super) fn read(sources: &Sources) -> Result<Config, Problems> {
    let mut reader = Reader::default();
    reader.file(sources);
    reader.environment(sources);
    for (name, value) in &sources.flags {
        let origin = format!("--{}", name.replace('_', "-"));
        reader.give(name, value.clone(), origin);
    }
    reader.check()
}

impl Reader {
    fn give(&mut self, name: &'static str, value: String, origin: String) {
        self.given.insert(name, Given { value, origin });
    }

    fn give_file(&mut self, key: Key, path: &str, origin: String) {
        match std::fs::read_to_string(path) {
            Ok(text) => self.give(key.name, text.trim().to_owned(), origin),
            Err(error) => self.problems.push(format!("{origin}: {path} cannot be read: {error}")),
        }
    }

    fn file(&mut self, sources: &Sources) {
        let Some((path, text)) = &sources.file else { return };
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let error = error.to_string();
                let error = error.trim_end().replace('\n', "\n    ");
                return self.problems.push(format!("{} is no TOML: {error}", path.display()));
            }
        };
        for (name, value) in table {
            let origin = format!("{name} in {}", path.display());
            let known = KEYS.into_iter().find(|key| key.name == name);
            let by_file =
                KEYS.into_iter().find(|key| key.secret && name.strip_suffix("_file") == Some(key.name));
            let value = match plain(&value) {
                Ok(value) => value,
                Err(wanted) => {
                    self.problems.push(format!("{origin}: {wanted}"));
                    continue;
                }
            };
            match (known, by_file) {
                (Some(key), _) => self.give(key.name, value, origin),
                (None, Some(key)) => self.give_file(key, &value, origin),
                (None, None) => {
                    self.problems.push(format!("{origin}: there is no such setting{}", hint(&name)));
                }
            }
        }
    }

    fn environment(&mut self, sources: &Sources) {
        for key in KEYS {
            let file = format!("{}_FILE", key.env);
            let value = sources.env.get(key.env).filter(|v| !v.is_empty());
            let path = sources.env.get(&file).filter(|v| key.secret && !v.is_empty());
            match (value, path) {
                (Some(_), Some(_)) => {
                    self.problems.push(format!("{} and {file} are both set: keep one", key.env));
                }
                (Some(value), None) => self.give(key.name, value.clone(), key.env.to_owned()),
                (None, Some(path)) => self.give_file(key, path, file),
                (None, None) => {}
            }
        }
        for name in sources.env.keys().filter(|name| name.starts_with("LATCHKEY_")) {
            let known = name == "LATCHKEY_CONFIG"
                || FOREIGN.iter().any(|foreign| {
                    if foreign.ends_with('_') { name.starts_with(foreign) } else { name == foreign }
                })
                || KEYS.iter().any(|key| {
                    name == key.env || (key.secret && name.strip_suffix("_FILE") == Some(key.env))
                });
            if !known {
                let word = name.trim_start_matches("LATCHKEY_").to_lowercase();
                self.problems
                    .push(format!("environment variable {name}: there is no such setting{}", hint(&word)));
            }
        }
    }

    /// The value of a setting, read by `parse`; a problem is noted and leaves the default.
    fn take<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let secret = KEYS.iter().any(|key| key.name == name && key.secret);
        let given = self.given.get(name).cloned();
        let (value, origin) = match &given {
            Some(given) => (given.value.trim(), given.origin.clone()),
            None => (default, "default".to_owned()),
        };
        self.report.push(Line {
            key: name,
            value: if secret && given.is_some() { "(hidden)".to_owned() } else { value.to_owned() },
            origin: origin.clone(),
        });
        match parse(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(format!("{origin}: {error}"));
                None
            }
        }
    }

    fn check(mut self) -> Result<Config, Problems> {
        let data_dir = self.take("data_dir", "./var", |v| filled(v).map(PathBuf::from));
        let embedded = data_dir
            .as_ref()
            .map_or_else(String::new, |dir| format!("sqlite://{}", dir.join("latchkey.db").display()));
        let bind = self.take("bind", "127.0.0.1:8080", |v| {
            v.parse::<SocketAddr>()
                .map_err(|_| format!("“{v}” is no address to listen on; write it like 127.0.0.1:8080"))
        });
        let default_url =
            bind.map_or_else(|| "http://127.0.0.1:8080".to_owned(), |bind| format!("http://{bind}"));
        if let Some(bind) = bind
            && bind.ip().is_unspecified()
            && !self.given.contains_key("base_url")
        {
            self.problems.push(format!(
                "bind is {bind}, which is no address that a link could name: set base_url (LATCHKEY_BASE_URL) to \
                 where people reach the portal"
            ));
        }
        let config = (
            bind,
            self.take("database_url", &embedded, database),
            self.take("base_url", &default_url, base_url),
            self.take("smtp_url", "", smtp),
            self.take("mail_from", "", |v| match v {
                "" => Ok(None),
                v => Email::parse(v).map(Some),
            }),
            self.take("instance_name", "Latchkey", |v| text::line(v, 60)),
            self.take("time_zone", "UTC", |v| {
                v.parse::<Tz>().map_err(|_| format!("“{v}” is no time zone; write it like Europe/Berlin"))
            }),
            self.take("link_mode", LinkMode::SignIn.as_str(), |v| {
                LinkMode::parse(v).ok_or_else(|| format!("“{v}” is not one of signIn, code, noticeOnly"))
            }),
            self.take("trusted_proxies", "", |v| {
                v.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(str::parse::<Cidr>)
                    .collect::<Result<Vec<_>, _>>()
            }),
            self.take("webhook_hosts", "", Hosts::parse),
            self.take("session_idle_minutes", "30", |v| number(v, 1, 24 * 60)),
            self.take("session_absolute_hours", "12", |v| number(v, 1, 24 * 30)),
            self.take("log", "info", filled),
            self.take("log_format", "text", |v| match v {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                v => Err(format!("“{v}” is not one of text, json")),
            }),
        );
        let (
            Some(bind),
            Some(database_url),
            Some(base_url),
            Some(smtp_url),
            Some(mail_from),
            Some(instance_name),
            Some(time_zone),
            Some(link_mode),
            Some(trusted_proxies),
            Some(webhook_hosts),
            Some(idle),
            Some(absolute),
            Some(log),
            Some(log_format),
        ) = config
        else {
            return Err(Problems(self.problems));
        };
        match data_dir {
            Some(data_dir) if self.problems.is_empty() => Ok(Config {
                bind,
                data_dir,
                database_url,
                base_url,
                smtp_url,
                mail_from,
                instance_name,
                time_zone,
                link_mode,
                trusted_proxies,
                webhook_hosts,
                session_idle: Duration::minutes(idle),
                session_absolute: Duration::hours(absolute),
                log,
                log_format,
                report: self.report,
            }),
            _ => Err(Problems(self.problems)),
        }
    }
}

/// A value of the file as a text; lists become texts with commas.
fn plain(value: &toml::Value) -> Result<String, &'static str> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().ok_or("every item of the list has to be a text"))
            .collect::<Result<Vec<_>, _>>()
            .map(|items| items.join(",")),
        _ => Err("write a text, a number or a list of texts"),
    }
}

/// The known setting that is spelled most alike.
fn hint(name: &str) -> String {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    KEYS.iter()
        .find(|key| {
            let (a, b) = (plain(&name.to_lowercase()), plain(key.name));
            a == b || (a.len() > 3 && (b.contains(&a) || a.contains(&b)))
        })
        .map_or_else(String::new, |key| format!("; did you mean {}?", key.name))
}

fn filled(value: &str) -> Result<String, &'static str> {
    if value.is_empty() { Err("it is empty") } else { Ok(value.to_owned()) }
}

fn number(value: &str, least: i64, most: i64) -> Result<i64, String> {
    value
        .parse::<i64>()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("“{value}” is no number from {least} to {most}"))
}

fn database(value: &str) -> Result<Secret, &'static str> {
    let known = ["sqlite://", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| value.len() > scheme.len() && value.starts_with(scheme)) {
        Ok(Secret::new(value))
    } else {
        Err("the database URL has to start with sqlite:// or postgres://")
    }
}

fn base_url(value: &str) -> Result<String, String> {
    let bad = || {
        format!(
            "“{value}” is no address of a portal; write it like https://access.example.org, without a path"
        )
    };
    let url = Url::parse(value).map_err(|_| bad())?;
    let good = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if good { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(bad()) }
}

fn smtp(value: &str) -> Result<Option<Secret>, &'static str> {
    if value.is_empty() {
        return Ok(None);
    }
    let good =
        Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.host().is_some());
    if good {
        Ok(Some(Secret::new(value)))
    } else {
        Err(
            "the mail server has to be written like smtps://user:password@mail.example.org or smtp://127.0.0.1:25",
        )
    }
}
