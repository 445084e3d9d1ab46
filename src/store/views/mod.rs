//! Read models: what pages show, as owned structs of domain types, in a bounded number of queries each.
