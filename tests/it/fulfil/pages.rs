//! The pages of tasks, walked as people do.

use super::*;
use crate::requests::the_assignment;
use latchkey::domain::assignment::AssignmentState;

on_both! {
    /// From the badge in the navigation to "done", and the person has access.
    fn the_owner_does_a_task(t: &mut Test) {
        let (_, account) = by_hand(t);
        let id = ask(t, "alice", account);
        let task = the_open(t);
        let carol = t.sign_in("carol");
        let home = carol.page("/");
        home.assert_says("to fulfil");
        home.assert_says("1 task waits");
        let list = carol.page("/tasks");
        list.assert_state(&task.id.to_string(), "open");
        let page = carol.page(&format!("/tasks/{}", task.id));
        page.assert_says("Give Alice Example the role “User” in CRM");
        let page = carol.done(&page.form(&format!("/tasks/{}/take", task.id)).press("I am at it"));
        page.assert_says("You said that you are at it");
        let again = page.form(&format!("/tasks/{}/done", task.id)).set("note", "Ticket 7").press("Done");
        let page = carol.done(&again);
        page.assert_says("Ticket 7");
        page.assert_silent_about("Cannot be done");
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        // A second click hears that it is done, and by whom (SPEC DLV-4).
        carol.submit(&again).expect(409).page().assert_says("done already by Carol");
        carol.page("/tasks").assert_says("Nothing to do by hand");
        carol.page("/tasks?list=closed").assert_state(&task.id.to_string(), "done");
        let csv = carol.get("/tasks/export.csv?list=closed").expect(200).body;
        assert!(csv.contains("\"Ticket 7\"") && csv.lines().count() == 2, "{csv}");
    }

    /// "Cannot be done" without a reason shows the form again with what is wrong (SPEC PGE-3).
    fn pge_3_a_reason_is_asked_for(t: &mut Test) {
        let (_, account) = by_hand(t);
        let id = ask(t, "alice", account);
        let task = the_open(t).id;
        let carol = t.sign_in("carol");
        let form = carol.page(&format!("/tasks/{task}")).form(&format!("/tasks/{task}/cannot"));
        carol.submit(&form.press("Cannot be done")).expect(422).page().assert_says("Say why it cannot be done");
        let form = carol.page(&format!("/tasks/{task}")).form(&format!("/tasks/{task}/cannot"));
        carol.done(&form.set("why", "No licence left").press("Cannot be done"));
        let request = t.sign_in("sam").page(&format!("/requests/{id}"));
        request.assert_says("No licence left");
        t.sign_in("alice").page(&format!("/requests/{id}")).assert_silent_about("No licence left");
    }

    /// Who manages the package sees for whom a role waits, and until when.
    fn req_8_the_request_says_for_whom_it_waits(t: &mut Test) {
        let (_, account) = by_hand(t);
        let id = ask(t, "alice", account);
        let sam = t.sign_in("sam");
        sam.page(&format!("/requests/{id}")).assert_says("waits for Carol");
        t.sign_in("alice").page(&format!("/requests/{id}")).assert_says("somebody has to do it by hand");
        t.advance(chrono::Duration::days(4));
        let sam = t.sign_in("sam");
        sam.page(&format!("/requests/{id}")).assert_says("overdue since");
        t.sign_in("root").page("/tasks?whose=all&only=overdue").assert_says("Overdue");
        t.sign_in("root").page("/tasks").assert_says("Nothing to do by hand");
    }

    /// How a resource is delivered is chosen on its page, by its owners; a group delivers itself.
    fn cat_4_the_way_of_delivery_is_chosen_per_resource(t: &mut Test) {
        let (s, account) = by_hand(t);
        let crm = t.read(|c| latchkey::store::tasks::resource_of(c, s.crm_user));
        ask(t, "alice", account);
        let carol = t.sign_in("carol");
        carol.page(&format!("/resources/{crm}")).assert_says("its owners get a task each time");
        let path = format!("/resources/{crm}/delivery");
        let form = carol.page(&path).form(&path);
        let wrong = carol.submit(&form.set("days", "90").press("Save")).expect(422).page();
        wrong.assert_says("between 1 and 30 days");
        let page = carol.page(&path);
        page.assert_says("1 open task is then closed");
        carol.done(&page.form(&path).set("delivery", "recorded").press("Save")).assert_says("Nobody has to act");
        assert!(nothing_open(t));
        let team = t.literal(&crate::support::raw::id(s.team));
        let text = if t.database.is_sqlite() { "" } else { "::text" };
        let group = t.texts(&format!("SELECT id{text} AS n FROM resources WHERE group_id = {team}"));
        carol.get(&format!("/resources/{}/delivery", group[0])).expect(404);
        t.sign_in("sam").get(&path).expect(403);
    }
}
