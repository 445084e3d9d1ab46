//! The demonstration's people (SPEC FIX-3), for the sign-in page of the demonstration.

/// Everybody's password in the demonstration.
pub const PASSWORD: &str = "latchkey-demo";

/// One of the demonstration's people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persona {
    /// First name, as on the button.
    pub name: &'static str,
    /// Sign-in name.
    pub email: &'static str,
    /// Who they are.
    pub words: &'static str,
}

const fn persona(name: &'static str, email: &'static str, words: &'static str) -> Persona {
    Persona { name, email, words }
}

/// Them all.
pub const PERSONAS: &[Persona] = &[
    persona("Alice", "alice@demo.example", "Works in Sales and requests access"),
    persona("Bob", "bob@demo.example", "Alice’s manager: decides her requests"),
    persona("Carol", "carol@demo.example", "Owns the catalog “Sales”"),
    persona("Priya", "priya@demo.example", "Looks after the packages of “Sales”"),
    persona("Sam", "sam@demo.example", "Looks after who holds what in “Sales”"),
    persona("Dan", "dan@demo.example", "Works in the warehouse, a stranger to it all"),
    persona("Mia", "mia@demo.example", "Works in Finance: decides second stages"),
    persona("Aud", "aud@demo.example", "Auditor: sees everything, changes nothing"),
    persona("Root", "root@demo.example", "Administrator"),
    persona("Erin", "erin@partner.example", "A guest from a partner organization"),
];

/// The person with this sign-in name.
pub fn find(email: &str) -> Option<Persona> {
    PERSONAS.iter().copied().find(|p| p.email == email)
}
