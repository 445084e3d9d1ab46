//! The matrix. One letter per visitor, in the order of `VISITORS`: `s` is sent to sign in, `o` may (the page, or a
//! form's answer), `b` the form is not one that the portal made, `f` forbidden, `n` not found.

/// The rows.
pub const ROWS: &[(&str, &str)] = &[];

/// What is sent to a route: fields as its page sends them.
pub fn fields(_path: &str) -> Vec<(&'static str, &'static str)> {
    Vec::new()
}
