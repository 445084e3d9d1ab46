//! What can be asked for: twenty packages, each with other policies.

use chrono::Datelike as _;

use super::Demo;
use crate::domain::policy::{
    Alternates, Approver, Choice, Expiry, Extension, LinkMode, Question, QuestionKind, Quorum, Scope, Stage,
    Terms,
};
use crate::kernel::ids::{GroupId, UserId};
use crate::store::StoreError;

/// A package with its policies.
pub(super) struct Offer {
    pub(super) name: &'static str,
    pub(super) catalog: &'static str,
    pub(super) description: &'static str,
    /// Who puts it on the shelf.
    pub(super) by: &'static str,
    pub(super) hidden: bool,
    pub(super) roles: &'static [(&'static str, &'static str)],
    /// Name, description, enabled, terms.
    pub(super) policies: Vec<(&'static str, &'static str, bool, Terms)>,
}

fn offer(
    name: &'static str,
    catalog: &'static str,
    by: &'static str,
    description: &'static str,
    roles: &'static [(&'static str, &'static str)],
    policies: Vec<(&'static str, &'static str, bool, Terms)>,
) -> Offer {
    Offer {
        name,
        catalog,
        description,
        by,
        hidden: false,
        roles,
        policies,
    }
}

const MANAGER: Approver = Approver::Manager { level: 1 };

fn stage(approvers: Vec<Approver>, limit_days: u8) -> Stage {
    Stage {
        approvers,
        quorum: Quorum::AnyOne,
        fallback: Vec::new(),
        alternates: None,
        limit_days,
        reason_required: false,
    }
}

fn terms(scope: Scope, stages: Vec<Stage>, expiry: Expiry) -> Terms {
    Terms {
        scope,
        stages,
        expiry,
        extension: Extension {
            allowed: true,
            needs_approval: false,
        },
        ..Terms::direct_only()
    }
}

fn members(stages: Vec<Stage>, days: u16) -> Terms {
    terms(Scope::AllMembers, stages, Expiry::AfterDays { days })
}

fn of_group(group: GroupId, stages: Vec<Stage>, expiry: Expiry) -> Terms {
    let scope = Scope::Specific {
        users: Default::default(),
        groups: [group].into(),
    };
    terms(scope, stages, expiry)
}

fn question(key: &str, text: &str, kind: QuestionKind, choices: &[&str]) -> Question {
    Question {
        key: key.to_owned(),
        text: text.to_owned(),
        kind,
        required: true,
        choices: choices
            .iter()
            .map(|label| Choice {
                value: label.to_lowercase().replace(' ', "-"),
                label: (*label).to_owned(),
            })
            .collect(),
    }
}

const EVERYBODY: &str = "All members";

/// Everything on the shelf.
pub(super) fn all(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let mut offers = sales(demo)?;
    offers.extend(finance(demo)?);
    offers.extend(engineering(demo)?);
    offers.extend(workplace(demo)?);
    offers.extend(general(demo)?);
    Ok(offers)
}

fn user(demo: &Demo, key: &str) -> Result<Approver, StoreError> {
    Ok(Approver::User {
        id: demo.person(key)?,
    })
}

/// The five packages of SPEC FIX-3.
fn sales(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let mut deal_desk = members(
        vec![stage(vec![MANAGER], 14), stage(vec![user(demo, "mia")?], 14)],
        7,
    );
    deal_desk.questions = vec![question(
        "deal",
        "Which deal is it for?",
        QuestionKind::ShortText,
        &[],
    )];
    let mut price_list = members(Vec::new(), 1);
    price_list.expiry = Expiry::Never;
    price_list.extension = Extension::default();
    let board: [UserId; 4] = [
        demo.person("alice")?,
        demo.person("bob")?,
        demo.person("victor")?,
        demo.person("mia")?,
    ];
    let scope = Scope::Specific {
        users: board.into(),
        groups: Default::default(),
    };
    let mut papers = terms(
        scope,
        vec![stage(vec![user(demo, "carol")?], 5)],
        Expiry::AfterDays { days: 90 },
    );
    papers.link_mode = Some(LinkMode::Code);
    papers.justification_required = true;
    let onboarding = members(vec![stage(vec![MANAGER], 14)], 30);
    Ok(vec![
        offer(
            "Sales onboarding",
            "Sales",
            "priya",
            "The first days in sales: the team’s mail and files, and the customers in the CRM.",
            &[("Sales team", "Member"), ("CRM", "User")],
            vec![(
                EVERYBODY,
                "Your manager decides. It lasts 30 days and can be extended.",
                true,
                onboarding,
            )],
        ),
        offer(
            "Deal desk",
            "Sales",
            "priya",
            "Help with a large offer: quotes with special prices for one week.",
            &[("Deal desk", "Member"), ("Quote tool", "Editor")],
            vec![(EVERYBODY, "Your manager decides, then finance.", true, deal_desk)],
        ),
        offer(
            "Price list",
            "Sales",
            "priya",
            "Today’s prices and discounts, for everybody.",
            &[("Price database", "Reader")],
            vec![(EVERYBODY, "At once, without asking anybody.", true, price_list)],
        ),
        Offer {
            hidden: true,
            ..offer(
                "Board papers",
                "Sales",
                "carol",
                "Papers for the next meeting of the board.",
                &[("Board", "Member")],
                vec![("Whoever prepares the board", "", true, papers)],
            )
        },
        offer(
            "Contractor kit",
            "Sales",
            "priya",
            "What a contractor in sales needs. Assigned by sales operations.",
            &[("CRM", "Reader"), ("Price database", "Reader")],
            vec![(
                "Direct assignment",
                "Nobody can request it.",
                true,
                Terms::direct_only(),
            )],
        ),
    ])
}

fn finance(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let department = demo.group("Finance")?;
    let mia = user(demo, "mia")?;
    let mut expenses = members(vec![stage(vec![MANAGER], 10)], 365);
    expenses.on_behalf = true;
    let mut payroll = of_group(
        department,
        vec![
            stage(vec![MANAGER], 7),
            Stage {
                quorum: Quorum::All,
                reason_required: true,
                ..stage(vec![user(demo, "grace")?, user(demo, "paula")?], 7)
            },
        ],
        Expiry::AfterDays { days: 90 },
    );
    payroll.justification_required = true;
    payroll.link_mode = Some(LinkMode::NoticeOnly);
    let mut budget = members(
        vec![Stage {
            alternates: Some(Alternates {
                after_days: 3,
                approvers: vec![user(demo, "grace")?],
            }),
            ..stage(vec![mia], 10)
        }],
        60,
    );
    budget.custom_timeline = true;
    let audit = terms(
        Scope::AllMembers,
        vec![
            stage(vec![mia], 14),
            stage(vec![user(demo, "laura")?], 14),
            stage(vec![user(demo, "helen")?], 14),
        ],
        Expiry::AfterDays { days: 14 },
    );
    let books = of_group(
        department,
        vec![stage(vec![Approver::ResourceOwners], 14)],
        Expiry::AfterDays { days: 180 },
    );
    let others = members(
        vec![stage(vec![MANAGER], 14), stage(vec![Approver::CatalogOwners], 14)],
        30,
    );
    let expense_roles: &[(&str, &str)] = &[("Expense tool", "User")];
    Ok(vec![
        offer(
            "Expenses",
            "Finance",
            "ruth",
            "Hand in receipts and get money back.",
            expense_roles,
            vec![(EVERYBODY, "", true, expenses)],
        ),
        offer(
            "Books",
            "Finance",
            "ruth",
            "Look things up in the books.",
            &[("Accounting", "Reader")],
            vec![
                ("Finance", "For the department.", true, books),
                (EVERYBODY, "For everybody else, for a month.", true, others),
            ],
        ),
        offer(
            "Payroll",
            "Finance",
            "mia",
            "Salaries. Handle with care.",
            &[("Payroll", "Member"), ("Accounting", "Clerk")],
            vec![("Finance", "Both heads have to approve.", true, payroll)],
        ),
        offer(
            "Budget planning",
            "Finance",
            "ruth",
            "Plan next year’s budget of your team.",
            &[("Budget planner", "Editor")],
            vec![(EVERYBODY, "", true, budget)],
        ),
        offer(
            "Audit workspace",
            "Finance",
            "mia",
            "Everything that auditors ask for.",
            &[("Accounting", "Reader"), ("Budget planner", "Editor")],
            vec![(
                EVERYBODY,
                "Three people decide, one after the other.",
                true,
                audit,
            )],
        ),
    ])
}

fn engineering(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let department = demo.group("Engineering")?;
    let lead = vec![stage(vec![MANAGER], 5)];
    let code = of_group(department, Vec::new(), Expiry::Never);
    let logs = of_group(department, lead, Expiry::AfterHours { hours: 72 });
    let mut on_call = of_group(
        department,
        vec![Stage {
            quorum: Quorum::AtLeast { n: 2 },
            ..stage(
                vec![user(demo, "hugo")?, user(demo, "mei")?, user(demo, "ines")?],
                5,
            )
        }],
        Expiry::AfterDays { days: 28 },
    );
    on_call.custom_timeline = true;
    let mut signing = of_group(
        department,
        vec![Stage {
            reason_required: true,
            ..stage(vec![Approver::Manager { level: 2 }], 3)
        }],
        Expiry::AfterHours { hours: 8 },
    );
    signing.questions = vec![
        question("release", "Which release?", QuestionKind::ShortText, &[]),
        question(
            "kind",
            "What kind of release?",
            QuestionKind::SingleChoice,
            &["Planned", "Security fix"],
        ),
    ];
    signing.link_mode = Some(LinkMode::Code);
    Ok(vec![
        offer(
            "Source code",
            "Engineering",
            "hugo",
            "Write access to all repositories.",
            &[("Source code", "Write")],
            vec![("Engineering", "At once for the department.", true, code)],
        ),
        offer(
            "Production logs",
            "Engineering",
            "hugo",
            "Read the logs of production for three days.",
            &[("Production readers", "Member")],
            vec![("Engineering", "", true, logs)],
        ),
        offer(
            "On-call",
            "Engineering",
            "hugo",
            "Be on call for four weeks.",
            &[("On-call", "Member"), ("Production readers", "Member")],
            vec![(
                "Engineering",
                "Two of three leads have to approve.",
                true,
                on_call,
            )],
        ),
        offer(
            "Release signing",
            "Engineering",
            "ines",
            "Sign one release.",
            &[("Release signing", "Signer")],
            vec![(
                "Engineering",
                "Your manager’s manager decides within three days.",
                true,
                signing,
            )],
        ),
    ])
}

fn workplace(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let mut travel = members(Vec::new(), 365);
    travel.on_behalf = true;
    let warehouse = of_group(demo.group("Warehouse")?, Vec::new(), Expiry::Never);
    let visitors = members(vec![stage(vec![user(demo, "walter")?], 7)], 7);
    // Until the end of the year that is in half a year.
    let year = (demo.now + chrono::Duration::days(180)).year();
    let end = chrono::NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default();
    let centre = Stage {
        fallback: vec![Approver::Group {
            id: demo.group("Service desk")?,
        }],
        ..stage(vec![Approver::Manager { level: 2 }], 14)
    };
    let data_centre = terms(Scope::AllMembers, vec![centre], Expiry::OnDate { date: end });
    Ok(vec![
        offer(
            "Travel",
            "Workplace",
            "ian",
            "Book trains, flights and hotels.",
            &[("Travel portal", "Traveller")],
            vec![(EVERYBODY, "", true, travel)],
        ),
        offer(
            "Warehouse door",
            "Workplace",
            "ian",
            "Opens the warehouse.",
            &[("Door system", "Warehouse")],
            vec![
                ("Warehouse", "At once for who works there.", true, warehouse),
                ("Visitors", "For a week.", true, visitors),
            ],
        ),
        offer(
            "Data centre",
            "Workplace",
            "ian",
            "Opens the data centre.",
            &[("Door system", "Data centre")],
            vec![(EVERYBODY, "Until the end of the year.", true, data_centre)],
        ),
    ])
}

fn general(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let vpn = members(Vec::new(), 365);
    let old = members(vec![stage(vec![MANAGER], 14)], 14);
    let editors = members(vec![stage(vec![user(demo, "marta")?], 14)], 120);
    let guests = terms(
        Scope::AllOrganizations,
        vec![stage(
            vec![Approver::Group {
                id: demo.group("Service desk")?,
            }],
            14,
        )],
        Expiry::AfterDays { days: 60 },
    );
    let mut colleagues = terms(Scope::AllMembers, Vec::new(), Expiry::AfterDays { days: 60 });
    colleagues.notify = false;
    Ok(vec![
        offer(
            "VPN",
            "General",
            "kate",
            "Work from outside the office.",
            &[("VPN", "User")],
            vec![
                (EVERYBODY, "", true, vpn),
                ("Two weeks (old)", "No longer offered.", false, old),
            ],
        ),
        offer(
            "Newsletter",
            "General",
            "kate",
            "Write to all customers.",
            &[("Newsletter", "Editor"), ("Newsletter editors", "Member")],
            vec![(EVERYBODY, "", true, editors)],
        ),
        offer(
            "Partner portal",
            "General",
            "kate",
            "Files that we share with partners.",
            &[("Partner portal", "Visitor")],
            vec![
                ("Partners", "The service desk decides.", true, guests),
                ("Colleagues", "", false, colleagues),
            ],
        ),
    ])
}
