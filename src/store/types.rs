//! SQL types that both databases share, and how domain types map to them.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self, HasSqlType, Nullable, SqlType};
use diesel::sqlite::Sqlite;

use super::conn::MultiBackend;
use crate::kernel::Moment;
use crate::kernel::ids::*;

/// A UUID: `uuid` on PostgreSQL, lower-case text on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Text"))]
pub struct DbUuid;

/// An instant: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct DbInstant;

/// JSON that is never queried inside: `jsonb` on PostgreSQL, text on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct DbJson;

impl sql_types::SqlOrd for DbInstant {}
impl sql_types::SqlOrd for DbUuid {}

macro_rules! known_to_both {
    ($($sql:ty),+) => { $(
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }
    )+ };
}
known_to_both!(DbUuid, DbInstant, DbJson);

macro_rules! uuid_conversions {
    ($t:ty) => {
        impl FromSql<DbUuid, Pg> for $t {
            fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(<uuid::Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(raw)?))
            }
        }
        impl FromSql<DbUuid, Sqlite> for $t {
            fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(raw)?;
                Ok(Self(uuid::Uuid::parse_str(&text)?))
            }
        }
        impl FromSql<DbUuid, MultiBackend> for $t {
            fn from_sql(raw: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                raw.from_sql::<Self, DbUuid>()
            }
        }
        impl ToSql<DbUuid, Pg> for $t {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <uuid::Uuid as ToSql<sql_types::Uuid, Pg>>::to_sql(&self.0, out)
            }
        }
        impl ToSql<DbUuid, Sqlite> for $t {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.to_string());
                Ok(IsNull::No)
            }
        }
        impl ToSql<DbUuid, MultiBackend> for $t {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((DbUuid, self));
                Ok(IsNull::No)
            }
        }
    };
}

/// Any UUID: for columns that hold ids of several kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, deserialize::FromSqlRow)]
#[diesel(sql_type = DbUuid)]
pub struct AnyId(pub uuid::Uuid);
uuid_conversions!(AnyId);

/// Id newtypes know nothing of diesel; here they learn to be a [`DbUuid`].
macro_rules! ids_in_sql {
    ($($t:ty),+ $(,)?) => { $(
        uuid_conversions!($t);
        ids_in_sql!(@expr $t, $t, DbUuid);
        ids_in_sql!(@expr &$t, $t, DbUuid);
        ids_in_sql!(@expr $t, $t, Nullable<DbUuid>);
        ids_in_sql!(@expr &$t, $t, Nullable<DbUuid>);
        impl<DB: Backend> Queryable<DbUuid, DB> for $t
        where
            Self: FromSql<DbUuid, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )+ };
    (@expr $from:ty, $t:ty, $sql:ty) => {
        impl AsExpression<$sql> for $from {
            type Expression = <AnyId as AsExpression<$sql>>::Expression;
            fn as_expression(self) -> Self::Expression {
                AsExpression::<$sql>::as_expression(AnyId(self.0))
            }
        }
    };
}
ids_in_sql!(
    UserId,
    GroupId,
    OrganizationId,
    CatalogId,
    ResourceId,
    ResourceRoleId,
    PackageId,
    PolicyId,
    ConflictId,
    RequestId,
    AssignmentId,
    DeliveryId,
    AttemptId,
    OrderId,
    PackageChangeId,
    TaskId,
    VoteId,
    DelegationId,
    RoleGrantId,
    NoticeId,
    LinkId,
    CodeId,
    AccountLinkId,
    SessionId,
    BulkWorkId,
    ImportId,
    JobId,
    AuditId,
    StepId,
    CommentId,
    ChangeRequestId,
);

macro_rules! shared_conversions {
    ($t:ty, $sql:ty) => {
        impl FromSql<$sql, MultiBackend> for $t {
            fn from_sql(raw: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                raw.from_sql::<Self, $sql>()
            }
        }
        impl ToSql<$sql, MultiBackend> for $t {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }
    };
}

/// How an instant travels.
#[derive(Debug, Clone, Copy, AsExpression, deserialize::FromSqlRow)]
#[diesel(sql_type = DbInstant)]
pub struct Instant(Moment);

macro_rules! instant_conversions {
    ($t:ty, $wrap:expr, $unwrap:expr) => {
        impl FromSql<DbInstant, Pg> for $t {
            fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let at = <DateTime<Utc> as FromSql<sql_types::Timestamptz, Pg>>::from_sql(raw)?;
                Ok($wrap(Moment::from(at)))
            }
        }
        impl FromSql<DbInstant, Sqlite> for $t {
            fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let micros = <i64 as FromSql<sql_types::BigInt, Sqlite>>::from_sql(raw)?;
                let at = Moment::from_micros(micros).ok_or_else(|| format!("{micros} is no instant"))?;
                Ok($wrap(at))
            }
        }
        impl ToSql<DbInstant, Pg> for $t {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let at: DateTime<Utc> = $unwrap(*self).into();
                <DateTime<Utc> as ToSql<sql_types::Timestamptz, Pg>>::to_sql(&at, &mut out.reborrow())
            }
        }
        impl ToSql<DbInstant, Sqlite> for $t {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value($unwrap(*self).timestamp_micros());
                Ok(IsNull::No)
            }
        }
        shared_conversions!($t, DbInstant);
    };
}
instant_conversions!(Moment, |m| m, |m: Moment| m);
instant_conversions!(Instant, Instant, |i: Instant| i.0);

macro_rules! moment_expression {
    ($from:ty, $sql:ty) => {
        impl AsExpression<$sql> for $from {
            type Expression = <Instant as AsExpression<$sql>>::Expression;
            fn as_expression(self) -> Self::Expression {
                AsExpression::<$sql>::as_expression(Instant(Moment::clone(&self)))
            }
        }
    };
}
moment_expression!(Moment, DbInstant);
moment_expression!(&Moment, DbInstant);
moment_expression!(Moment, Nullable<DbInstant>);
moment_expression!(&Moment, Nullable<DbInstant>);
impl<DB: Backend> Queryable<DbInstant, DB> for Moment
where
    Self: FromSql<DbInstant, DB>,
{
    type Row = Self;
    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

/// JSON as it travels.
#[derive(Debug, Clone, PartialEq, AsExpression, deserialize::FromSqlRow)]
#[diesel(sql_type = DbJson)]
pub struct Json(pub serde_json::Value);

impl Json {
    /// Anything as JSON.
    pub fn of<T: serde::Serialize>(value: &T) -> Result<Self, super::StoreError> {
        Ok(Self(serde_json::to_value(value)?))
    }

    /// What the JSON stands for.
    pub fn read<T: serde::de::DeserializeOwned>(self) -> Result<T, super::StoreError> {
        Ok(serde_json::from_value(self.0)?)
    }
}

impl FromSql<DbJson, Pg> for Json {
    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <serde_json::Value as FromSql<sql_types::Jsonb, Pg>>::from_sql(raw).map(Self)
    }
}
impl FromSql<DbJson, Sqlite> for Json {
    fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(raw)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}
impl ToSql<DbJson, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <serde_json::Value as ToSql<sql_types::Jsonb, Pg>>::to_sql(&self.0, &mut out.reborrow())
    }
}
impl ToSql<DbJson, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}
shared_conversions!(Json, DbJson);

/// Enums of fixed words are kept as those words; an unknown word is an error.
macro_rules! words_in_sql {
    ($($t:ty),+ $(,)?) => { $(
        words_in_sql!(@expr $t, sql_types::Text);
        words_in_sql!(@expr &$t, sql_types::Text);
        words_in_sql!(@expr $t, Nullable<sql_types::Text>);
        words_in_sql!(@expr &$t, Nullable<sql_types::Text>);
        impl<DB: Backend> ToSql<sql_types::Text, DB> for $t
        where
            str: ToSql<sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <str as ToSql<sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }
        impl<DB: Backend> FromSql<sql_types::Text, DB> for $t
        where
            String: FromSql<sql_types::Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let word = <String as FromSql<sql_types::Text, DB>>::from_sql(raw)?;
                Self::parse(&word).ok_or_else(|| format!("unknown word {word:?} for {}", stringify!($t)).into())
            }
        }
        impl<DB: Backend> Queryable<sql_types::Text, DB> for $t
        where
            Self: FromSql<sql_types::Text, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )+ };
    (@expr $from:ty, $sql:ty) => {
        impl AsExpression<$sql> for $from {
            type Expression = <&'static str as AsExpression<$sql>>::Expression;
            fn as_expression(self) -> Self::Expression {
                AsExpression::<$sql>::as_expression(self.as_str())
            }
        }
    };
}
words_in_sql!(
    crate::domain::access::CatalogRole,
    crate::domain::access::DirectoryRole,
    crate::domain::account::LinkPurpose,
    crate::domain::approval::Channel,
    crate::domain::approval::Circle,
    crate::domain::approval::StageState,
    crate::domain::approval::Verdict,
    crate::domain::assignment::AssignmentState,
    crate::domain::assignment::EndReason,
    crate::domain::audit::ObjectKind,
    crate::domain::bulk::RowState,
    crate::domain::bulk::WorkKind,
    crate::domain::bulk::WorkState,
    crate::domain::catalog::CatalogState,
    crate::domain::handover::Progress,
    crate::domain::catalog::ConnectorKind,
    crate::domain::catalog::GroupRole,
    crate::domain::catalog::ResourceKind,
    crate::domain::conversation::ChangesOutcome,
    crate::domain::conversation::SpeaksAs,
    crate::domain::delivery::DeliveryState,
    crate::domain::directory::GroupKind,
    crate::domain::directory::OrganizationState,
    crate::domain::directory::UserKind,
    crate::domain::directory::UserSource,
    crate::domain::fulfilment::TaskAction,
    crate::domain::fulfilment::TaskState,
    crate::domain::following::FollowerKind,
    crate::domain::following::Following,
    crate::domain::notice::NoticeState,
    crate::domain::order::Action,
    crate::domain::order::Outcome,
    crate::domain::policy::LinkMode,
    crate::domain::policy::ScopeKind,
    crate::domain::request::Changes,
    crate::domain::request::RequestKind,
    crate::domain::request::RequestState,
    super::imports::ImportState,
    super::jobs::JobState,
);
