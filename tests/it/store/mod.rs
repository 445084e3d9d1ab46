//! The store on both databases: what every other test leans on.

mod transactions;
