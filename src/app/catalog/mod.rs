//! Use cases of catalogs, resources, packages and policies (SPEC sections 5 to 7).
