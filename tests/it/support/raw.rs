//! Rows by hand, past the rules of the portal: for fixtures, for damage done on purpose, and to look behind the
//! scenes. Only tests may do this.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use latchkey::kernel::Moment;
use latchkey::kernel::ids::EntityId;
use latchkey::store::Conn;

use super::Test;

/// A value in a statement.
#[derive(Clone, Debug)]
pub enum Sql {
    /// Text, a word or JSON.
    Text(String),
    /// A number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant.
    At(Moment),
    /// Nothing.
    Null,
}

impl From<&str> for Sql {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Sql {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<bool> for Sql {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}
impl From<Moment> for Sql {
    fn from(at: Moment) -> Self {
        Self::At(at)
    }
}
impl<T: Into<Self>> From<Option<T>> for Sql {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// An id as a value.
pub fn id<T: EntityId>(id: T) -> Sql {
    Sql::Text(id.uuid().to_string())
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Nullable<Text>)]
    n: Option<String>,
}

impl Test {
    /// The value as this database writes it.
    pub fn literal(&self, value: &Sql) -> String {
        match value {
            Sql::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Sql::Int(number) => number.to_string(),
            Sql::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
            Sql::At(at) if self.database.is_sqlite() => at.timestamp_micros().to_string(),
            Sql::At(at) => format!("'{at}'"),
            Sql::Null => "NULL".to_owned(),
        }
    }

    /// The statement that adds a row.
    pub fn insert_statement(&self, table: &str, row: &[(&str, Sql)]) -> String {
        let columns: Vec<&str> = row.iter().map(|(column, _)| *column).collect();
        let values: Vec<String> = row.iter().map(|(_, value)| self.literal(value)).collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        format!("INSERT INTO {table} ({columns}) VALUES ({values})")
    }

    /// Adds a row.
    #[track_caller]
    pub fn insert(&self, table: &str, row: &[(&str, Sql)]) {
        self.sql(&self.insert_statement(table, row));
    }

    /// Runs statements, on a connection of their own.
    #[track_caller]
    pub fn sql(&self, statements: &str) {
        self.try_sql(statements).unwrap_or_else(|e| panic!("{e}: {statements}"));
    }

    /// Runs statements; tells how they failed.
    pub fn try_sql(&self, statements: &str) -> Result<(), String> {
        batch(&mut self.database.connect(), statements)
    }

    /// The one number that a query `SELECT … AS n` gives.
    #[track_caller]
    pub fn number(&self, query: &str) -> i64 {
        number(&mut self.database.connect(), query)
    }

    /// How many rows a table has (with `WHERE …`, if the text goes on).
    #[track_caller]
    pub fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) AS n FROM {table}"))
    }

    /// The texts that a query `SELECT … AS n` gives.
    #[track_caller]
    pub fn texts(&self, query: &str) -> Vec<String> {
        texts(&mut self.database.connect(), query)
    }
}

/// Runs statements.
pub fn batch(conn: &mut Conn, statements: &str) -> Result<(), String> {
    match conn {
        Conn::Pg(c) => c.batch_execute(statements),
        Conn::Sqlite(c) => c.batch_execute(statements),
    }
    .map_err(|e| e.to_string())
}

/// The one number that a query `SELECT … AS n` gives.
#[track_caller]
pub fn number(conn: &mut Conn, query: &str) -> i64 {
    let row: Result<Number, _> = match conn {
        Conn::Pg(c) => diesel::sql_query(query).get_result(c),
        Conn::Sqlite(c) => diesel::sql_query(query).get_result(c),
    };
    row.unwrap_or_else(|e| panic!("{e}: {query}")).n
}

/// The texts that a query `SELECT … AS n` gives; nothing is an empty one.
#[track_caller]
pub fn texts(conn: &mut Conn, query: &str) -> Vec<String> {
    let rows: Result<Vec<Words>, _> = match conn {
        Conn::Pg(c) => diesel::sql_query(query).load(c),
        Conn::Sqlite(c) => diesel::sql_query(query).load(c),
    };
    rows.unwrap_or_else(|e| panic!("{e}: {query}")).into_iter().map(|row| row.n.unwrap_or_default()).collect()
}
