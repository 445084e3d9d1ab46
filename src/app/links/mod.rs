//! Use cases of emailed decision links (SPEC APR-12).
