//! A small HTTP server on loopback that answers as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Sends this, and closes.
    Raw(String),
    /// Says nothing for as long as the other side waits.
    Silence,
    /// Sends a byte now and then, for ever.
    Drip,
    /// Sends more and more.
    Flood,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Came {
    pub line: String,
    pub head: BTreeMap<String, String>,
    pub body: String,
}

type Shared = Arc<Mutex<(VecDeque<Answer>, Vec<Came>)>>;

/// The server. It ends with the test's process; a port is all that it holds.
pub struct Server {
    pub address: SocketAddr,
    shared: Shared,
}

/// An answer with this status and body.
pub fn answer(status: u16, body: &str) -> Answer {
    Answer::Raw(format!(
        "HTTP/1.1 {status} As Asked\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared: Shared = Arc::default();
        let ours = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = ours.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/orders", self.address)
    }

    pub fn plan(&self, answers: Vec<Answer>) {
        self.shared.lock().expect("whole").0.extend(answers);
    }

    pub fn came(&self) -> Vec<Came> {
        self.shared.lock().expect("whole").1.clone()
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut head = BTreeMap::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            head.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    let length = head.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let next = {
        let mut shared = shared.lock().expect("whole");
        let body = String::from_utf8(body).expect("UTF-8");
        shared.1.push(Came { line: line.trim().to_owned(), head, body });
        shared.0.pop_front().unwrap_or_else(|| answer(200, ""))
    };
    match next {
        Answer::Raw(text) => {
            let _ = stream.write_all(text.as_bytes());
        }
        Answer::Silence => {
            // Until the other side gives up.
            let _ = reader.read(&mut [0]);
        }
        Answer::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
        Answer::Flood => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[b' '; 4096]).is_ok() {}
        }
    }
}
