//! Who works in the made-up company. Names are plain and belong to nobody.

/// One person.
pub struct Person {
    /// First part of the address, and how the rest of the demonstration calls them.
    pub key: &'static str,
    pub name: &'static str,
    pub department: &'static str,
    pub title: &'static str,
    /// The key of the manager; empty for the one at the top.
    pub manager: &'static str,
}

const fn p(
    key: &'static str,
    name: &'static str,
    department: &'static str,
    title: &'static str,
    manager: &'static str,
) -> Person {
    Person { key, name, department, title, manager }
}

/// Everybody but the administrator, who comes first, and the guest. A manager stands before their reports.
pub const PEOPLE: &[Person] = &[
    p("helen", "Helen Hart", "Executive", "Chief executive", ""),
    p("aud", "Aud Andersen", "Executive", "Internal auditor", "helen"),
    // Sales
    p("victor", "Victor Vance", "Sales", "Head of sales", "helen"),
    p("bob", "Bob Brandt", "Sales", "Sales manager", "victor"),
    p("carol", "Carol Cruz", "Sales", "Sales operations lead", "victor"),
    p("alice", "Alice Adler", "Sales", "Account manager", "bob"),
    p("nina", "Nina Novak", "Sales", "Account manager", "bob"),
    p("tom", "Tom Turner", "Sales", "Account manager", "bob"),
    p("lena", "Lena Lind", "Sales", "Key account manager", "bob"),
    p("omar", "Omar Osman", "Sales", "Account manager", "bob"),
    p("priya", "Priya Patel", "Sales", "Sales operations", "carol"),
    p("sam", "Sam Sato", "Sales", "Sales operations", "carol"),
    p("yuki", "Yuki Yamada", "Sales", "Sales trainee", "bob"),
    // Finance
    p("grace", "Grace Green", "Finance", "Head of finance", "helen"),
    p("mia", "Mia Moreau", "Finance", "Financial controller", "grace"),
    p("ivan", "Ivan Ilic", "Finance", "Accountant", "mia"),
    p("ruth", "Ruth Rosen", "Finance", "Accountant", "mia"),
    p("felix", "Felix Frank", "Finance", "Payroll clerk", "grace"),
    p("noor", "Noor Nasser", "Finance", "Treasury analyst", "grace"),
    // Warehouse
    p("walter", "Walter Wolf", "Warehouse", "Warehouse manager", "helen"),
    p("dan", "Dan Dunn", "Warehouse", "Forklift driver", "walter"),
    p("ella", "Ella Ekman", "Warehouse", "Stock clerk", "walter"),
    p("pavel", "Pavel Pokorny", "Warehouse", "Stock clerk", "walter"),
    p("rosa", "Rosa Ruiz", "Warehouse", "Shift lead", "walter"),
    p("jack", "Jack Jensen", "Warehouse", "Packer", "rosa"),
    p("lucy", "Lucy Lane", "Warehouse", "Packer", "rosa"),
    // Engineering
    p("ines", "Ines Ibarra", "Engineering", "Head of engineering", "helen"),
    p("hugo", "Hugo Haas", "Engineering", "Team lead", "ines"),
    p("mei", "Mei Ming", "Engineering", "Team lead", "ines"),
    p("oscar", "Oscar Olsen", "Engineering", "Developer", "hugo"),
    p("zara", "Zara Zaman", "Engineering", "Developer", "hugo"),
    p("leo", "Leo Lopez", "Engineering", "Developer", "hugo"),
    p("anna", "Anna Abel", "Engineering", "Developer", "mei"),
    p("kofi", "Kofi Kumah", "Engineering", "Developer", "mei"),
    p("petra", "Petra Pohl", "Engineering", "Site reliability engineer", "mei"),
    p("ravi", "Ravi Rao", "Engineering", "Site reliability engineer", "mei"),
    p("dora", "Dora Dahl", "Engineering", "Designer", "ines"),
    // Support
    p("simon", "Simon Stern", "Support", "Head of support", "helen"),
    p("clara", "Clara Conti", "Support", "Support agent", "simon"),
    p("amir", "Amir Aziz", "Support", "Support agent", "simon"),
    p("julia", "Julia Jung", "Support", "Support agent", "simon"),
    p("ben", "Ben Baker", "Support", "Support agent", "simon"),
    p("tara", "Tara Thorn", "Support", "Support agent", "simon"),
    // Marketing
    p("marta", "Marta Muller", "Marketing", "Head of marketing", "helen"),
    p("chris", "Chris Cole", "Marketing", "Content editor", "marta"),
    p("lily", "Lily Lam", "Marketing", "Campaign manager", "marta"),
    p("erik", "Erik Eriksson", "Marketing", "Designer", "marta"),
    p("nora", "Nora Nolan", "Marketing", "Event manager", "marta"),
    // People
    p("paula", "Paula Perez", "People", "Head of people", "helen"),
    p("david", "David Diaz", "People", "Recruiter", "paula"),
    p("sofia", "Sofia Silva", "People", "People partner", "paula"),
    // IT
    p("ian", "Ian Irving", "IT", "Head of IT", "helen"),
    p("kate", "Kate King", "IT", "System administrator", "ian"),
    p("maxim", "Maxim Maier", "IT", "System administrator", "ian"),
    p("jo", "Jo Jacobs", "IT", "Service desk", "ian"),
    p("theo", "Theo Tran", "IT", "Service desk", "ian"),
    // Legal
    p("laura", "Laura Lowe", "Legal", "General counsel", "helen"),
    p("finn", "Finn Fischer", "Legal", "Lawyer", "laura"),
];

/// A group: name, what it is for, who keeps it, who is in it from the start.
pub struct Team {
    pub name: &'static str,
    pub description: &'static str,
    pub owner: &'static str,
    pub members: &'static [&'static str],
}

/// The twelve groups.
pub const TEAMS: &[Team] = &[
    Team {
        name: "Sales team",
        description: "Everybody who sells. Membership comes with access packages.",
        owner: "carol",
        members: &[],
    },
    Team { name: "Deal desk", description: "Works on large offers.", owner: "carol", members: &[] },
    Team {
        name: "Board",
        description: "The board and whoever prepares its papers.",
        owner: "carol",
        members: &["helen", "victor", "grace"],
    },
    Team {
        name: "Finance",
        description: "The finance department.",
        owner: "mia",
        members: &["grace", "mia", "ivan", "ruth", "felix", "noor"],
    },
    Team { name: "Payroll", description: "May see salaries.", owner: "mia", members: &["felix"] },
    Team {
        name: "Engineering",
        description: "The engineering department.",
        owner: "ines",
        members: &["ines", "hugo", "mei", "oscar", "zara", "leo", "anna", "kofi", "petra", "ravi", "dora"],
    },
    Team { name: "On-call", description: "Looks after production at night.", owner: "mei", members: &[] },
    Team {
        name: "Production readers",
        description: "May read the logs of production.",
        owner: "mei",
        members: &[],
    },
    Team {
        name: "Warehouse",
        description: "The warehouse.",
        owner: "walter",
        members: &["walter", "ella", "pavel", "rosa", "jack", "lucy", "dan"],
    },
    Team {
        name: "Support",
        description: "Answers customers.",
        owner: "simon",
        members: &["simon", "clara", "amir", "julia", "ben", "tara"],
    },
    Team { name: "Newsletter editors", description: "Write to all customers.", owner: "marta", members: &[] },
    Team {
        name: "Service desk",
        description: "First help with computers, and everybody’s fallback.",
        owner: "ian",
        members: &["ian", "kate", "maxim", "jo", "theo"],
    },
];
