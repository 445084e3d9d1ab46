//! What engineering, the workplace and everybody offer.

use super::*;

pub(super) fn engineering(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let department = demo.group("Engineering")?;
    let lead = vec![stage(vec![MANAGER], 5)];
    let code = of_group(department, Vec::new(), Expiry::Never);
    let logs = of_group(department, lead, Expiry::AfterHours { hours: 72 });
    let mut on_call = of_group(
        department,
        vec![Stage {
            quorum: Quorum::AtLeast { n: 2 },
            ..stage(vec![user(demo, "hugo")?, user(demo, "mei")?, user(demo, "ines")?], 5)
        }],
        Expiry::AfterDays { days: 28 },
    );
    on_call.custom_timeline = true;
    let mut signing = of_group(
        department,
        vec![Stage { reason_required: true, ..stage(vec![Approver::Manager { level: 2 }], 3) }],
        Expiry::AfterHours { hours: 8 },
    );
    signing.questions = vec![
        question("release", "Which release?", QuestionKind::ShortText, &[]),
        question("kind", "What kind of release?", QuestionKind::SingleChoice, &["Planned", "Security fix"]),
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
            vec![("Engineering", "Two of three leads have to approve.", true, on_call)],
        ),
        offer(
            "Release signing",
            "Engineering",
            "ines",
            "Sign one release.",
            &[("Release signing", "Signer")],
            vec![("Engineering", "Your manager’s manager decides within three days.", true, signing)],
        ),
    ])
}

pub(super) fn workplace(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let mut travel = members(Vec::new(), 365);
    travel.on_behalf = true;
    let warehouse = of_group(demo.group("Warehouse")?, Vec::new(), Expiry::Never);
    let visitors = members(vec![stage(vec![user(demo, "walter")?], 7)], 7);
    // Until the end of the year that is in half a year.
    let year = (demo.now + chrono::Duration::days(180)).year();
    let end = chrono::NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default();
    let centre = Stage {
        fallback: vec![Approver::Group { id: demo.group("Service desk")? }],
        ..stage(vec![Approver::Manager { level: 2 }], 14)
    };
    let mut data_centre = terms(Scope::AllMembers, vec![centre], Expiry::OnDate { date: end });
    data_centre.questions = vec![
        question(
            "room",
            "Which rooms do you have to enter?",
            QuestionKind::MultipleChoice,
            &["Servers", "Network", "Power"],
        ),
        Question {
            hint: "Say what you are going to do there, and who works with you.".to_owned(),
            required: true,
            editable_later: true,
            ..Question::new("work", "What is the work?", QuestionKind::LongText)
        },
        Question {
            hint: "If the change has one already.".to_owned(),
            pattern: Some(Pattern {
                expression: "CHG-[0-9]{4,6}".to_owned(),
                error: "Write the number like CHG-1234.".to_owned(),
            }),
            ..Question::new("change", "What is the number of the change?", QuestionKind::ShortText)
        },
    ];
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

pub(super) fn general(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let vpn = members(Vec::new(), 365);
    let old = members(vec![stage(vec![MANAGER], 14)], 14);
    let editors = members(vec![stage(vec![user(demo, "marta")?], 14)], 120);
    let guests = terms(
        Scope::AllOrganizations,
        vec![stage(vec![Approver::Group { id: demo.group("Service desk")? }], 14)],
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
            vec![(EVERYBODY, "", true, vpn), ("Two weeks (old)", "No longer offered.", false, old)],
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
