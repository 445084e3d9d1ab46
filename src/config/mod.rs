//! What an operator can set.

pub mod cidr;

pub use cidr::Cidr;
