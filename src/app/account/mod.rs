//! Use cases of accounts: signing in and out, sessions, passwords, invitation, reset and set-up links (SPEC section 4).
