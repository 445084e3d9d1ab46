//! Required attributes (SPEC CAT-5): defined by a resource's owners, asked with every package that contains it,
//! stored on the person.

use latchkey::app::catalog::attributes as cases;
use latchkey::domain::approval::Verdict;
use latchkey::domain::policy::{Question, QuestionKind, Terms};
use latchkey::kernel::ids::{PackageId, ResourceId};
use latchkey::store::attributes;

use super::{form_of, kept, sent};
use crate::requests::decide;
use crate::support::{Test, terms};

const FIELD: &str = "q.attribute:badge";

fn badge(editable_later: bool) -> Question {
    Question { editable_later, ..Question::new("badge", "Your badge?", QuestionKind::ShortText) }
}

/// What is stored on a person: name and answer.
fn stored(t: &mut Test, name: &str) -> Vec<(String, String)> {
    let user = t.person(name);
    t.read(|c| attributes::stored(c, user)).into_iter().map(|s| (s.name, s.answer.shown)).collect()
}

/// Two packages with a resource that asks for a badge; Alice's manager decides on both.
fn asking(t: &mut Test, editable_later: bool) -> (ResourceId, PackageId, PackageId) {
    let s = t.sales();
    let doors = t.resource(s.catalog, "Doors", None, "carol");
    let role = t.role(doors, "Front", None);
    let packages = ["Front door", "Both doors"].map(|name| {
        let package = t.package(s.catalog, name, &[role]);
        t.policy(package, "All members", &terms::members(vec![terms::manager()]));
        package
    });
    t.write_as("carol", |tx, cx, me| cases::set(tx, cx, me, doors, 1, &[badge(editable_later)]));
    (doors, packages[0], packages[1])
}

on_both! {
    /// A resource's owners write its questions; nobody else does (SPEC CAT-5, ROL-6).
    fn cat_5_owners_of_a_resource_write_its_questions(t: &mut Test) {
        let s = t.sales();
        let doors = t.resource(s.catalog, "Doors", None, "carol");
        let carol = t.sign_in("carol");
        let at = format!("/resources/{doors}/questions");
        carol.page(&format!("/resources/{doors}")).assert_says("Nothing is asked of whoever gets it.");
        let page = carol.submit(&carol.page(&at).form(&at).press("Add a question")).expect(200).page();
        let form = page.form(&at).set("q1_text", "Your badge?");
        let page = carol.submit(&form.press("Save questions")).expect(422).page();
        page.assert_says("Give a short name");
        let form = page.form(&at).set("q1_key", "Badge").set("q1_later", "on").press("Save questions");
        let forms = ["priya", "sam", "dan"].map(|name| t.sign_in(name));
        for (visitor, status) in forms.iter().zip([403, 403, 404]) {
            let csrf = visitor.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
            visitor.submit(&form.clone().forge("csrf", &csrf)).expect(status);
        }
        assert_eq!(t.count("resource_attributes"), 0);
        carol.done(&form).assert_says("Your badge?");
        assert_eq!(t.read(|c| attributes::of_resource(c, doors))[0], Question { required: true, ..badge(true) });
        assert_eq!(t.count("audit_events WHERE action = 'resource.setQuestions'"), 1);
        // The form that was opened before is stale by now.
        carol.submit(&form).expect(409).page().assert_says("What is saved now");
    }

    /// The answer is asked with every package, stored when the request is approved, and filled in the next time
    /// (SPEC CAT-5); the request keeps it with its wording (SPEC QST-3).
    fn cat_5_answers_are_stored_at_approval_and_filled_in_again(t: &mut Test) {
        let (_, front, both) = asking(t, true);
        let alice = t.sign_in("alice");
        alice.page(&format!("/packages/{front}")).assert_says("answers to 1 question");
        let form = alice.page(&form_of(front)).form(&form_of(front));
        alice.submit(&form).expect(422).page().assert_says("This question needs an answer.");
        let denied = sent(&alice, &form.clone().set(FIELD, "A0"));
        decide(t, "bob", denied, Verdict::Deny);
        assert!(stored(t, "alice").is_empty(), "a denied answer is not stored");

        let form = alice.page(&form_of(front)).form(&form_of(front));
        let id = sent(&alice, &form.set(FIELD, "A1"));
        assert!(stored(t, "alice").is_empty(), "nor one that waits");
        t.sign_in("bob").page(&format!("/approvals/{id}")).assert_says("Your badge?");
        decide(t, "bob", id, Verdict::Approve);
        assert_eq!(stored(t, "alice"), [("badge".to_owned(), "A1".to_owned())]);
        assert_eq!(kept(t, id)[0].question, "Your badge?");

        let form = alice.page(&form_of(both)).form(&form_of(both));
        assert_eq!(form.values(FIELD), ["A1"]);
        let again = sent(&alice, &form.set(FIELD, "A2"));
        decide(t, "bob", again, Verdict::Approve);
        assert_eq!(stored(t, "alice"), [("badge".to_owned(), "A2".to_owned())]);
        assert_eq!(kept(t, id)[0].shown, "A1", "the earlier request keeps what was said then");
        assert_eq!(t.count("audit_events WHERE action = 'user.setAttributes'"), 2);

        let user = t.person("alice");
        for page in [alice.page("/profile"), t.sign_in("root").page(&format!("/admin/users/{user}"))] {
            page.assert_says("Your badge?");
            page.assert_says("A2");
        }
        t.sign_in("dan").page("/profile").assert_silent_about("Your badge?");
    }

    /// A frozen attribute is shown and never overwritten, whatever is sent and by whichever package (SPEC CAT-5).
    fn cat_5_a_frozen_attribute_is_never_overwritten(t: &mut Test) {
        let (_, front, both) = asking(t, false);
        let alice = t.sign_in("alice");
        // Two requests that are both open when the first answer is stored.
        let [one, two] = [(front, "A1"), (both, "B2")].map(|(package, badge)| {
            let form = alice.page(&form_of(package)).form(&form_of(package));
            sent(&alice, &form.set(FIELD, badge))
        });
        decide(t, "bob", one, Verdict::Approve);
        decide(t, "bob", two, Verdict::Approve);
        assert_eq!(stored(t, "alice"), [("badge".to_owned(), "A1".to_owned())]);

        // A laxer resource with the same name is no way around it.
        let at_once = terms::members(vec![]);
        let catalog = t.catalog("Ops", "carol");
        let lax = t.resource(catalog, "Lifts", None, "carol");
        let role = t.role(lax, "Any", None);
        let package = t.package(catalog, "Lift", &[role]);
        t.policy(package, "All members", &at_once);
        t.write_as("carol", |tx, cx, me| cases::set(tx, cx, me, lax, 1, &[badge(true)]));
        let page = alice.page(&form_of(package));
        page.assert_says("It cannot be changed any more.");
        assert_eq!(page.count("input[readonly][value='A1']"), 1);
        let form = page.form(&form_of(package));
        assert!(form.values(FIELD).is_empty());
        let refused = alice.submit(&form.clone().forge(FIELD, "C3")).expect(422).page();
        refused.assert_says("You answered this before, and it cannot be changed any more.");
        let id = sent(&alice, &form);
        assert_eq!(kept(t, id)[0].shown, "A1");
        assert_eq!(stored(t, "alice"), [("badge".to_owned(), "A1".to_owned())]);
    }

    /// A manager who asks for a report answers what is not stored yet; what the report said about themselves is
    /// neither shown to the manager nor overwritten (SPEC CAT-5, POL-6).
    fn cat_5_a_manager_overwrites_nothing_that_a_report_said(t: &mut Test) {
        let (doors, front, _) = asking(t, true);
        let catalog = t.catalog("Ops", "carol");
        let role = t.role(doors, "Back", None);
        let package = t.package(catalog, "Back door", &[role]);
        let terms = Terms { on_behalf: true, ..terms::members(vec![]) };
        t.policy(package, "All members", &terms);
        let alice = t.sign_in("alice");
        let id = sent(&alice, &alice.page(&form_of(front)).form(&form_of(front)).set(FIELD, "A1"));
        decide(t, "bob", id, Verdict::Approve);

        let (alices, zoes) = (t.person("alice"), t.user("zoe").manager("bob").create());
        let bob = t.sign_in("bob");
        let at = format!("/packages/{package}/request-for");
        let page = bob.page(&at);
        page.assert_says("About them");
        page.assert_silent_about("A1");
        let form = page.form(&at).set("for", &alices.to_string()).set(FIELD, "B2");
        let first = sent(&bob, &form);
        assert_eq!(kept(t, first)[0].shown, "A1");
        assert_eq!(stored(t, "alice"), [("badge".to_owned(), "A1".to_owned())]);
        let form = bob.page(&at).form(&at).set("for", &zoes.to_string());
        bob.submit(&form).expect(409).page().assert_says("This question needs an answer.");
        sent(&bob, &form.set(FIELD, "Z9"));
        let zoe = t.read(|c| attributes::stored(c, zoes));
        assert_eq!(zoe[0].answer.shown, "Z9");
    }

    /// A request that is sent back with changes is asked again what its resources ask; what is frozen is shown and
    /// stays, and a manager sees nothing of what a report said (SPEC CAT-5, REQ-9).
    fn cat_5_req_9_attributes_can_be_changed_when_sent_back(t: &mut Test) {
        let (doors, front, both) = asking(t, true);
        let alice = t.sign_in("alice");
        let id = sent(&alice, &alice.page(&form_of(front)).form(&form_of(front)).set(FIELD, "A1"));
        crate::talk::ask(t, "bob", id, "This is not your badge.");
        let edit = format!("/requests/{id}/edit");
        let form = alice.page(&edit).form(&edit);
        assert_eq!(form.values(FIELD), ["A1"]);
        alice.submit(&form.clone().set(FIELD, "")).expect(422).page().assert_says("This question needs an answer.");
        alice.done(&form.set(FIELD, "A2")).assert_says("Was “A1”, now “A2”");
        assert_eq!(kept(t, id)[0].shown, "A2");
        let again = t.mails_to("bob@demo.example").pop().expect("asked again");
        assert_eq!(again.kind, "approvalRequested");
        assert!(again.text.contains("“A2”"), "the mail says what changed: {}", again.text);
        decide(t, "bob", id, Verdict::Approve);
        assert_eq!(stored(t, "alice"), [("badge".to_owned(), "A2".to_owned())]);

        // From here on nobody may change it any more.
        t.write_as("carol", |tx, cx, me| cases::set(tx, cx, me, doors, 2, &[badge(false)]));
        let id = sent(&alice, &alice.page(&form_of(both)).form(&form_of(both)));
        crate::talk::ask(t, "bob", id, "Say more.");
        let edit = format!("/requests/{id}/edit");
        let page = alice.page(&edit);
        page.assert_says("It cannot be changed any more.");
        let form = page.form(&edit).set("justification", "More words");
        alice.submit(&form.clone().forge(FIELD, "A3")).expect(422);
        alice.done(&form);
        assert_eq!(kept(t, id)[0].shown, "A2");
    }

    /// Resources that share a name ask once; a resource that left the package, or was deleted, asks nothing
    /// (SPEC CAT-5).
    fn cat_5_a_shared_name_is_asked_once(t: &mut Test) {
        let (doors, _, _) = asking(t, true);
        let catalog = t.catalog("Ops", "carol");
        let lifts = t.resource(catalog, "Lifts", None, "carol");
        let roles = [t.role(doors, "Back", None), t.role(lifts, "Any", None)];
        let package = t.package(catalog, "Everything", &roles);
        t.policy(package, "All members", &terms::members(vec![]));
        let mut floor = badge(true);
        (floor.key, floor.text) = ("floor".into(), "Which floor?".into());
        t.write_as("carol", |tx, cx, me| cases::set(tx, cx, me, lifts, 1, &[badge(true), floor.clone()]));
        let alice = t.sign_in("alice");
        let page = alice.page(&form_of(package));
        assert_eq!(page.count("input[name='q.attribute:badge']"), 1);
        assert_eq!(page.count("input[name='q.attribute:floor']"), 1);
        t.sql(&format!("DELETE FROM package_roles WHERE resource_role_id = '{}'", roles[1]));
        let page = alice.page(&form_of(package));
        assert_eq!(page.count("input[name='q.attribute:floor']"), 0);
        let id = sent(&alice, &page.form(&form_of(package)).set(FIELD, "A1"));
        assert_eq!(kept(t, id).len(), 1);
    }
}
