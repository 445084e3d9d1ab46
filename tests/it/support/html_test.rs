//! The form walker sends what a browser would, and refuses what a person could not do.

use super::{form::Form, html::Page};

const PAGE: &str = r#"<!doctype html><title>x</title><main>
<h1>Edit  the
  package</h1>
<section><h2>Details</h2>
<form method="post" action="/packages/7?tab=details" id="f">
  <input type="hidden" name="csrf" value="t&amp;k">
  <input name="name" value="Deal desk"><input name="locked" value="1" readonly><input name="off" value="1" disabled>
  <textarea name="note">
one
two</textarea>
  <label><input type="checkbox" name="flag" value="yes"></label>
  <input type="checkbox" name="days" value="mon" checked><input type="checkbox" name="days" value="tue">
  <input type="radio" name="who" value="all"><input type="radio" name="who" value="some">
  <select name="zone"><option value="">None</option><option value="b">Berlin</option><option disabled value="x">X</option></select>
  <select name="tags" multiple><option selected>a</option><option>b</option></select>
  <fieldset disabled><input name="gone" value="1"></fieldset>
  <button name="then" value="stay">Save</button> <button>Save and close</button> <button type="button" name="no">No</button>
</form></section>
<input form="f" name="outside" value="here">
<form action="/search"><input type="search" name="q"></form>
<ul><li data-id="r1"><b data-state="delivered">Delivered</b><div data-id="r2"><b data-state="expired">Expired</b></div></li></ul>
<a href="/packages">Back</a></main>"#;

fn page() -> Page {
    Page::parse(PAGE)
}

fn form() -> Form {
    page().form("/packages/7")
}

#[test]
fn a_form_sends_what_a_browser_would() {
    let sent = form();
    assert_eq!(sent.method, "post");
    assert_eq!(sent.action, "/packages/7?tab=details");
    assert_eq!(
        sent.body(),
        "csrf=t%26k&name=Deal+desk&locked=1&note=one%0D%0Atwo&days=mon&zone=&tags=a&outside=here"
    );
}

#[test]
fn fields_are_set_like_a_person_sets_them() {
    let sent = form()
        .set("name", "Deal & desk")
        .set("flag", "yes")
        .set("days", "tue")
        .unset("days", "mon")
        .set("who", "all")
        .set("who", "some")
        .choose("zone", "Berlin")
        .set("tags", "b")
        .press("Save");
    assert_eq!(sent.values("name"), ["Deal & desk"]);
    assert_eq!(sent.values("flag"), ["yes"]);
    assert_eq!(sent.values("days"), ["tue"]);
    assert_eq!(sent.values("who"), ["some"]);
    assert_eq!(sent.values("zone"), ["b"]);
    assert_eq!(sent.values("tags"), ["a", "b"]);
    assert_eq!(sent.values("then"), ["stay"]);
    assert!(
        sent.values("csrf") == ["t&k"] && sent.values("gone").is_empty() && sent.values("off").is_empty()
    );
    assert_eq!(sent.clone().forge("csrf", "no").values("csrf"), ["no"]);
    assert!(sent.drop_field("csrf").values("csrf").is_empty());
}

#[test]
fn forms_are_found_by_what_they_are_called() {
    assert_eq!(page().form_called("Details").action, form().action);
    assert_eq!(page().form_called("Save and close").action, form().action);
    assert_eq!(page().form("/search").method, "get");
}

#[test]
fn pages_are_read_as_they_look() {
    let page = page();
    assert_eq!(page.text_of("h1"), "Edit the package");
    assert_eq!(page.source(), PAGE);
    assert_eq!(page.texts_of("button"), ["Save", "Save and close", "No"]);
    assert_eq!(page.count("form"), 2);
    assert_eq!(page.link("Back"), "/packages");
    assert_eq!(page.attribute_of("form#f", "method"), "post");
    page.assert_says("Edit the package");
    page.assert_silent_about("secret");
    page.assert_state("r1", "delivered");
    page.assert_state("r2", "expired");
    page.assert_no_row("r3");
}

/// Each of these must fail.
#[test]
fn what_a_person_could_not_do_fails() {
    let refused: [(&str, fn()); 12] = [
        ("no such field", || drop(form().set("title", "x"))),
        ("a hidden field", || drop(form().set("csrf", "x"))),
        ("a read-only field", || drop(form().set("locked", "x"))),
        ("a disabled field", || drop(form().set("off", "x"))),
        ("a choice that is not offered", || drop(form().set("zone", "m"))),
        ("a disabled choice", || drop(form().set("zone", "x"))),
        ("a button that is not there", || drop(form().press("Delete"))),
        ("no such form", || drop(page().form("/other"))),
        ("a word that is not there", || page().assert_says("nowhere")),
        ("a word that is there", || page().assert_silent_about("Deal desk")),
        ("another state", || page().assert_state("r1", "expired")),
        ("a row that is there", || page().assert_no_row("r2")),
    ];
    for (what, attempt) in refused {
        assert!(std::panic::catch_unwind(attempt).is_err(), "{what} was accepted");
    }
}
