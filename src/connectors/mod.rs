//! Connectors: how the roles of resources are delivered to the systems behind them. Know `kernel` and `domain` only.
//!
//! The `directory` connector is not here but in the store, because its target is there.

pub mod webhook;
