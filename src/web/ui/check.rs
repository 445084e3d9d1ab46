//! What every page must keep, checked on its HTML: used by the test of each area that renders its samples.

use scraper::{ElementRef, Html, Selector};
use std::collections::HashSet;

/// All that is wrong with a whole page; empty when it is fine.
pub(crate) fn problems(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let all = |css: &str| -> Vec<ElementRef<'_>> { page.select(&Selector::parse(css).unwrap()).collect() };
    let attr = |e: &ElementRef<'_>, name: &str| e.value().attr(name).unwrap_or_default().to_owned();
    let mut found = Vec::new();

    if html.contains("/assets/missing") {
        found.push("names an asset that does not exist".to_owned());
    }
    if !all("[style], style, script:not([src])").is_empty() {
        found.push("has inline style or script".to_owned());
    }
    if all("*").iter().any(|e| e.value().attrs().any(|(name, _)| name.starts_with("on"))) {
        found.push("has an inline handler".to_owned());
    }
    let h1 = all("h1").len();
    if h1 != 1 {
        found.push(format!("has {h1} h1"));
    }

    let sprite = std::str::from_utf8(crate::web::assets::bytes("icons.svg").unwrap()).unwrap();
    for icon in all("svg use") {
        let href = attr(&icon, "href");
        let name = href.rsplit('#').next().unwrap_or_default();
        if !sprite.contains(&format!(r#"<symbol id="{name}""#)) {
            found.push(format!("no icon {name}"));
        }
    }

    let mut ids = HashSet::new();
    for e in all("[id]") {
        let id = attr(&e, "id");
        if !ids.insert(id.clone()) {
            found.push(format!("id {id} twice"));
        }
    }
    for name in ["aria-describedby", "aria-labelledby", "for", "popovertarget"] {
        for e in all(&format!("[{name}]")) {
            for id in attr(&e, name).split_whitespace().filter(|id| !ids.contains(*id)) {
                found.push(format!("{name} names #{id}, which is not there"));
            }
        }
    }
    for link in all("a[href^='#']") {
        let href = attr(&link, "href");
        if !ids.contains(href.trim_start_matches('#')) {
            found.push(format!("a link leads to {href}, which is not there"));
        }
    }

    let labelled: HashSet<String> = all("label[for]").iter().map(|e| attr(e, "for")).collect();
    for control in all("input:not([type=hidden]), select, textarea") {
        if !labelled.contains(&attr(&control, "id")) && control.value().attr("aria-label").is_none() {
            found.push(format!("no label for the field {}", attr(&control, "name")));
        }
    }
    let csrf = Selector::parse("input[type=hidden][name=csrf]").unwrap();
    for form in all("form[method=post]") {
        if form.select(&csrf).next().is_none() {
            found.push(format!("the form to {} has no token", attr(&form, "action")));
        }
    }
    if all("[autofocus]").len() > 1 {
        found.push("more than one element asks for the focus".to_owned());
    }
    // On a small screen each cell names its own column (SPEC PGE-1); a row is told apart by its id (FIX-4).
    for row in all(".lk-table tbody tr:not([data-id])") {
        found.push(format!("a table row without data-id: {}", row.text().collect::<String>().trim()));
    }
    found
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let bad = r##"<body onload="x()"><h1>A</h1><h1>B</h1><p id="a" style="color:red"></p><p id="a"></p><a href="#gone">x</a>
        <svg><use href="/assets/icons.0.svg#no-such"></use></svg><form method="post" action="/x"><input name="q" aria-describedby="nope"></form>
        <table class="lk-table"><tbody><tr><td>1</td></tr></tbody></table></body>"##;
    let found = problems(bad).join("\n");
    for part in [
        "inline style",
        "inline handler",
        "2 h1",
        "no icon no-such",
        "id a twice",
        "names #nope",
        "leads to #gone",
        "no label",
        "no token",
        "without data-id",
    ] {
        assert!(found.contains(part), "{part} not found in:\n{found}");
    }
}
