//! Connectors: how the roles of resources are delivered to the systems behind them. Know `kernel` and `domain` only.
