//! The pages: assigning from a pasted list, the check before it, the result; removing many, changing ends; Jobs.

use latchkey::store::jobs as kept;

use super::*;

on_both! {
    /// From a pasted list to the result and its file; nothing is done before it was shown (SPEC ASG-1, ASG-2, PGE-3).
    fn asg_1_a_pasted_list_is_checked_and_done(t: &mut Test) {
        let s = t.sales();
        crowd(t, 3);
        let sam = t.sign_in("sam");
        let at = format!("/manage/packages/{}/assignments", s.contractor_kit);
        let page = sam.page(&format!("{at}/new"));
        let nobody = sam.submit(&page.form(&format!("{at}/new")).set("justification", "Project X")).expect(422).page();
        nobody.assert_says("Name somebody");
        nobody.assert_says("Project X");
        let list = "p0@demo.example; P1@demo.example\nwho@demo.example, p2@demo.example";
        let form = nobody.form(&format!("{at}/new")).set("list", list);
        let check = sam.done(&form.press("Check"));
        check.assert_says("given to 3 people");
        check.assert_says("who@demo.example");
        check.assert_says("Nobody with this address");
        assert_eq!(t.count("assignments WHERE state <> 'expired'"), 0);
        let work: String = t.texts(if t.database.is_sqlite() {
            "SELECT id AS n FROM bulk_works"
        } else {
            "SELECT id::text AS n FROM bulk_works"
        }).remove(0);
        let here = format!("/manage/packages/{}/bulk/{work}", s.contractor_kit);
        t.sign_in("carol").get(&here).expect(404);
        let done = sam.done(&check.form(&format!("{here}/start")).press("Assign to 3 people"));
        done.assert_says("4 of 4 have their result");
        done.assert_says("Assigned");
        let file = sam.get(&format!("{here}/results.csv")).expect(200);
        let csv = &file.body;
        assert_eq!(csv.lines().count(), 5, "{csv}");
        assert!(csv.contains("\"Assigned\"") && csv.contains("\"Refused\""), "{csv}");
        t.sign_in("aud").page(&here).assert_silent_about("Stop now");
        t.sign_in("dan").get(&here).expect(404);

        // Those who have it: filtered, exported, removed together.
        let list = sam.page(&format!("{at}?how=direct&q=p1"));
        list.assert_says("P1 Example");
        list.assert_silent_about("P2 Example");
        sam.page(&format!("{at}?how=requested")).assert_says("No assignment found");
        let file = sam.get(&format!("{at}/export.csv?sort=end")).expect(200);
        assert_eq!(file.body.lines().count(), 4);
        let list = sam.page(&at);
        let confirm = sam.done(&list.form(&format!("{at}/choose")).set("all", "yes").press("Remove those ticked …"));
        confirm.assert_says("3 people would lose");
        let work = t.texts(if t.database.is_sqlite() {
            "SELECT id AS n FROM bulk_works WHERE kind = 'remove'"
        } else {
            "SELECT id::text AS n FROM bulk_works WHERE kind = 'remove'"
        }).remove(0);
        let start = format!("/manage/packages/{}/bulk/{work}/start", s.contractor_kit);
        let over = sam.done(&confirm.form(&start).set("reason", "Project is over"));
        over.assert_says("3 of 3 have their result");
        assert_eq!(t.count("assignments WHERE state <> 'expired'"), 0);
    }

    /// The Jobs page: administrators try again and bring forward, auditors read (SPEC section 14).
    fn jobs_are_seen_and_tried_again(t: &mut Test) {
        for name in ["root", "aud"] {
            t.person(name);
        }
        let now = t.now();
        let id = t.app.ids.next();
        t.write(|tx| {
            let new = kept::NewJob {
                id,
                kind: "unheard-of".into(),
                payload: serde_json::json!({}),
                dedupe_key: None,
                run_at: now,
                now,
            };
            kept::enqueue(tx, new)?;
            latchkey::store::schedules::ensure(tx, "due", chrono::Duration::seconds(5), now)?;
            Ok(())
        });
        t.run_jobs();
        let root = t.sign_in("root");
        let page = root.page("/admin/jobs?state=failed");
        page.assert_says("this version knows no work called unheard-of");
        page.assert_says("every 5 seconds");
        let next = root.done(&page.form(&format!("/admin/jobs/{id}/retry")));
        next.assert_says("in the queue again");
        assert_eq!(t.count("jobs WHERE state = 'waiting' AND attempts = 0"), 1);
        root.done(&page.form(&format!("/admin/jobs/{id}/retry"))).assert_says("has not failed");
        root.done(&page.form("/admin/jobs/schedule/due/run")).assert_says("within a few seconds");
        let seen = t.sign_in("aud").page("/admin/jobs");
        seen.assert_silent_about("Try again");
        seen.assert_silent_about("Run now");
        assert_eq!(t.count("audit_events WHERE action IN ('job.retry', 'schedule.runNow')"), 2);
    }
}
