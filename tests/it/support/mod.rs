//! What the integration tests share: a database of its own for each test, a clock that stands still, the people
//! and packages of the examples, and pages read as a person reads them.

#![allow(dead_code, reason = "a kit: not every part is in use at every time")]

/// Writes tests that run on both databases: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// on_both! {
///     /// Why the rule matters (SPEC XYZ-1).
///     fn strangers_see_nothing(t: &mut Test) { … }
/// }
/// ```
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($t:ident: &mut Test) $body:block)+) => { $(
        $(#[$meta])*
        fn $name($t: &mut $crate::support::Test) $body
        mod $name {
            #[test]
            fn sqlite() {
                $crate::support::on_sqlite(super::$name);
            }
            #[test]
            fn postgres() {
                $crate::support::on_postgres(super::$name);
            }
        }
    )+ };
}

pub mod browser;
mod browser_test;
pub mod database;
pub mod fixtures;
pub mod form;
pub mod html;
mod html_test;
pub mod mail;
mod mail_test;
pub mod meanwhile;
pub mod people;
pub mod raw;
pub mod server;
pub mod terms;
mod test;

#[allow(unused_imports, reason = "part of the kit")]
pub use browser::Answer;
pub use browser::Browser;
pub use database::Database;
pub use test::{Test, on_postgres, on_sqlite};
