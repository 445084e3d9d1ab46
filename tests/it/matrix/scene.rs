//! The scene that every visitor enters: the catalog Sales with a request that waits and access that is held.

use latchkey::kernel::ids::{AssignmentId, RequestId};

use crate::requests;
use crate::support::fixtures::Sales;
use crate::support::{Browser, Test};

/// Who comes, in the order of the letters of a row: those who may least first.
pub const VISITORS: [&str; 11] =
    ["(nobody)", "alice", "bob", "dan", "mia", "erin", "aud", "sam", "priya", "carol", "root"];

pub struct Scene {
    pub browsers: Vec<Browser>,
    sales: Sales,
    waiting: RequestId,
    held: AssignmentId,
    team_resource: String,
    /// An application that Carol serves by hand, and what she has to do there.
    crm: String,
    task: String,
    dan: String,
    alice: String,
    session: String,
    notice: String,
    team_role: String,
    grant: String,
    conflict: String,
    directory_grant: String,
    link: String,
    works: [latchkey::kernel::ids::BulkWorkId; 3],
    job: latchkey::kernel::ids::JobId,
}

impl Scene {
    /// Alice has asked for "Sales onboarding" and holds "Price list".
    pub fn set(t: &mut Test) -> Self {
        let sales = t.sales();
        for name in VISITORS.iter().skip(1) {
            t.person(name);
        }
        let dan = t.person("dan").to_string();
        let alice = t.person("alice").to_string();
        let waiting = requests::submit(t, "alice", sales.onboarding);
        let holding = requests::submit(t, "alice", sales.price_list);
        let held = requests::the_assignment(t, holding).id;
        let first = |t: &Test, query: &str| t.texts(query).first().cloned().unwrap_or_default();
        let text = if t.database.is_sqlite() { "" } else { "::text" };
        // Something waits for Carol to do it by hand.
        // Who is nobody of the visitors, so that no other row depends on it.
        let holder = t.person("zoe");
        let direct =
            latchkey::app::request::Direct::new(sales.contractor_kit, sales.contractor_kit_policy, holder);
        t.write_as("carol", |tx, cx, me| latchkey::app::request::assign(tx, cx, me, &direct));
        let task = first(t, &format!("SELECT id{text} AS n FROM fulfilment_tasks"));
        let crm = first(t, &format!("SELECT resource_id{text} AS n FROM fulfilment_tasks"));
        let team = t.literal(&crate::support::raw::id(sales.team));
        let team_resource = first(t, &format!("SELECT id{text} AS n FROM resources WHERE group_id = {team}"));
        let notice = first(t, &format!("SELECT id{text} AS n FROM notices ORDER BY created_at, id"));
        let team_role = sales.team_member.to_string();
        let catalog = t.literal(&crate::support::raw::id(sales.catalog));
        let grant = first(
            t,
            &format!(
                "SELECT id{text} AS n FROM catalog_role_grants WHERE catalog_id = {catalog} AND role = 'reader'"
            ),
        );
        let grant = if grant.is_empty() {
            first(
                t,
                &format!(
                    "SELECT id{text} AS n FROM catalog_role_grants WHERE catalog_id = {catalog} ORDER BY role"
                ),
            )
        } else {
            grant
        };
        let directory_grant =
            first(t, &format!("SELECT id{text} AS n FROM directory_role_grants WHERE role = 'auditor'"));
        // A catalog manager owns a group that is no resource yet.
        let desk = t.group("Desk", &["dan"]);
        let (carol, now) = (t.person("carol"), t.now());
        t.write(|tx| {
            Ok(latchkey::store::groups::add(
                tx,
                desk,
                carol,
                latchkey::domain::directory::Belonging::Owner,
                now,
            )?)
        });
        let conflict: latchkey::kernel::ids::ConflictId = t.app.ids.next();
        t.insert(
            "package_conflicts",
            &[
                ("id", crate::support::raw::id(conflict)),
                ("package_id", crate::support::raw::id(sales.onboarding)),
                ("other_package_id", crate::support::raw::id(sales.contractor_kit)),
            ],
        );
        let now = t.now();
        t.write(|tx| Ok(latchkey::store::handovers::begin(tx, sales.catalog, now)?));
        let works = works(t, &sales, held);
        let job = job(t);
        let link = crate::approver::link(t, waiting, "bob");
        let mut browsers = vec![t.browser()];
        for name in VISITORS.iter().skip(1) {
            browsers.push(t.sign_in(name));
        }
        let session = first(t, &format!("SELECT id{text} AS n FROM sessions ORDER BY created_at, id"));
        Self {
            browsers,
            sales,
            waiting,
            held,
            team_resource,
            crm,
            task,
            dan,
            alice,
            session,
            notice,
            team_role,
            grant,
            conflict: conflict.to_string(),
            directory_grant,
            link,
            works,
            job,
        }
    }

    /// The address of the page that carries the form of a route.
    pub fn fill_for(&self, page: &str, route: &str) -> String {
        let package = |pattern: &str| {
            pattern.replace("/manage/packages/{id}", &format!("/manage/packages/{}", self.sales.price_list))
        };
        if route.contains("{assignment}") { self.fill(&package(page)) } else { self.fill(page) }
    }

    /// A draft for what only drafts are for, else what is under way.
    fn work(&self, pattern: &str) -> String {
        let [removal, end, running] = self.works;
        match pattern.rsplit('/').next() {
            Some("start" | "discard") => removal.to_string(),
            Some("end") => end.to_string(),
            _ => running.to_string(),
        }
    }

    /// The address of a route with the scene's ids in it.
    pub fn fill(&self, pattern: &str) -> String {
        let second = pattern.split('/').nth(1).unwrap_or_default();
        let third = pattern.split('/').nth(2).unwrap_or_default();
        let id = match (second, third) {
            ("packages", _) => self.sales.onboarding.to_string(),
            ("manage", _)
                if ["{assignment}", "{work}", "/choose"].iter().any(|part| pattern.contains(part)) =>
            {
                self.sales.price_list.to_string()
            }
            ("manage", _) => self.sales.onboarding.to_string(),
            ("requests" | "approvals", _) => self.waiting.to_string(),
            ("access", _) => self.held.to_string(),
            ("team", _) => self.alice.clone(),
            ("catalogs", _) => self.sales.catalog.to_string(),
            ("resources", _) if pattern.ends_with("/delivery") => self.crm.clone(),
            ("tasks", _) => self.task.clone(),
            ("resources", _) => self.team_resource.clone(),
            ("admin", "users") => self.dan.clone(),
            ("admin", "groups") => self.sales.team.to_string(),
            ("admin", "roles") => self.directory_grant.clone(),
            ("admin", "jobs") => self.job.to_string(),
            ("admin", "mail") => self.notice.clone(),
            ("profile", _) => self.session.clone(),
            _ => "00000000-0000-7000-8000-000000000000".to_owned(),
        };
        let path = pattern
            .replace("/d/{token}", &self.link)
            .replace("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
            .replace("{file}", "nothing.css")
            .replace("{policy}", &self.sales.onboarding_policy.to_string())
            .replace("{assignment}", &self.held.to_string())
            .replace("{request}", &self.waiting.to_string())
            .replace("{resource}", &self.team_resource)
            .replace("{user}", &self.dan)
            .replace("{role}", &self.team_role)
            .replace("{grant}", &self.grant)
            .replace("{conflict}", &self.conflict)
            .replace("{work}", &self.work(pattern))
            .replace("{name}", "due")
            .replace("{kind}", "approvalRequested")
            .replace("{id}", &id);
        assert!(!path.contains('{'), "the scene has nothing for {pattern}");
        path
    }

    /// Everything that is kept, sessions' last use apart.
    pub fn digest(&self, t: &Test) -> Vec<String> {
        let sqlite = t.database.is_sqlite();
        let tables = if sqlite {
            t.texts("SELECT name AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
        } else {
            t.texts(
                "SELECT tablename::text AS n FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
            )
        };
        let mut all = Vec::new();
        for table in tables.iter().filter(|t| !matches!(t.as_str(), "sessions" | "sign_in_failures")) {
            let rows = if sqlite {
                let columns = t.texts(&format!("SELECT name AS n FROM pragma_table_info('{table}')"));
                let joined =
                    columns.iter().map(|c| format!("quote({c})")).collect::<Vec<_>>().join(" || ',' || ");
                t.texts(&format!("SELECT {joined} AS n FROM {table} ORDER BY 1"))
            } else {
                t.texts(&format!("SELECT x::text AS n FROM {table} x ORDER BY 1"))
            };
            all.push(format!("{table}: {}", rows.join("\n")));
        }
        all
    }
}

/// Sam's drafts, to remove access and to change its end, and work of his that waits.
fn works(t: &Test, sales: &Sales, held: AssignmentId) -> [latchkey::kernel::ids::BulkWorkId; 3] {
    use latchkey::app::bulk;
    let removal =
        || t.write_as("sam", |tx, cx, by| bulk::remove_draft(tx, cx, by, sales.price_list, &[held]));
    let draft = removal();
    let end = t.write_as("sam", |tx, cx, by| bulk::end_draft(tx, cx, by, sales.price_list, &[held]));
    let running = removal();
    t.write_as("sam", |tx, cx, by| bulk::begin(tx, cx, by, running, None));
    [draft, end, running]
}

/// A job that was given up, and a schedule.
fn job(t: &Test) -> latchkey::kernel::ids::JobId {
    let (id, now) = (t.app.ids.next(), t.now());
    t.write(|tx| {
        let new = latchkey::store::jobs::NewJob {
            id,
            kind: "unheard-of".into(),
            payload: serde_json::json!({}),
            dedupe_key: None,
            run_at: now,
            now,
        };
        latchkey::store::jobs::enqueue(tx, new)?;
        Ok(latchkey::store::schedules::ensure(tx, "due", chrono::Duration::seconds(5), now)?)
    });
    t.sql("UPDATE jobs SET state = 'failed'");
    id
}
