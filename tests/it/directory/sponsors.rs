//! The sponsors of a person (SPEC DIR-1), named in the user form and shown on the user page.

use latchkey::store::sponsors;

use super::user;

on_both! {
    /// An administrator names sponsors, changes them and takes them away; each change is kept in the audit log.
    fn dir_1_administrators_name_sponsors(t: &mut Test) {
        let erin = t.person("erin");
        let (bob, mia) = (t.person("bob"), t.person("mia"));
        let root = t.sign_in("root");
        let here = format!("/admin/users/{erin}");
        let edit = format!("{here}/edit");
        assert!(!root.page(&here).text_of("main").contains("Sponsors"));
        let form = root.page(&edit).form(&edit);
        let page = root.done(&form.fill("sponsors", &["bob@demo.example", "mia@demo.example"]));
        page.assert_says("Sponsors");
        page.assert_says("mia@demo.example");
        assert_eq!(t.read(|c| sponsors::of(c, erin)), [bob, mia].into());
        let version = user(t, erin).version;
        let form = root.page(&edit).form(&edit);
        assert_eq!(form.values("sponsors").iter().filter(|v| !v.is_empty()).count(), 2);
        root.done(&form.clone());
        assert_eq!(user(t, erin).version, version, "nothing changed");
        root.done(&form.clone().fill("sponsors", &["mia@demo.example"]));
        assert_eq!(t.read(|c| sponsors::of(c, erin)), [mia].into());
        assert_eq!(t.count("audit_events WHERE action = 'user.edit'"), 2);
        // The first form is stale by now: what was saved shows beside what was typed.
        root.submit(&form.fill("sponsors", &["bob@demo.example"])).expect(409).page().assert_says("Saved now:");
        assert_eq!(t.read(|c| sponsors::of(c, erin)), [mia].into());
        let form = root.page(&edit).form(&edit).fill("sponsors", &[]);
        root.done(&form);
        assert_eq!(t.read(|c| sponsors::of(c, erin)), [].into());
    }

    /// Nobody is their own sponsor, and a line that is not clear is told at its field (SPEC PGE-3).
    fn dir_1_sponsors_that_are_refused(t: &mut Test) {
        let erin = t.person("erin");
        let root = t.sign_in("root");
        let edit = format!("/admin/users/{erin}/edit");
        let form = root.page(&edit).form(&edit);
        let own = root.submit(&form.clone().fill("sponsors", &["erin@partner.example"])).expect(409);
        own.page().assert_says("Nobody is their own sponsor");
        let unclear = root.submit(&form.fill("sponsors", &["Nobody Atall"])).expect(422);
        unclear.page().assert_says("Nobody is called “Nobody Atall”");
        assert_eq!(t.count("user_sponsors"), 0);
        assert_eq!(t.count("audit_events WHERE action = 'user.edit'"), 0);
    }
}
