//! The name of a STUN server, and its addresses.

use core::net::{IpAddr, SocketAddr};
use std::io;

/// Where STUN servers listen, RFC 8489 §18.6.
const PORT: u16 = 3478;

/// The addresses of `server`: `host`, `host:port`, or the same as a URI (`stun:host:port`,
/// RFC 7064).
pub(crate) async fn resolve(server: &str) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = split(server).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// Host and port. `None`: it is neither.
fn split(server: &str) -> Option<(&str, u16)> {
    let server = server.strip_prefix("stun:").unwrap_or(server);
    if server.parse::<IpAddr>().is_ok() {
        return Some((server, PORT));
    }
    let (host, port) = match server.rsplit_once(':') {
        // The colon of an IPv6 address in brackets.
        Some((_, rest)) if rest.contains(']') => (server, PORT),
        Some((host, port)) => (host, port.parse().ok()?),
        None => (server, PORT),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_uris_are_understood() {
        let table = [
            ("stun.example.org", Some(("stun.example.org", 3478))),
            ("stun.example.org:19302", Some(("stun.example.org", 19_302))),
            ("stun:stun.example.org", Some(("stun.example.org", 3478))),
            ("stun:192.0.2.1:1", Some(("192.0.2.1", 1))),
            ("192.0.2.1", Some(("192.0.2.1", 3478))),
            ("2001:db8::1", Some(("2001:db8::1", 3478))),
            ("[2001:db8::1]", Some(("2001:db8::1", 3478))),
            ("[2001:db8::1]:9", Some(("2001:db8::1", 9))),
            ("stun.example.org:many", None),
            ("turn:stun.example.org", None),
            (":3478", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn addresses_need_no_name_server() {
        let found = resolve("stun:127.0.0.1:9").await.unwrap();
        assert_eq!(found, ["127.0.0.1:9".parse().unwrap()]);
        assert!(resolve("").await.is_err());
    }
}
