//! Where a request comes from.

use std::net::IpAddr;

use crate::config::Cidr;

/// The visitor's address: the peer's, unless the peer is a proxy that the configuration trusts. Then the last
/// address in `X-Forwarded-For` that is not itself a trusted proxy; everything before it could be made up.
pub fn address(peer: Option<IpAddr>, forwarded: Option<&str>, trusted: &[Cidr]) -> Option<IpAddr> {
    let is_proxy = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let peer = peer?.to_canonical();
    if !is_proxy(peer) {
        return Some(peer);
    }
    let mut nearest = peer;
    for hop in forwarded.unwrap_or_default().rsplit(',') {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = hop.to_canonical();
        if !is_proxy(nearest) {
            break;
        }
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_proxies_are_believed() {
        let trusted: Vec<Cidr> = vec!["10.0.0.0/8".parse().unwrap()];
        let from = |peer: &str, forwarded: Option<&str>| {
            address(Some(peer.parse().unwrap()), forwarded, &trusted).unwrap().to_string()
        };
        assert_eq!(from("203.0.113.9", Some("198.51.100.1")), "203.0.113.9");
        assert_eq!(from("10.0.0.1", Some("198.51.100.1")), "198.51.100.1");
        assert_eq!(from("10.0.0.1", Some("6.6.6.6, 198.51.100.1, 10.0.0.2")), "198.51.100.1");
        assert_eq!(from("10.0.0.1", Some("6.6.6.6, nonsense")), "10.0.0.1");
        assert_eq!(from("10.0.0.1", None), "10.0.0.1");
    }
}
