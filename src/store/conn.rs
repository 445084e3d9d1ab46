//! A connection to either database.

#![expect(missing_docs, reason = "diesel derives public items that cannot carry comments")]

use diesel::prelude::*;

/// A connection; which database it is was decided by the URL.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(diesel::PgConnection),
    /// SQLite.
    Sqlite(diesel::SqliteConnection),
}

/// Which database to use.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(std::path::PathBuf),
    /// A PostgreSQL connection string.
    Postgres(String),
}

/// Why a text is not a database URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the database URL must start with sqlite:// or postgres://")]
pub struct BadDatabaseUrl;

impl std::str::FromStr for DatabaseUrl {
    type Err = BadDatabaseUrl;

    /// Reads `sqlite://path` (relative, or absolute with three slashes) or `postgres://…`. Anything else is
    /// refused: a mistyped URL must never quietly become a new SQLite file.
    fn from_str(text: &str) -> Result<Self, BadDatabaseUrl> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            if path.is_empty() { Err(BadDatabaseUrl) } else { Ok(Self::Sqlite(path.into())) }
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err(BadDatabaseUrl)
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    /// The URL without its password: safe for messages and logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(text) => match url::Url::parse(text) {
                Ok(mut url) => {
                    if url.password().is_some() {
                        let _ = url.set_password(Some("***"));
                    }
                    url.set_query(None);
                    write!(f, "{url}")
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_2_a_mistyped_url_is_refused_and_passwords_stay_hidden() {
        assert!("sqlite://var/a.db".parse::<DatabaseUrl>().is_ok());
        for bad in ["", "postgre://x", "var/latchkey.db", "sqlite:", "sqlite://", "mysql://x"] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
        let url: DatabaseUrl = "postgres://me:secret@db.example/latchkey?sslmode=require".parse().unwrap();
        assert!(!url.to_string().contains("secret"));
    }
}
