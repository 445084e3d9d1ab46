//! Background work: the runner, its schedule, the sweeps and the mailer.

pub mod sweeps;
