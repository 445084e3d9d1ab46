//! The rules of entitlement management, pure: no database, no web, no clock, no randomness. Facts come in as
//! arguments, decisions go out as values; a rule that is broken is a [`Refusal`] with its number in the
//! specification and words for a person.

pub mod access;
pub mod account;
pub mod allowance;
pub mod answers;
pub mod approval;
pub mod assignment;
pub mod attributes;
pub mod audit;
pub mod bulk;
pub mod catalog;
pub mod conflict;
pub mod conversation;
pub mod delegation;
pub mod delivery;
pub mod digest;
pub mod directory;
pub mod explain;
pub mod extension;
pub mod following;
pub mod fulfilment;
pub mod handover;
pub mod import;
pub mod lifecycle;
pub mod link;
pub mod new_end;
pub mod notice;
pub mod notice_text;
pub mod order;
pub mod package;
pub mod password;
pub mod period;
pub mod policy;
pub mod question;
pub mod refusal;
pub mod request;
pub mod revision;
pub mod rule;
pub mod timeline;
pub mod webhook;

pub use refusal::Refusal;
