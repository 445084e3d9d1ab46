//! A small SMTP server on loopback that does what a test tells it.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail that the server took.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub data: String,
}

#[derive(Default)]
struct State {
    taken: Mutex<Vec<Taken>>,
    /// Answers to the next recipients, or to the data; empty is "fine".
    at_recipient: Mutex<VecDeque<&'static str>>,
    at_end: Mutex<VecDeque<&'static str>>,
}

/// A server on a port of its own. It ends with the process.
#[derive(Clone)]
pub struct Server {
    state: Arc<State>,
    pub port: u16,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State::default());
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), state) = (stream, shared.clone()) else {
                    return;
                };
                std::thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { state, port }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }

    /// Answers the next recipient so.
    pub fn at_recipient(&self, answer: &'static str) {
        self.state.at_recipient.lock().unwrap().push_back(answer);
    }

    /// Answers the end of the next mail so.
    pub fn at_end(&self, answer: &'static str) {
        self.state.at_end.lock().unwrap().push_back(answer);
    }
}

fn serve(stream: &TcpStream, state: &State) {
    let mut out = stream.try_clone().expect("a stream");
    let mut say = move |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).is_ok();
    let mut lines = BufReader::new(stream);
    let mut mail = Taken { from: String::new(), to: String::new(), data: String::new() };
    if !say("220 test ESMTP") {
        return;
    }
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end();
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let fine = match word.as_str() {
            "EHLO" => say("250-test") && say("250 8BITMIME"),
            "MAIL" => {
                mail.from = between(line);
                say("250 fine")
            }
            "RCPT" => {
                mail.to = between(line);
                say(state.at_recipient.lock().unwrap().pop_front().unwrap_or("250 fine"))
            }
            "DATA" => {
                if !say("354 go on") {
                    return;
                }
                mail.data.clear();
                loop {
                    let mut line = String::new();
                    if lines.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                let answer = state.at_end.lock().unwrap().pop_front().unwrap_or("250 taken");
                if answer.starts_with('2') {
                    state.taken.lock().unwrap().push(mail.clone());
                }
                say(answer)
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("250 fine"),
        };
        if !fine {
            return;
        }
    }
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}
