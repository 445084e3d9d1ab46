//! Home and My access: what one has, how to use it, and giving it up (SPEC ASG-3, I6).

use latchkey::domain::approval::Verdict;

use super::{asked, form_of};
use crate::requests::{decide, submit, the_assignment};

on_both! {
    /// Active, later and over are told by the clock, whether or not a sweep has run (I6).
    fn i6_ended_access_is_shown_as_ended_without_a_sweep(t: &mut Test) {
        let s = t.sales();
        t.sql("UPDATE resources SET usage_text = 'Write to the channel', link = 'https://chat.example/sales' WHERE kind = 'group'");
        let b = t.sign_in("alice");
        b.page("/access").assert_says("You have no access yet");
        let request = asked(&b, s.onboarding, "I start on Monday");
        decide(t, "bob", request, Verdict::Approve);
        let held = the_assignment(t, request).id.to_string();
        let list = b.page("/access");
        list.assert_state(&held, "delivered");
        let page = b.page(&format!("/access/{held}"));
        page.assert_state(&held, "delivered");
        for words in ["Sales team", "Member", "Write to the channel", "I start on Monday", "Ends in 30 days"] {
            page.assert_says(words);
        }
        assert_eq!(page.link("Open Sales team"), "https://chat.example/sales");
        page.assert_state(&request.to_string(), "delivered");
        b.page("/access?show=scheduled").assert_says("Nothing starts later");
        t.advance(chrono::Duration::days(30));
        let b = t.sign_in("alice");
        b.page("/access").assert_no_row(&held);
        b.page("/access?show=expired").assert_state(&held, "expired");
        let over = b.page(&format!("/access/{held}"));
        over.assert_state(&held, "expired");
        assert_eq!(over.count("form[action$='/give-up']"), 0);
        // Renewing opens the form with what was said before (SPEC REQ-6).
        crate::requests::sweep(t);
        let again = over.link("Ask again");
        assert_eq!(again, format!("{}?again={request}", form_of(s.onboarding)));
        let form = b.page(&again).form(&form_of(s.onboarding));
        assert_eq!(form.values("justification"), ["I start on Monday"]);
    }

    /// "I no longer need this" says what is lost, and takes it at once (SPEC ASG-3, PGE-4).
    fn asg_3_the_person_gives_access_up(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let held = { let id = asked(&b, s.price_list, ""); the_assignment(t, id).id };
        let path = format!("/access/{held}");
        let page = b.page(&path);
        page.assert_says("You lose 1 role at once");
        let form = page.form_called("Give it up").set("reason", "Project is over");
        let done = b.done(&form);
        done.assert_state(&held.to_string(), "expired");
        done.assert_says("given up");
        assert_eq!(t.count(&format!("group_members WHERE group_id = '{}'", s.team)), 0);
        b.done(&form).assert_says("This access has already ended.");
        // The removal is a request with a story of its own.
        let removal = t.texts("SELECT CAST(id AS TEXT) AS n FROM requests WHERE kind = 'userRemove'").remove(0);
        b.page("/requests").assert_state(&removal, "delivered");
        let story = b.page(&format!("/requests/{removal}"));
        story.assert_says("Project is over");
        story.assert_says("Sales team: Member: taken back");
    }

    /// Only the holder and whoever sees the catalog's assignments; only the holder gives it up (SPEC ROL-6).
    fn rol_6_access_opens_for_those_concerned_only(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        let id = submit(t, "alice", s.price_list);
        let path = format!("/access/{}", the_assignment(t, id).id);
        for name in ["alice", "carol", "priya", "sam", "aud", "root"] {
            t.sign_in(name).get(&path).expect(200);
        }
        for name in ["bob", "dan", "mia", "erin"] {
            t.sign_in(name).get(&path).expect(404);
        }
        let carol = t.sign_in("carol");
        let page = carol.page(&path);
        page.assert_says("Alice Example");
        assert_eq!(page.count("form[action$='/give-up']"), 0);
        let csrf = page.attribute_of("form[action='/sign-out'] input[name='csrf']", "value");
        carol.post(&format!("{path}/give-up"), &[("csrf", &csrf), ("reason", "")]).expect(403);
        assert_eq!(t.count("assignments WHERE state = 'delivered'"), 1);
    }

    /// Home names what needs the person: decisions, open requests, access that ends soon (SPEC section 14).
    fn home_names_what_needs_the_person(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        alice.page("/").assert_says("Nothing needs you now");
        let open = asked(&alice, s.onboarding, "x");
        let week = asked(&alice, s.deal_desk, "y");
        for name in ["bob", "mia"] {
            decide(t, name, week, Verdict::Approve);
        }
        let held = the_assignment(t, week).id;
        let home = alice.page("/");
        home.assert_state(&open.to_string(), "pendingApproval");
        assert_eq!(home.count(&format!("[data-id='{held}']")), 1, "ends within two weeks");
        home.assert_says("Ends soon");
        let bob = t.sign_in("bob");
        bob.page("/").assert_says("1 request waits for your decision.");
        // Colleagues of the department are an example: Bob is offered what Alice has.
        assert_eq!(bob.page("/").count(&format!("article[data-id='{}']", s.deal_desk)), 1);
        t.sign_in("dan").page("/").assert_silent_about("Deal desk");
    }

    /// A file of what one has, for the shown part (SPEC PGE-2).
    fn pge_2_access_can_be_exported(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        asked(&b, s.price_list, "");
        let file = b.get("/access/export.csv").expect(200);
        assert!(file.body.contains("Price list,Sales,Sales team: Member,delivered"), "{}", file.body);
        assert_eq!(b.get("/access/export.csv?show=expired").expect(200).body.lines().count(), 1);
    }
}
