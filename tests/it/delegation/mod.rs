//! Delegation: who may do what, by role and by data (SPEC section 2).

mod hand_over;
mod permissions;
