//! Mails are read as their readers see them.

on_both! {
    /// A request makes mails; they go out when the background work runs, and lead into the portal.
    fn mails_come_from_the_background_work(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        t.write_as("alice", |tx, cx, _| {
            let wish = latchkey::app::request::Submission {
                package: s.onboarding,
                policy: None,
                subject: alice,
                justification: "Zoë is on leave – and I take over.".to_owned(),
                answers: serde_json::json!({}),
                token: "form".to_owned(),
            };
            latchkey::app::request::submit(tx, cx, &wish)
        });
        assert_eq!(t.notices_to("bob"), ["approvalRequested"]);
        let mails = t.mails_to("bob@demo.example");
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.starts_with("Action required"), "{}", mails[0].subject);
        assert!(mails[0].text.contains("Zoë is on leave – and I take over."), "{}", mails[0].text);
        assert!(!mails[0].links().is_empty());
        assert_eq!(t.mails().len(), 1, "once only");
    }
}
