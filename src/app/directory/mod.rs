//! Use cases of the directory: users, groups and directory-wide roles (SPEC sections 2 and 3).
