//! The `webhook` connector: a signed HTTPS call for each order (SPEC DLV-6; `docs/webhooks.md`).
//!
//! It calls only hosts that the operator named, checks the very addresses that it then connects to, follows no
//! redirects, and reads no more than it needs.

use std::io::Read as _;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};
use url::Url;

use crate::domain::catalog::ConnectorKind;
use crate::domain::delivery::ConnectorError;
use crate::domain::order::{OutsideOrder, Reply, Report, Target};
use crate::domain::webhook::{self, Hosts, Leave};

/// No answer is read beyond this.
const ANSWER_MAX: usize = 64 * 1024;

/// How long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// To connect.
    pub connect: Duration,
    /// Altogether.
    pub whole: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), whole: Duration::from_secs(15) }
    }
}

/// The connector.
#[derive(Debug, Clone)]
pub struct Webhook {
    hosts: Hosts,
    roots: Vec<Certificate<'static>>,
    deadlines: Deadlines,
}

impl Webhook {
    /// It may call these hosts. TLS trusts whom the machine trusts.
    pub fn new(hosts: Hosts) -> Self {
        let found = rustls_native_certs::load_native_certs();
        let roots = found.certs.iter().map(|cert| Certificate::from_der(cert).to_owned()).collect();
        Self { hosts, roots, deadlines: Deadlines::default() }
    }

    /// With other deadlines.
    #[must_use]
    pub fn within(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    fn call(&self, order: &OutsideOrder) -> (Option<u16>, Result<Reply, ConnectorError>) {
        let refused = |text: String| (None, Err(ConnectorError::Refused(text)));
        let Some(target) = &order.target else {
            return refused("No address is set up for this resource. Its owners can do that.".to_owned());
        };
        let (url, leave) = match webhook::read_url(&target.url)
            .and_then(|url| self.hosts.check(&url).map(|leave| (url, leave)))
        {
            Ok(found) => found,
            Err(text) => return refused(text),
        };
        let body = webhook::body(order).to_string();
        let time = order.at.timestamp();
        let sent = self
            .agent(leave)
            .post(url.as_str())
            .header("Content-Type", "application/json")
            .header(webhook::TIMESTAMP, time.to_string())
            .header(webhook::SIGNATURE, webhook::sign(&target.secret, time, &body))
            .header(webhook::IDEMPOTENCY, order.id.to_string())
            .header(webhook::SEQUENCE, order.sequence.to_string())
            .send(body.as_str());
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) => return (None, Err(ConnectorError::Later(in_words(&error, &url)))),
        };
        let status = answer.status().as_u16();
        let mut said = Vec::new();
        let limit = u64::try_from(ANSWER_MAX).unwrap_or(u64::MAX) + 1;
        let read = answer.body_mut().as_reader().take(limit).read_to_end(&mut said);
        let reply = match read {
            Ok(_) if said.len() > ANSWER_MAX => Err(ConnectorError::Later(format!(
                "The target answered {status} with more than {} KB.",
                ANSWER_MAX / 1024
            ))),
            Ok(_) => webhook::read_reply(status, &String::from_utf8_lossy(&said)),
            Err(_) => Err(ConnectorError::Later(format!("The target answered {status} and then broke off."))),
        };
        (Some(status), reply)
    }

    fn agent(&self, leave: Leave) -> Agent {
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&self.roots)).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .max_response_header_size(32 * 1024)
            .timeout_resolve(Some(self.deadlines.connect))
            .timeout_connect(Some(self.deadlines.connect))
            .timeout_global(Some(self.deadlines.whole))
            .user_agent(concat!("Latchkey/", env!("CARGO_PKG_VERSION")))
            .build();
        Agent::with_parts(
            config,
            DefaultConnector::default(),
            Guarded { leave, inner: DefaultResolver::default() },
        )
    }
}

impl Target for Webhook {
    fn kind(&self) -> ConnectorKind {
        ConnectorKind::Webhook
    }

    fn carry_out(&self, order: &OutsideOrder) -> Report {
        let begun = Instant::now();
        let (status, reply) = self.call(order);
        let millis = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        Report { reply, status, millis }
    }
}

/// Finds the addresses of a host and lets only those through that may be called: what it returns is what is connected
/// to, so a name cannot mean another address a moment later.
#[derive(Debug)]
struct Guarded {
    leave: Leave,
    inner: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // One that may not be called spoils them all: a name that means several such things is not to be trusted.
        if found.iter().any(|address| !webhook::may_reach(address.ip(), self.leave)) {
            return Err(Error::Io(std::io::Error::from(std::io::ErrorKind::PermissionDenied)));
        }
        Ok(found)
    }
}

/// Why a call failed, for the people who look after the resource. Nothing of the address but its host.
fn in_words(error: &Error, url: &Url) -> String {
    let host = url.host_str().unwrap_or("the host");
    match error {
        Error::Timeout(_) => "The target did not answer in time.".to_owned(),
        Error::HostNotFound => format!("The name {host} is not known."),
        Error::Io(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => format!(
            "{host} is at an address of a private network, which the portal does not call. Whoever runs it can allow that: \
             write it as private:{host} in webhook_hosts (LATCHKEY_WEBHOOK_HOSTS)."
        ),
        Error::Io(cause) if cause.kind() == std::io::ErrorKind::ConnectionRefused => {
            "Nothing answers at the target's address.".to_owned()
        }
        Error::Io(cause) => format!("The connection to the target failed: {}.", cause.kind()),
        Error::Tls(_) | Error::Rustls(_) => {
            "No safe connection to the target: its certificate is not in order.".to_owned()
        }
        Error::Protocol(_) | Error::Http(_) => "The target's answer is no proper HTTP.".to_owned(),
        Error::ConnectionFailed => "The target cannot be reached.".to_owned(),
        _ => "The target's answer cannot be read.".to_owned(),
    }
}
