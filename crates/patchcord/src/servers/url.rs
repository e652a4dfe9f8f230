//! One URI of a STUN or TURN server, RFC 7064 and RFC 7065.
//!
//! ```text
//!   stun:stun.example.org            UDP 3478
//!   stuns:stun.example.org           TLS 5349
//!   turn:[2001:db8::1]:3478          UDP
//!   turn:192.0.2.1?transport=tcp     TCP 3478
//!   turns:turn.example.org:443       TLS
//!   turns:a.org?transport=udp        DTLS 5349
//! ```

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};
use core::str::FromStr;

use sansio::Transport;
use thiserror::Error;

/// Where servers listen, RFC 8489 §18.6 and RFC 8656 §3.1.
const PORT: u16 = 3478;
/// The same over TLS and DTLS.
const PORT_TLS: u16 = 5349;

/// What a server is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Where it sees us.
    Stun,
    /// To relay.
    Turn,
}

/// A name, or what needs none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// An address.
    Ip(IpAddr),
    /// A name that has to be looked up.
    Name(Box<str>),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Why a text is no URI of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It begins with none of the four schemes.
    #[error("it begins with none of stun:, stuns:, turn: and turns:")]
    Scheme,
    /// Neither a name nor an address.
    #[error("its host is neither a name nor an address")]
    Host,
    /// Not between 1 and 65535.
    #[error("its port is not between 1 and 65535")]
    Port,
    /// Something else than `?transport=udp` or `?transport=tcp`, which only TURN has.
    #[error("what follows the host and port is not understood")]
    Query,
}

/// One URI of a server, understood.
///
/// ```
/// use patchcord::Transport;
/// use patchcord::servers::{Kind, Url};
///
/// let url: Url = "turns:turn.example.org".parse()?;
/// assert_eq!((url.kind, url.port, url.transport), (Kind::Turn, 5349, Transport::Tls));
/// # Ok::<(), patchcord::UrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// What it is asked for.
    pub kind: Kind,
    /// Where it is.
    pub host: Host,
    /// Its port: 3478, or 5349 over TLS and DTLS, if the URI names none.
    pub port: u16,
    /// How it is spoken to: UDP if the URI does not say.
    pub transport: Transport,
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Scheme)?;
        // RFC 3986 §3.1: schemes have no case.
        let (kind, secure) = match &*scheme.to_ascii_lowercase() {
            "stun" => (Kind::Stun, false),
            "stuns" => (Kind::Stun, true),
            "turn" => (Kind::Turn, false),
            "turns" => (Kind::Turn, true),
            _ => return Err(UrlError::Scheme),
        };
        let (authority, transport) = match rest.split_once('?') {
            None => (rest, None),
            Some((authority, query)) if kind == Kind::Turn => (authority, Some(transport(query)?)),
            Some(_) => return Err(UrlError::Query),
        };
        let transport = match (secure, transport) {
            (false, None | Some(Transport::Udp)) => Transport::Udp,
            (false, Some(other)) => other,
            (true, None | Some(Transport::Tcp | Transport::Tls)) => Transport::Tls,
            // RFC 7065 §3.1, RFC 7350 §4.6.1.
            (true, Some(Transport::Udp | Transport::Dtls)) => Transport::Dtls,
        };
        let (host, port) = split(authority)?;
        let default = if secure { PORT_TLS } else { PORT };
        Ok(Self { kind, host, port: port.unwrap_or(default), transport })
    }
}

fn transport(query: &str) -> Result<Transport, UrlError> {
    let value = query.strip_prefix("transport=").ok_or(UrlError::Query)?;
    match &*value.to_ascii_lowercase() {
        "udp" => Ok(Transport::Udp),
        "tcp" => Ok(Transport::Tcp),
        _ => Err(UrlError::Query),
    }
}

/// Host, and port if there is one.
fn split(authority: &str) -> Result<(Host, Option<u16>), UrlError> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (ip, rest) = rest.split_once(']').ok_or(UrlError::Host)?;
        let ip: Ipv6Addr = ip.parse().map_err(|_| UrlError::Host)?;
        let port = match rest.strip_prefix(':') {
            Some(port) => port_of(port)?,
            None if rest.is_empty() => None,
            None => return Err(UrlError::Port),
        };
        return Ok((Host::Ip(ip.into()), port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port_of(port)?),
        None => (authority, None),
    };
    if let Ok(ip) = host.parse() {
        return Ok((Host::Ip(ip), port));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    // RFC 1035 §2.3.4: a name has at most 255 octets.
    if host.is_empty() || host.len() > 255 || !host.chars().all(is_plain) {
        return Err(UrlError::Host);
    }
    Ok((Host::Name(host.into()), port))
}

/// RFC 3986 §3.2.3: an empty port is the scheme's own.
fn port_of(text: &str) -> Result<Option<u16>, UrlError> {
    if text.is_empty() {
        return Ok(None);
    }
    // `parse` takes a sign.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(UrlError::Port);
    }
    text.parse().ok().filter(|port| *port != 0).map(Some).ok_or(UrlError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, host, port, transport.
    fn parsed(text: &str) -> Result<String, UrlError> {
        let Url { kind, host, port, transport } = text.parse()?;
        Ok(format!("{kind:?} {host} {port} {transport}"))
    }

    #[test]
    fn all_that_the_rfcs_have_is_understood() {
        let table = [
            // RFC 7064 appendix B, RFC 7065 appendix B.
            ("stun:example.org", "Stun example.org 3478 udp"),
            ("stuns:example.org", "Stun example.org 5349 tls"),
            ("stun:example.org:8000", "Stun example.org 8000 udp"),
            ("turn:example.org", "Turn example.org 3478 udp"),
            ("turns:example.org", "Turn example.org 5349 tls"),
            ("turn:example.org:8000", "Turn example.org 8000 udp"),
            ("turn:example.org?transport=udp", "Turn example.org 3478 udp"),
            ("turn:example.org?transport=tcp", "Turn example.org 3478 tcp"),
            ("turns:example.org?transport=tcp", "Turn example.org 5349 tls"),
            ("turns:example.org?transport=udp", "Turn example.org 5349 dtls"),
            ("turns:example.org:443?transport=UDP", "Turn example.org 443 dtls"),
            ("TURNS:example.org:443?transport=TCP", "Turn example.org 443 tls"),
            ("stun:192.0.2.1:19302", "Stun 192.0.2.1 19302 udp"),
            ("stun:[2001:db8::1]", "Stun 2001:db8::1 3478 udp"),
            ("turn:[2001:db8::1]:9", "Turn 2001:db8::1 9 udp"),
            ("stun:example.org:", "Stun example.org 3478 udp"),
        ];
        for (text, expected) in table {
            assert_eq!(parsed(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        let table = [
            ("example.org", UrlError::Scheme),
            ("http://example.org", UrlError::Scheme),
            ("", UrlError::Scheme),
            ("stun:", UrlError::Host),
            ("stun::3478", UrlError::Host),
            ("stun://example.org", UrlError::Host),
            ("stun:a b", UrlError::Host),
            ("stun:user@example.org", UrlError::Host),
            ("stun:[2001:db8::1", UrlError::Host),
            ("stun:[192.0.2.1]", UrlError::Host),
            ("stun:2001:db8::1", UrlError::Port),
            ("stun:[2001:db8::1]3478", UrlError::Port),
            ("stun:example.org:many", UrlError::Port),
            ("stun:example.org:+1", UrlError::Port),
            ("stun:example.org:0", UrlError::Port),
            ("stun:example.org:65536", UrlError::Port),
            ("stun:example.org?transport=udp", UrlError::Query),
            ("turn:example.org?transport=sctp", UrlError::Query),
            ("turn:example.org?ttl=1", UrlError::Query),
        ];
        for (text, expected) in table {
            assert_eq!(parsed(text), Err(expected), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_harmless(text in "(stuns?:|turns?:)?.{0,40}") {
            if let Ok(url) = text.parse::<Url>() {
                assert!(url.port != 0);
            }
        }
    }
}
