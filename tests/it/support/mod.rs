//! What the integration tests share: pages read as a person reads them.

pub mod form;
pub mod html;
mod html_test;
