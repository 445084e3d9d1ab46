//! The built program as a process of its own, and a browser that talks to it over a socket.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use latchkey::store::DatabaseUrl;

use super::Test;
use super::form::Form;
use super::html::Page;

/// A running server. It ends with the test.
pub struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
    database: String,
}

/// A database as a setting.
pub fn url_of(database: &DatabaseUrl) -> String {
    match database {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The program, without the caller's own settings for the portal, which must not leak into the test. With a limit, no
/// file can grow past so many kilobytes: what a full disk does to one who writes.
pub fn program(limit: Option<u64>) -> Command {
    let binary = env!("CARGO_BIN_EXE_latchkey");
    let mut command = match limit {
        None => Command::new(binary),
        Some(kilobytes) => {
            let mut command = Command::new("bash");
            // Ignored, the signal becomes an error of the write.
            command.args(["-c", &format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\""), binary]);
            command
        }
    };
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LATCHKEY_")) {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").stdin(Stdio::null());
    command
}

fn spawn(
    port: u16,
    database: &str,
    folder: &std::path::Path,
    limit: Option<u64>,
    env: &[(&str, &str)],
) -> Child {
    let file = |name: &str| {
        let path = folder.join(name);
        std::fs::File::options().create(true).append(true).open(path).expect("a file for what it says")
    };
    program(limit)
        .args(["serve", "--bind", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(folder)
        .env("DATABASE_URL", database)
        .env("LATCHKEY_BASE_URL", format!("http://127.0.0.1:{port}"))
        .envs(env.iter().copied())
        .stdout(file("stdout.txt"))
        .stderr(file("stderr.txt"))
        .spawn()
        .expect("the program starts")
}

impl Server {
    /// Starts the program on the database of a test.
    pub fn start(t: &Test) -> Self {
        Self::on(&url_of(t.database.url()), None, &[])
    }

    /// Starts it on a database that may be empty, perhaps with a limit for files, in kilobytes, and with settings.
    pub fn on(database: &str, limit: Option<u64>, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let child = spawn(port, database, folder.path(), limit, env);
        let mut server = Self { child, port, folder, database: database.to_owned() };
        server.wait();
        server
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has said so far: to whoever started it, and in its log.
    pub fn said(&self) -> (String, String) {
        let text = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        (text("stdout.txt"), text("stderr.txt"))
    }

    /// Kills it without a warning, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it is gone");
    }

    /// Starts it again on the same database.
    pub fn restart(&mut self) {
        self.child = spawn(self.port, &self.database, self.folder.path(), None, &[]);
        self.wait();
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while !matches!(self.visitor("").get("/readyz"), Ok(reply) if reply.status == 200) {
            if let Some(ended) = self.child.try_wait().expect("a state") {
                panic!("the server ended at once: {ended}: {:?}", self.said());
            }
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A browser with this session.
    pub fn visitor(&self, session: &str) -> Visitor {
        Visitor { port: self.port, session: session.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser that talks to a [`Server`]; every request is a connection of its own.
#[derive(Clone)]
pub struct Visitor {
    port: u16,
    session: String,
}

/// An answer that came over the socket, whole.
pub struct Reply {
    /// 200, 303 …
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Visitor {
    /// Fetches an address. Fails if no whole answer comes.
    pub fn get(&self, path: &str) -> std::io::Result<Reply> {
        self.send("GET", path, "")
    }

    /// Asks for the head of an answer only; its body is what came after it.
    pub fn head(&self, path: &str) -> std::io::Result<Reply> {
        self.send("HEAD", path, "")
    }

    /// Fetches a page and gives its form to this address.
    pub fn form(&self, path: &str, action: &str) -> std::io::Result<Form> {
        let reply = self.get(path)?;
        assert_eq!(reply.status, 200, "GET {path}: {}", reply.body);
        Ok(Page::parse(&reply.body).form(action))
    }

    /// Sends a form.
    pub fn submit(&self, form: &Form) -> std::io::Result<Reply> {
        self.send("POST", &form.action, &form.body())
    }

    fn send(&self, method: &str, path: &str, body: &str) -> std::io::Result<Reply> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let Self { port, session } = self;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n\
             cookie: latchkey={session}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let cut_off = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut_off)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut_off)?;
        let length = head
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if method != "HEAD" && length.is_some_and(|length| length != bytes.len() - head.len() - 4) {
            return Err(cut_off());
        }
        Ok(Reply { status, body: body.to_owned() })
    }
}
