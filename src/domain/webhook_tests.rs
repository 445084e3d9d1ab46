use super::*;

const OUTSIDE: Leave = Leave { private: false };
const INSIDE: Leave = Leave { private: true };

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

#[test]
fn dlv_6_a_signature_covers_time_and_body() {
    let now = at("2026-03-02T09:00:00Z");
    let time = now.timestamp().to_string();
    let signature = sign("secret", now.timestamp(), "{}");
    let signed = Signed { timestamp: &time, signature: &signature, body: "{}" };
    assert!(signed.holds("secret", now));
    assert!(signed.holds("secret", now + Duration::minutes(5)));
    assert!(!signed.holds("secret", now + Duration::minutes(6)));
    assert!(!signed.holds("secret", now - Duration::minutes(6)));
    assert!(!signed.holds("other", now));
    assert!(!Signed { body: "{ }", ..signed }.holds("secret", now));
    assert!(!Signed { timestamp: "1", ..signed }.holds("secret", now));
    assert!(!Signed { timestamp: "soon", ..signed }.holds("secret", now));
    assert!(!Signed { signature: "", ..signed }.holds("secret", now));
    // What docs/webhooks.md shows.
    assert_eq!(
        sign("whsec_example", 1_772_442_000, r#"{"state":"done"}"#),
        "v1=4cef53c2c8557df90eedc6a737400821d8f80ff98f0c38316080af1da8704926"
    );
}

#[test]
fn dlv_6_answers_are_read_as_documented() {
    use ConnectorError::{Later, Refused};
    assert_eq!(read_reply(200, ""), Ok(Reply::Done));
    assert_eq!(read_reply(204, " \n"), Ok(Reply::Done));
    assert_eq!(read_reply(200, r#"{"state":"done"}"#), Ok(Reply::Done));
    assert_eq!(read_reply(200, r#"{"state":"pending"}"#), Ok(Reply::Pending));
    assert_eq!(read_reply(202, ""), Ok(Reply::Pending));
    assert!(matches!(read_reply(200, "<html>"), Err(Later(_))));
    assert!(matches!(read_reply(200, r#"{"state":"maybe"}"#), Err(Later(_))));
    assert_eq!(
        read_reply(404, r#"{"state":"refused","message":"No such\nperson"}"#),
        Err(Refused("The target answered 404: No such person".to_owned()))
    );
    assert!(matches!(read_reply(302, ""), Err(Refused(_))));
    for status in [408, 425, 429, 500, 503, 599] {
        assert!(matches!(read_reply(status, ""), Err(Later(_))), "{status}");
    }
    for status in [400, 401, 403, 404, 409, 410, 422] {
        assert!(matches!(read_reply(status, ""), Err(Refused(_))), "{status}");
    }
    assert_eq!(read_answer(r#"{"state":"done"}"#), Ok(Ok(Reply::Done)));
    assert!(matches!(read_answer(r#"{"state":"failed"}"#), Ok(Err(Later(_)))));
    assert!(matches!(read_answer(r#"{"state":"refused","message":"no"}"#), Ok(Err(Refused(_)))));
    assert!(read_answer(r#"{"state":"pending"}"#).is_err());
    assert!(read_answer("done").is_err());
}

#[test]
fn dlv_6_only_named_hosts_are_called() {
    let url = |text: &str| Url::parse(text).unwrap();
    let none = Hosts::default();
    assert!(none.check(&url("https://hooks.example.com/x")).unwrap_err().contains("webhook_hosts"));
    let some =
        Hosts::parse("hooks.example.com, other.example:8443 ,private:10.0.0.5:81, private:[::1]").unwrap();
    assert_eq!(some.check(&url("https://HOOKS.example.com./x")), Ok(OUTSIDE));
    assert_eq!(some.check(&url("https://other.example:8443/")), Ok(OUTSIDE));
    assert_eq!(some.check(&url("http://10.0.0.5:81/")), Ok(INSIDE));
    assert_eq!(some.check(&url("http://[::1]/")), Ok(INSIDE));
    for not in [
        "http://hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://other.example/",
        "https://hooks.example.com.evil.example/",
        "https://evil.example/hooks.example.com",
        "https://10.0.0.5/",
    ] {
        assert!(some.check(&url(not)).is_err(), "{not}");
    }
    for not in ["https://x.example", "*.example.com", "a b", "user@host", "host/path", ":80"] {
        assert!(Hosts::parse(not).is_err(), "{not}");
    }
}

#[test]
fn dlv_6_addresses_of_private_networks_need_leave() {
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    for open in ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"] {
        assert!(may_reach(ip(open), OUTSIDE), "{open}");
    }
    for private in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ] {
        assert!(!may_reach(ip(private), OUTSIDE), "{private}");
        assert!(may_reach(ip(private), INSIDE), "{private}");
    }
    for never in [
        "0.0.0.0",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "ff02::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ] {
        assert!(!may_reach(ip(never), INSIDE), "{never}");
    }
}

#[test]
fn dlv_6_an_address_carries_no_secret() {
    assert!(read_url("https://hooks.example.com/a?b=c").is_ok());
    for not in
        ["hooks.example.com", "ftp://x.example", "https://u:p@x.example", "https://x.example/#a", "https://"]
    {
        assert!(read_url(not).is_err(), "{not}");
    }
}
