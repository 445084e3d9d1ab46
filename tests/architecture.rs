//! Which layer may use which: scans the `use` lines of `src/`.
