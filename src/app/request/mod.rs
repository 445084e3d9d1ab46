//! Use cases of requests and assignments: submit, decide, cancel, deliver, end (SPEC sections 8 and 9).
