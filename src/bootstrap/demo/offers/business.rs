//! What sales and finance offer.

use super::*;
use crate::domain::following::Limits;

/// The five packages of SPEC FIX-3.
pub(super) fn sales(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let mut deal_desk = members(vec![stage(vec![MANAGER], 14), stage(vec![user(demo, "mia")?], 14)], 7);
    deal_desk.questions = vec![question("deal", "Which deal is it for?", QuestionKind::ShortText, &[])];
    let mut price_list = members(Vec::new(), 1);
    price_list.expiry = Expiry::Never;
    price_list.extension = Extension::default();
    let board: [UserId; 4] =
        [demo.person("alice")?, demo.person("bob")?, demo.person("victor")?, demo.person("mia")?];
    let scope = Scope::Specific { users: board.into(), groups: std::collections::BTreeSet::default() };
    let mut papers = terms(scope, vec![stage(vec![user(demo, "carol")?], 5)], Expiry::AfterDays { days: 90 });
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
            vec![("Direct assignment", "Nobody can request it.", true, Terms::direct_only())],
        ),
    ])
}

pub(super) fn finance(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
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
            alternates: Some(Alternates { after_days: 3, approvers: vec![user(demo, "grace")?] }),
            ..stage(vec![mia], 10)
        }],
        60,
    );
    budget.custom_timeline = true;
    let mut part =
        question("part", "What do you plan?", QuestionKind::SingleChoice, &["Staff", "Travel", "Tools"]);
    part.editable_later = true;
    let german = [("staff", "Personal"), ("travel", "Reisen"), ("tools", "Werkzeug")]
        .map(|(value, label)| (value.to_owned(), label.to_owned()));
    part.translations.insert(
        "de".to_owned(),
        Translation { text: "Was planst du?".to_owned(), choices: german.into(), ..Translation::default() },
    );
    budget.questions = vec![part];
    let mut audit = terms(
        Scope::AllMembers,
        vec![
            Stage {
                alternates: Some(Alternates { after_days: 3, approvers: vec![user(demo, "grace")?] }),
                ..stage(vec![mia], 14)
            },
            stage(vec![user(demo, "laura")?], 14),
            stage(vec![user(demo, "helen")?], 14),
        ],
        Expiry::AfterDays { days: 14 },
    );
    let mut scope = question("scope", "What will you look at?", QuestionKind::LongText, &[]);
    scope.editable_later = true;
    audit.questions = vec![scope];
    let books = of_group(
        department,
        vec![stage(vec![Approver::ResourceOwners], 14)],
        Expiry::AfterDays { days: 180 },
    );
    let others = members(vec![stage(vec![MANAGER], 14), stage(vec![Approver::CatalogOwners], 14)], 30);
    let controllers = Terms {
        scope: Scope::Automatic {
            rule: "user.department -eq \"Finance\" -and user.jobTitle -match \"controller|accountant\""
                .to_owned(),
            grace_days: 14,
            limits: Limits::default(),
        },
        notify: false,
        ..Terms::direct_only()
    };
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
            vec![
                (EVERYBODY, "", true, budget),
                ("Controllers", "By a rule: nobody has to ask.", true, controllers),
            ],
        ),
        offer(
            "Audit workspace",
            "Finance",
            "mia",
            "Everything that auditors ask for.",
            &[("Accounting", "Reader"), ("Budget planner", "Editor")],
            vec![(EVERYBODY, "Three people decide, one after the other.", true, audit)],
        ),
    ])
}
