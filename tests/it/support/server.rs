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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn spawn(port: u16, database: &str, folder: &std::path::Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    // The caller's own settings for the portal must not leak into the test.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LATCHKEY_")) {
        command.env_remove(name);
    }
    command
        .args(["serve", "--bind", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(folder)
        .env("DATABASE_URL", database)
        .env("LATCHKEY_BASE_URL", format!("http://127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

impl Server {
    /// Starts the program on the database of a test.
    pub fn start(t: &Test) -> Self {
        let database = match t.database.url() {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut server = Self { child: spawn(port, &database, folder.path()), port, folder, database };
        server.wait();
        server
    }

    /// Kills it without a warning, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it is gone");
    }

    /// Starts it again on the same database.
    pub fn restart(&mut self) {
        self.child = spawn(self.port, &self.database, self.folder.path());
        self.wait();
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while !matches!(self.visitor("").get("/readyz"), Ok(reply) if reply.status == 200) {
            if let Some(ended) = self.child.try_wait().expect("a state") {
                panic!("the server ended at once: {ended}");
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
        if length.is_some_and(|length| length != bytes.len() - head.len() - 4) {
            return Err(cut_off());
        }
        Ok(Reply { status, body: body.to_owned() })
    }
}
