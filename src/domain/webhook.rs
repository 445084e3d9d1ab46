//! What the portal and the target of a webhook say to each other (SPEC DLV-6; `docs/webhooks.md`): the body, its
//! signature, the answer, and which hosts may be called at all.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::Duration;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use super::delivery::ConnectorError;
use super::order::{OutsideOrder, Reply};
use crate::kernel::Moment;
use crate::kernel::secret::{keyed_hash, same};
use crate::kernel::text;

/// The second of 1970 at which the message was signed.
pub const TIMESTAMP: &str = "X-Latchkey-Timestamp";
/// The signature.
pub const SIGNATURE: &str = "X-Latchkey-Signature";
/// The idempotency key of the order.
pub const IDEMPOTENCY: &str = "Idempotency-Key";
/// The number of the order among those for this role and person.
pub const SEQUENCE: &str = "X-Latchkey-Sequence";

/// A signed message may be so old, or so far ahead.
const TOLERANCE: Duration = Duration::minutes(5);
/// Of what a target says, so much is kept.
const MESSAGE_MAX: usize = 300;

/// The signature of a message: `v1=` and the HMAC-SHA-256 of "timestamp.body" in lower-case hex.
pub fn sign(secret: &str, timestamp: i64, body: &str) -> String {
    format!("v1={}", keyed_hash(secret.as_bytes(), &format!("{timestamp}.{body}")))
}

/// A message with its signature, as it came.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The header with the time.
    pub timestamp: &'a str,
    /// The header with the signature.
    pub signature: &'a str,
    /// The body.
    pub body: &'a str,
}

impl Signed<'_> {
    /// Is it signed with this secret, and at about this time?
    pub fn holds(&self, secret: &str, now: Moment) -> bool {
        let Ok(seconds) = self.timestamp.parse::<i64>() else {
            return false;
        };
        let fresh = (now.timestamp() - seconds).abs() <= TOLERANCE.num_seconds();
        fresh && same(&sign(secret, seconds, self.body), self.signature)
    }
}

/// The body of an order.
pub fn body(order: &OutsideOrder) -> Value {
    let mut body = json!({
        "id": order.id,
        "sequence": order.sequence,
        "action": order.action.as_str(),
        "resource": { "id": order.resource, "name": order.resource_name },
        "callback": order.callback,
    });
    if let (Some(matter), Some(fields)) = (&order.matter, body.as_object_mut()) {
        let who = &matter.subject;
        let employee = Some(&who.employee_id).filter(|id| !id.is_empty());
        fields.insert("role".to_owned(), json!({ "id": matter.role, "name": matter.role_name }));
        fields.insert(
            "person".to_owned(),
            json!({ "id": who.id, "email": who.email, "name": who.name, "employeeId": employee }),
        );
        fields.insert("assignment".to_owned(), json!({ "id": matter.assignment, "endsAt": matter.ends_at }));
        fields.insert("package".to_owned(), json!({ "id": matter.package, "name": matter.package_name }));
    }
    body
}

#[derive(Deserialize)]
struct Answer {
    state: String,
    #[serde(default)]
    message: String,
}

/// What a callback says. The error is for the target.
pub fn read_answer(body: &str) -> Result<Result<Reply, ConnectorError>, String> {
    let answer: Answer =
        serde_json::from_str(body).map_err(|error| format!("The body is not as it should be: {error}"))?;
    match answer.state.as_str() {
        "done" => Ok(Ok(Reply::Done)),
        "refused" => Ok(Err(ConnectorError::Refused(words(&answer.message, "The target refused.")))),
        "failed" => Ok(Err(ConnectorError::Later(words(&answer.message, "It failed at the target.")))),
        other => Err(format!("The state is “{}”, which is none of done, failed, refused.", words(other, ""))),
    }
}

/// What an answer to an order means.
pub fn read_reply(status: u16, body: &str) -> Result<Reply, ConnectorError> {
    let said = serde_json::from_str::<Answer>(body).ok();
    let message = said.as_ref().map(|a| a.message.as_str()).unwrap_or_default();
    match status {
        202 => Ok(Reply::Pending),
        200..=299 => match said.as_ref().map(|a| a.state.as_str()) {
            Some("done") => Ok(Reply::Done),
            Some("pending") => Ok(Reply::Pending),
            Some("refused") => Err(ConnectorError::Refused(words(message, "The target refused."))),
            Some("failed") => Err(ConnectorError::Later(words(message, "It failed at the target."))),
            None if body.trim().is_empty() => Ok(Reply::Done),
            _ => Err(ConnectorError::Later(format!(
                "The target answered {status}, but not in a way that the portal understands."
            ))),
        },
        300..=399 => Err(ConnectorError::Refused(format!(
            "The target answered {status}: it sends the portal to another address, which it does not follow. Set the \
             right address."
        ))),
        408 | 425 | 429 => Err(ConnectorError::Later(told(status, message))),
        400..=499 => Err(ConnectorError::Refused(told(status, message))),
        _ => Err(ConnectorError::Later(told(status, message))),
    }
}

fn told(status: u16, message: &str) -> String {
    match words(message, "") {
        text if text.is_empty() => format!("The target answered {status}."),
        text => format!("The target answered {status}: {text}"),
    }
}

/// The words of a target, on one line and not too long.
fn words(text: &str, otherwise: &str) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MESSAGE_MAX).collect();
    let clean = text::line(clean.trim(), MESSAGE_MAX).unwrap_or_default();
    if clean.is_empty() { otherwise.to_owned() } else { clean }
}

/// Which hosts the portal may call. None unless the operator names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<Allowed>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Allowed {
    host: String,
    port: Option<u16>,
    private: bool,
}

/// Where an order may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave {
    /// To an address of a private network or of this machine, too.
    pub private: bool,
}

impl Hosts {
    /// Reads `hooks.example.com, private:provisioning.internal:8443`. Without a port, the usual one of https is meant;
    /// `private:` allows addresses of private networks and of this machine, and plain http.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(Allowed::parse).collect::<Result<_, _>>().map(Self)
    }

    /// May the portal call this address? The refusal says what to configure.
    pub fn check(&self, url: &Url) -> Result<Leave, String> {
        let host = host_of(url).ok_or("The address names no host.")?;
        let port = url.port_or_known_default();
        let usual = |entry: &Allowed| match entry.port {
            Some(_) => entry.port == port,
            None => port == Some(443) || (entry.private && port == Some(80)),
        };
        let found = self.0.iter().find(|entry| entry.host == host && usual(entry));
        match found {
            None => {
                let name = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
                Err(format!(
                    "The portal may not call {name}. Whoever runs it can allow that: add {name} to webhook_hosts \
                     (LATCHKEY_WEBHOOK_HOSTS)."
                ))
            }
            Some(entry) if url.scheme() != "https" && !entry.private => {
                Err(format!("The portal calls {host} by https only."))
            }
            Some(entry) => Ok(Leave { private: entry.private }),
        }
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "“{entry}” is no host; write it like hooks.example.com, hooks.example.com:8443 or private:10.0.0.5"
            )
        };
        let (private, rest) = entry.strip_prefix("private:").map_or((false, entry), |rest| (true, rest));
        if rest.contains(['/', '@', '?', '#', '*']) {
            return Err(wrong());
        }
        // A port that is the usual one of the scheme would be swallowed.
        let url = Url::parse(&format!("entry://{rest}")).map_err(|_| wrong())?;
        let port = url.port();
        let host =
            Url::parse(&format!("https://{rest}")).ok().as_ref().and_then(host_of).ok_or_else(wrong)?;
        Ok(Self { host, port, private })
    }
}

/// The host of an address as it is compared: in lower case, without brackets.
fn host_of(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => Some(name.trim_end_matches('.').to_lowercase()),
        Host::Ipv4(ip) => Some(ip.to_string()),
        Host::Ipv6(ip) => Some(ip.to_string()),
    }
}

/// Reads an address that an owner of a resource types.
pub fn read_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim())
        .map_err(|_| "Write the whole address, such as https://hooks.example.com/latchkey.".to_owned())?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err("Write an address that begins with https://.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave the name and password out: orders are signed instead.".to_owned());
    }
    if url.fragment().is_some() {
        return Err("Leave out what begins with #: it is never sent.".to_owned());
    }
    if url.as_str().len() > 500 {
        return Err("The address is longer than 500 characters.".to_owned());
    }
    Ok(url)
}

/// May an order go to this address of the network? Never to those that mean nobody or everybody, nor to link-local ones,
/// where cloud machines keep their secrets; to private networks and this machine only with leave.
pub fn may_reach(ip: IpAddr, leave: Leave) -> bool {
    let ip = match ip {
        IpAddr::V6(v6) => embedded(v6).map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    };
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let never = v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_link_local()
                || v4.is_documentation()
                || a == 0
                || a >= 240
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19));
            let private = v4.is_private() || v4.is_loopback() || (a == 100 && (64..128).contains(&b));
            !never && (leave.private || !private)
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            let never = v6.is_unspecified()
                || v6.is_multicast()
                || (first & 0xffc0) == 0xfe80
                || (first & 0xffc0) == 0xfec0
                || (first == 0x2001 && second == 0xdb8)
                || first == 0x0100;
            let private = v6.is_loopback() || (first & 0xfe00) == 0xfc00;
            !never && (leave.private || !private)
        }
    }
}

/// The IPv4 address inside one that only wraps it: mapped, compatible, or by a translator.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let low = (u32::from(g) << 16) | u32::from(h);
    let wraps = match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => true,
        (0, 0, 0, 0, 0, 0) => low > 1,
        _ => false,
    };
    if wraps {
        return Some(low.into());
    }
    (a == 0x2002).then(|| ((u32::from(b) << 16) | u32::from(c)).into())
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
