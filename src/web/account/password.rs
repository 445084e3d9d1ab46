//! The two fields in which a new password is chosen, and what a rule says about it.

use crate::domain::Refusal;
use crate::web::FormErrors;
use crate::web::ui::FieldView;

/// The fields, with their mistakes. What was typed never comes back.
pub fn fields(errors: &FormErrors) -> [FieldView; 2] {
    [
        FieldView::password("new_password", "New password")
            .hint("At least 12 characters. Several words in a row are strong and easy to remember.")
            .required()
            .autocomplete("new-password")
            .error(errors.of("new_password")),
        FieldView::password("repeat", "New password again")
            .required()
            .autocomplete("new-password")
            .error(errors.of("repeat")),
    ]
}

/// Notes the mistakes that can be seen without knowing the person.
pub fn check(errors: &mut FormErrors, new: &str, repeat: &str) {
    if new.is_empty() {
        errors.add("new_password", "Choose a password.");
    } else if new != repeat {
        errors.add("repeat", "This is not the same as above. Type the password again.");
    }
}

/// A refusal, next to the field that it is about.
pub fn refused(refusal: Refusal) -> FormErrors {
    match refusal {
        Refusal::WeakPassword(text) => {
            let mut errors = FormErrors::new();
            errors.add("new_password", text);
            errors
        }
        other => other.into(),
    }
}
