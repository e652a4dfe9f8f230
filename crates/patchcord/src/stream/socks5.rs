//! SOCKS5, RFC 1928, with a name and a password, RFC 1929.
//!
//! ```text
//!   us    5, methods                     ► 0: none   2: name and password
//!   proxy 5, the method                  ◄
//!   us    1, name, password              ► if it was 2
//!   proxy 1, 0: welcome                  ◄
//!   us    5, 1: connect, 0, address      ►
//!   proxy 5, 0: connected, 0, address    ◄
//! ```

use core::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::error::ProxyError;
use crate::servers::Host;

const VERSION: u8 = 5;
/// RFC 1928 §3.
const NO_AUTHENTICATION: u8 = 0;
const USERNAME_PASSWORD: u8 = 2;
/// RFC 1929 §2.
const SUBNEGOTIATION: u8 = 1;
/// RFC 1928 §4.
const CONNECT: u8 = 1;
/// RFC 1928 §5: types of addresses.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Has the proxy on the other end of `stream` connect it with a port of a host, whose name is for the
/// proxy to look up.
pub(super) async fn tunnel<S>(
    stream: &mut S,
    (host, port): (&Host, u16),
    credentials: Option<(&str, &str)>,
) -> Result<(), ProxyError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let methods: &[u8] = match credentials {
        None => &[VERSION, 1, NO_AUTHENTICATION],
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USERNAME_PASSWORD],
    };
    say(stream, methods).await?;
    match (hear(stream).await?, credentials) {
        ([VERSION, NO_AUTHENTICATION], _) => {}
        ([VERSION, USERNAME_PASSWORD], Some(credentials)) => log_in(stream, credentials).await?,
        ([VERSION, _], _) => return Err(ProxyError::Method),
        _ => return Err(ProxyError::Protocol),
    }

    let mut request = vec![VERSION, CONNECT, 0];
    match host {
        Host::Ip(IpAddr::V4(ip)) => {
            request.push(IPV4);
            request.extend(ip.octets());
        }
        Host::Ip(IpAddr::V6(ip)) => {
            request.push(IPV6);
            request.extend(ip.octets());
        }
        Host::Name(name) => {
            let len = u8::try_from(name.len()).map_err(|_| ProxyError::Name(name.len()))?;
            request.extend([NAME, len]);
            request.extend(name.bytes());
        }
    }
    request.extend(port.to_be_bytes());
    say(stream, &request).await?;
    let [VERSION, code, _, kind] = hear(stream).await? else { return Err(ProxyError::Protocol) };
    if code != 0 {
        return Err(ProxyError::Code(code));
    }
    // From where the proxy connects is nobody's concern.
    let rest = match kind {
        IPV4 => 4 + 2,
        IPV6 => 16 + 2,
        NAME => usize::from(stream.read_u8().await?) + 2,
        _ => return Err(ProxyError::Protocol),
    };
    for _ in 0..rest {
        stream.read_u8().await?;
    }
    Ok(())
}

/// RFC 1929 §2.
async fn log_in<S>(stream: &mut S, (name, password): (&str, &str)) -> Result<(), ProxyError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = vec![SUBNEGOTIATION];
    for part in [name, password] {
        request.push(u8::try_from(part.len()).map_err(|_| ProxyError::Credentials)?);
        request.extend(part.bytes());
    }
    say(stream, &request).await?;
    match hear(stream).await? {
        [SUBNEGOTIATION, 0] => Ok(()),
        [SUBNEGOTIATION, _] => Err(ProxyError::Credentials),
        _ => Err(ProxyError::Protocol),
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Result<(), ProxyError> {
    stream.write_all(bytes).await?;
    Ok(stream.flush().await?)
}

async fn hear<const N: usize, S>(stream: &mut S) -> Result<[u8; N], ProxyError>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Option<(&str, &str)> = Some(("alice", "pw"));

    fn server() -> Host {
        Host::Ip([192, 0, 2, 1].into())
    }

    /// What the proxy says is said at once; returns what it has heard.
    async fn answered(
        answer: &[u8],
        host: &Host,
        credentials: Option<(&str, &str)>,
    ) -> (Result<(), ProxyError>, Vec<u8>) {
        let (mut near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(answer).await.unwrap();
        far.shutdown().await.unwrap();
        let result = tunnel(&mut near, (host, 443), credentials).await;
        drop(near);
        let mut said = Vec::new();
        far.read_to_end(&mut said).await.unwrap();
        (result, said)
    }

    #[tokio::test]
    async fn without_credentials() {
        let answer = [5, 0, 5, 0, 0, 1, 10, 0, 0, 1, 1, 2];
        let (result, said) = answered(&answer, &server(), None).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(said, [5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 1, 187]);
    }

    #[tokio::test]
    async fn with_credentials_to_an_ipv6_address() {
        let ipv6 = Host::Ip("2001:db8::1".parse().unwrap());
        let answer = [&[5, 2, 1, 0, 5, 0, 0, 3, 2][..], b"xy", &[1, 2]].concat();
        let (result, said) = answered(&answer, &ipv6, ALICE).await;
        assert!(result.is_ok(), "{result:?}");
        let log_in = [&[5, 2, 0, 2, 1, 5][..], b"alice", &[2], b"pw"].concat();
        assert_eq!(said[..log_in.len()], log_in);
        assert_eq!(said[log_in.len()..][..4], [5, 1, 0, 4]);
        assert_eq!(said.len(), log_in.len() + 4 + 16 + 2);
    }

    #[tokio::test]
    async fn the_proxy_is_told_the_name() {
        let answer = [5, 0, 5, 0, 0, 1, 10, 0, 0, 1, 1, 2];
        let (result, said) = answered(&answer, &Host::Name("a.test".into()), None).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(said, [&[5, 1, 0, 5, 1, 0, 3, 6][..], b"a.test", &[1, 187]].concat());
        let long = Host::Name("x".repeat(256).into());
        let error = answered(&answer, &long, None).await.0.unwrap_err();
        assert!(matches!(error, ProxyError::Name(256)), "{error}");
    }

    #[tokio::test]
    async fn refusals_have_a_reason() {
        type Case = (&'static [u8], Option<(&'static str, &'static str)>, &'static str);
        let table: [Case; 7] = [
            (&[5, 0xff], ALICE, "none of our ways to log in is accepted"),
            (&[5, 2], None, "none of our ways to log in is accepted"),
            (&[5, 2, 1, 1], ALICE, "wrong credentials"),
            (&[5, 0, 5, 2, 0, 1], None, "refused with code 2"),
            (&[4, 0], None, "an answer that is not understood"),
            (&[5, 0, 5, 0, 0, 9], None, "an answer that is not understood"),
            (&[5, 2, 5, 0], ALICE, "an answer that is not understood"),
        ];
        for (answer, credentials, expected) in table {
            let error = answered(answer, &server(), credentials).await.0.unwrap_err();
            assert_eq!(error.to_string(), expected, "{answer:?}");
        }
        let cut = answered(&[5, 0, 5, 0, 0, 1, 10], &server(), None).await.0;
        assert!(matches!(cut, Err(ProxyError::Io(_))), "{cut:?}");
    }
}
