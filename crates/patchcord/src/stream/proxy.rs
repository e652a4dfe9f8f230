//! Which proxy, and who we are there.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyProtocol {
    /// The method CONNECT of HTTP (RFC 9110 §9.3.6), with Basic authentication (RFC 7617).
    Http,
    /// SOCKS5 (RFC 1928), with a name and a password (RFC 1929).
    Socks5,
}

/// A proxy, for networks that let nobody out otherwise.
///
/// ```
/// use patchcord::stream::{Proxy, ProxyProtocol};
///
/// let proxy: Proxy = "socks5://alice:wonderland@proxy.example.org:1080".parse()?;
/// assert_eq!((proxy.protocol, &*proxy.host, proxy.port), (ProxyProtocol::Socks5, "proxy.example.org", 1080));
/// # Ok::<(), patchcord::stream::ProxyUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How it is spoken to.
    pub protocol: ProxyProtocol,
    /// Its name or address.
    pub host: Box<str>,
    /// Its port.
    pub port: u16,
    /// Our name there and the password, if it wants them. SOCKS5 has 255 bytes for each.
    pub credentials: Option<(Box<str>, Box<str>)>,
}

impl fmt::Debug for Proxy {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("protocol", &self.protocol)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Why a text is no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// It begins with neither of the two.
    #[error("it begins with neither http:// nor socks5://")]
    Scheme,
    /// There is none.
    #[error("it has no host")]
    Host,
    /// Not between 1 and 65535.
    #[error("its port is not between 1 and 65535")]
    Port,
    /// `name:password@`, each of at most 255 bytes; special characters as `%xx`.
    #[error("its name and password are not understood")]
    Credentials,
}

impl FromStr for Proxy {
    type Err = ProxyUrlError;

    /// `http://host:port` or `socks5://host:port`, with `name:password@` in front of the host if the
    /// proxy wants that. Without a port: 8080 and 1080.
    fn from_str(text: &str) -> Result<Self, ProxyUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(ProxyUrlError::Scheme)?;
        let (protocol, default) = match &*scheme.to_ascii_lowercase() {
            "http" => (ProxyProtocol::Http, 8080),
            "socks5" => (ProxyProtocol::Socks5, 1080),
            _ => return Err(ProxyUrlError::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, authority) = match rest.rsplit_once('@') {
            Some((credentials, authority)) => (Some(credentials_of(credentials)?), authority),
            None => (None, rest),
        };
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or(ProxyUrlError::Host)?;
                (host, if rest.is_empty() { None } else { rest.strip_prefix(':') })
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return Err(ProxyUrlError::Host);
        }
        let port = match port {
            None => default,
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(ProxyUrlError::Port)?,
        };
        Ok(Self { protocol, host: host.into(), port, credentials })
    }
}

fn credentials_of(text: &str) -> Result<(Box<str>, Box<str>), ProxyUrlError> {
    let (name, password) = text.split_once(':').ok_or(ProxyUrlError::Credentials)?;
    let (name, password) = (decoded(name), decoded(password));
    match (name, password) {
        (Some(name), Some(password)) if !name.is_empty() => Ok((name, password)),
        _ => Err(ProxyUrlError::Credentials),
    }
}

/// RFC 3986 §2.1. `None`: it is not encoded well, or has more than 255 bytes.
fn decoded(text: &str) -> Option<Box<str>> {
    let (mut out, mut bytes) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(out).ok().filter(|text| text.len() <= 255).map(String::into_boxed_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_understood() {
        let table = [
            ("http://proxy", Ok("Http proxy 8080 -")),
            ("HTTP://proxy:3128/", Ok("Http proxy 3128 -")),
            ("socks5://192.0.2.1", Ok("Socks5 192.0.2.1 1080 -")),
            ("socks5://[2001:db8::1]:9", Ok("Socks5 2001:db8::1 9 -")),
            ("http://a:b@proxy:1", Ok("Http proxy 1 a b")),
            ("http://a%40x:b%3a@proxy:1", Ok("Http proxy 1 a@x b:")),
            ("https://proxy", Err(ProxyUrlError::Scheme)),
            ("proxy:3128", Err(ProxyUrlError::Scheme)),
            ("http://", Err(ProxyUrlError::Host)),
            ("http://[::1", Err(ProxyUrlError::Host)),
            ("http://proxy:0", Err(ProxyUrlError::Port)),
            ("http://proxy:x", Err(ProxyUrlError::Port)),
            ("http://name@proxy", Err(ProxyUrlError::Credentials)),
            ("http://a:b%4@proxy", Err(ProxyUrlError::Credentials)),
            ("http://:b@proxy", Err(ProxyUrlError::Credentials)),
        ];
        for (text, expected) in table {
            let found = text.parse().map(|proxy: Proxy| {
                let Proxy { protocol, host, port, credentials } = proxy;
                let who = credentials.map_or("-".into(), |(name, word)| format!("{name} {word}"));
                format!("{protocol:?} {host} {port} {who}")
            });
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxy: Proxy = "http://alice:wonderland@proxy".parse().unwrap();
        assert!(!format!("{proxy:?}").contains("wonderland"));
    }
}
