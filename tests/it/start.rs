//! Starting, and what goes wrong: each with a message that says what to do, nothing half done, and never a panic
//! (SPEC OPS-1 to OPS-5, SES-5, CAT-1).

use std::net::TcpListener;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use latchkey::kernel::clock::{Clock as _, SystemClock};
use latchkey::store::audit;

use crate::requests;
use crate::support::database::left_out;
use crate::support::server::{Server, free_port, program, url_of};
use crate::support::{Database, Test};

/// Runs the program to its end.
fn run(args: &[&str], env: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let command = &mut program(None);
    let command = command.current_dir(folder.path()).args(args).envs(env.iter().copied());
    command.output().expect("the program runs")
}

/// It failed with this exit code; what it said.
#[track_caller]
fn failed(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// One line that begins with the program's name: the message, and nothing of a log around it.
#[track_caller]
fn message(output: &Output) -> String {
    let said = failed(output, 1);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("latchkey: ")).collect();
    assert_eq!(lines.len(), 1, "one message: {said}");
    lines[0].to_owned()
}

fn wait(what: &str, mut until: impl FnMut() -> bool) {
    let began = Instant::now();
    while !until() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A `latchkey worker` that ends with its test, also when that fails.
struct Worker(Child);

impl Worker {
    fn start(url: &str, folder: &std::path::Path) -> Self {
        let mut command = program(None);
        let command = command.args(["worker", "--data-dir"]).arg(folder).env("DATABASE_URL", url);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("the worker starts"))
    }

    /// Asks it to stop, as the system does; its exit code.
    fn terminate(&mut self) -> i32 {
        let asked = std::process::Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(asked.expect("kill runs").success());
        self.0.wait().expect("it ends").code().expect("it ended by itself")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Empty databases of both kinds.
fn empty() -> Vec<Database> {
    let mut all = Vec::new();
    if !left_out("sqlite") {
        all.push(Database::empty_sqlite());
    }
    if !left_out("postgres") {
        all.push(Database::empty_postgres());
    }
    all
}

/// Every problem of the configuration at once, with an exit code of its own; nothing is made.
#[test]
fn ops_3_every_problem_of_the_configuration_is_told_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("latchkey.toml");
    std::fs::write(&file, "timezone = \"UTC\"\nsession_idle_minutes = 0\n").expect("a file");
    let file = file.to_string_lossy().into_owned();
    let data = folder.path().join("data");
    for command in ["serve", "worker", "migrate", "check-config"] {
        let env = [
            ("LATCHKEY_BIND", "8080"),
            ("LATCHKEY_DATA_DIR", &*data.to_string_lossy()),
            ("DATABASE_URL", "mysql://me:hunter2@x"),
            ("LATCHKEY_BASE_URL", "access.example.org"),
        ];
        let said = failed(&run(&["--config", &file, command], &env), 2);
        for part in [
            "timezone",
            "time_zone",
            "session_idle_minutes",
            "LATCHKEY_BIND",
            "DATABASE_URL",
            "LATCHKEY_BASE_URL",
        ] {
            assert!(said.contains(part), "{command} does not tell {part}: {said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert!(!data.exists(), "nothing was made");
}

/// The port belongs to somebody else: said, before the database is touched.
#[test]
fn ops_1_a_taken_port_is_told_and_nothing_is_touched() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let bind = taken.local_addr().expect("an address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let said = message(&run(&["serve", "--bind", &bind, "--data-dir", &data.to_string_lossy()], &[]));
    assert!(
        said.contains(&bind) && said.contains("taken by another program") && said.contains("--bind"),
        "{said}"
    );
    assert!(!data.join("latchkey.db").exists(), "the database was not touched");
}

/// Nobody answers: said without the password, by every command that needs a database.
#[test]
fn ops_2_an_unreachable_database_is_told() {
    let url = "postgres://me:s3cret-word@127.0.0.1:9/latchkey?connect_timeout=2";
    let bind = format!("127.0.0.1:{}", free_port());
    for command in [&["serve", "--bind", &bind][..], &["worker"], &["migrate"], &["audit", "verify"]] {
        let said = message(&run(command, &[("DATABASE_URL", url)]));
        assert!(said.contains("cannot be reached") && said.contains("127.0.0.1:9"), "{said}");
        assert!(!said.contains("s3cret-word"), "{said}");
    }
    let said = message(&run(&["migrate"], &[("DATABASE_URL", "sqlite:///nowhere/at/all/latchkey.db")]));
    assert!(said.contains("there is no folder /nowhere/at/all"), "{said}");
}

/// A data folder in which nothing can be written.
#[test]
fn ops_1_a_data_folder_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").expect("a file");
    let bind = format!("127.0.0.1:{}", free_port());
    // The system's own folder takes no files of ours, not even from its administrator.
    for data in ["/proc/latchkey", "/sys/kernel", &*file.to_string_lossy()] {
        let said = message(&run(&["serve", "--bind", &bind, "--data-dir", data], &[]));
        assert!(
            said.contains("the data folder") && said.contains(data) && said.contains("--data-dir"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "not a folder");
}

/// First start with nothing: the tables, the built-in catalog, and a link that creates the first administrator
/// (SPEC SES-5, CAT-1, OPS-5); the second start makes no second catalog.
#[test]
fn ses_5_cat_1_ops_5_the_first_start_prepares_everything() {
    for database in empty() {
        let url = url_of(database.url());
        let mut server = Server::on(&url, None, &[]);
        let said = server.said().0;
        let link = said
            .lines()
            .find_map(|line| line.trim().strip_prefix(&format!("http://127.0.0.1:{}", server.port())));
        let link = link
            .filter(|path| path.starts_with("/set-up/"))
            .unwrap_or_else(|| panic!("no link: {said}"))
            .to_owned();
        let page = server.visitor("").get(&link).expect("an answer");
        assert!(page.status == 200 && page.body.contains("administrator"), "{}", page.body);
        server.kill();
        server.restart();
        let mut conn = database.connect();
        let general = crate::support::raw::texts(&mut conn, "SELECT name AS n FROM catalogs WHERE built_in");
        assert_eq!(general, ["General"]);
        assert_eq!(
            server.visitor("").get(&link).expect("an answer").status,
            410,
            "each start has its own link"
        );
        assert!(!server.said().1.contains("panicked"));
    }
}

/// Several servers that start at the same moment on one empty database: one prepares it, all serve (SPEC OPS-2).
#[test]
fn ops_2_servers_that_start_at_once_share_one_database() {
    if left_out("postgres") {
        return;
    }
    let database = Database::empty_postgres();
    let url = url_of(database.url());
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..3).map(|_| scope.spawn(|| Server::on(&url, None, &[]))).collect();
        starting.into_iter().map(|server| server.join().expect("it starts")).collect()
    });
    for server in &servers {
        assert_eq!(server.visitor("").get("/sign-in").expect("an answer").status, 200);
    }
    let mut conn = database.connect();
    assert_eq!(
        crate::support::raw::number(&mut conn, "SELECT count(*) AS n FROM catalogs WHERE built_in"),
        1
    );
}

on_both! {
    /// A database that a newer version has changed is left alone by every command (SPEC OPS-5).
    fn ops_5_a_newer_database_is_refused(t: &mut Test) {
        let url = url_of(t.database.url());
        let now = t.literal(&t.now().into());
        let run_on = if t.database.is_sqlite() { "CURRENT_TIMESTAMP".to_owned() } else { now };
        t.sql(&format!("INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('99991231235959', {run_on})"));
        let bind = format!("127.0.0.1:{}", free_port());
        let tables = t.count("catalogs");
        for command in [&["serve", "--bind", &bind][..], &["worker"], &["migrate"], &["audit", "verify"]] {
            let said = message(&run(command, &[("DATABASE_URL", &url)]));
            assert!(said.contains("newer than this program") && said.contains("99991231235959"), "{command:?}: {said}");
        }
        assert_eq!(t.count("catalogs"), tables, "nothing was made");
    }

    /// A worker does what is due and ends when it is asked to; with a server beside it, each mail goes out once
    /// (SPEC OPS-1, OPS-2, NOT-1).
    fn ops_2_a_worker_does_the_background_work(t: &mut Test) {
        t.clock.set(SystemClock.now());
        let s = t.sales();
        for name in ["alice", "bob"] {
            t.person(name);
        }
        let url = url_of(t.database.url());
        let server = Server::start(t);
        let folder = tempfile::tempdir().expect("a folder");
        let mut worker = Worker::start(&url, folder.path());
        requests::submit(t, "alice", s.onboarding);
        requests::submit(t, "bob", s.price_list);
        wait("the mails go out", || t.count("notices WHERE state = 'waiting' OR state = 'sending'") == 0);
        let sent = t.count("notices WHERE state = 'sent'");
        assert!(sent >= 2, "{sent}");
        assert_eq!(t.count("notices WHERE attempts <> 1"), 0, "each went out at the first attempt, once");
        assert_eq!(worker.terminate(), 0, "it ends when it is asked to");
        drop(server);

        // Alone it does everything, too.
        let mut worker = Worker::start(&url, folder.path());
        requests::submit(t, "alice", s.deal_desk);
        wait("the mails go out", || t.count("notices WHERE state = 'waiting' OR state = 'sending'") == 0);
        assert!(t.count("notices WHERE state = 'sent'") > sent);
        let files = std::fs::read_dir(folder.path().join("mail")).expect("the folder of mails").count();
        assert!(files > 0);
        assert_eq!(worker.terminate(), 0);
    }

    /// The mail server is away: the portal works, and what is owed waits with the reason (SPEC NOT-1, NOT-4).
    fn not_1_mails_wait_while_the_mail_server_is_away(t: &mut Test) {
        t.clock.set(SystemClock.now());
        let s = t.sales();
        t.person("alice");
        let root = t.person("root");
        let session = t.session_of(root);
        let smtp = format!("smtp://127.0.0.1:{}?tls=none", free_port());
        let server = Server::on(&url_of(t.database.url()), None, &[("LATCHKEY_SMTP_URL", &smtp)]);
        requests::submit(t, "alice", s.onboarding);
        wait("it is tried", || t.count("notices WHERE attempts > 0") > 0);
        wait("it is put back", || t.count("notices WHERE state = 'waiting' AND attempts > 0 AND last_error IS NOT NULL") > 0);
        assert_eq!(t.count("notices WHERE state IN ('sent', 'failed', 'dropped')"), 0);
        let page = server.visitor(&session).get("/admin/mail").expect("an answer");
        assert_eq!(page.status, 200);
        let metrics = server.visitor("").get("/metrics").expect("an answer");
        assert!(metrics.body.contains("latchkey_notices{state=\"waiting\"}"), "{}", metrics.body);
        assert!(!server.said().1.contains("panicked"));
    }

    /// How much waits, and for how long (SPEC OPS-4).
    fn ops_4_the_queues_can_be_watched(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        let browser = t.browser();
        let gauge = |name: &str| -> i64 {
            let text = browser.get("/metrics").expect(200).body;
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a number")
        };
        assert_eq!(gauge("latchkey_notices{state=\"waiting\"}"), 0);
        assert_eq!(gauge("latchkey_jobs{state=\"failed\"}"), 0);
        requests::submit(t, "alice", s.onboarding);
        let owed = t.count("notices");
        assert!(owed > 0);
        assert_eq!(gauge("latchkey_notices{state=\"waiting\"}"), owed);
        assert_eq!(gauge("latchkey_notices_late_seconds"), 0);
        t.advance(chrono::Duration::seconds(90));
        assert_eq!(gauge("latchkey_notices_late_seconds"), 90);
        t.run_jobs();
        assert_eq!((gauge("latchkey_notices{state=\"waiting\"}"), gauge("latchkey_notices_late_seconds")), (0, 0));
        t.sql("UPDATE notices SET state = 'failed'");
        assert_eq!(gauge("latchkey_notices{state=\"failed\"}"), owed);
        browser.get("/healthz").expect(200);
        browser.get("/readyz").expect(200);
    }
}

/// The disk is full: what cannot be kept is not acknowledged and leaves nothing behind, what is there can be read, and
/// with room again everything goes on (I7, I13, I14).
#[test]
fn i14_a_full_disk_loses_nothing_that_was_acknowledged() {
    if left_out("sqlite") {
        return;
    }
    let t = &mut Test::on(Database::sqlite());
    t.clock.set(SystemClock.now());
    let root = t.person("root");
    let session = t.session_of(root);
    let url = url_of(t.database.url());
    let folder = t.database.folder().expect("SQLite lives in a folder").to_owned();
    let size = std::fs::metadata(folder.join("latchkey.db")).expect("the database").len() / 1024;
    let mut server = Server::on(&url, Some(size + 300), &[]);
    let visitor = server.visitor(&session);
    let make = |name: &str| {
        let form =
            visitor.form("/admin/groups/new", "/admin/groups/new").expect("the form can still be read");
        visitor.submit(&form.set("name", name).set("description", &"x".repeat(900))).expect("an answer")
    };
    let mut made = Vec::new();
    let refused = loop {
        let name = format!("Group {}", made.len());
        match make(&name) {
            reply if reply.status == 303 => made.push(name),
            reply => break reply,
        }
        assert!(made.len() < 2000, "the disk never became full");
    };
    assert!(!made.is_empty());
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(
        refused.body.contains("Nothing was changed") || refused.body.contains("nothing was changed"),
        "{}",
        refused.body
    );
    assert_eq!(make("One more").status, 503, "still full");
    assert_eq!(visitor.get("/admin/groups").expect("an answer").status, 200, "reading goes on");
    assert!(!server.said().1.contains("panicked"), "{}", server.said().1);
    server.kill();
    server.restart();
    let there = t.texts("SELECT name AS n FROM groups ORDER BY name");
    made.sort();
    assert_eq!(there, made, "what was acknowledged, and nothing else");
    assert!(t.read(|conn| audit::verify(conn, None)).is_ok());
    assert_eq!(make("Room again").status, 303);
}
