//! The method CONNECT of HTTP, RFC 9110 §9.3.6.

use core::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::error::ProxyError;
use crate::servers::Host;

/// What is read of an answer, bytes.
const LIMIT: usize = 8 << 10;

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
    // RFC 9110 §7.2: brackets around IPv6, as in a URI.
    let target = match host {
        Host::Ip(ip) => SocketAddr::new(*ip, port).to_string(),
        Host::Name(name) => format!("{name}:{port}"),
    };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some((name, password)) = credentials {
        // RFC 7617 §2.
        let word = STANDARD.encode(format!("{name}:{password}"));
        request.push_str(&format!("Proxy-Authorization: Basic {word}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    let mut answer = Vec::new();
    // The server at the other end says nothing before it is spoken to, so that nothing follows the
    // head of a good answer.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= LIMIT {
            return Err(ProxyError::Protocol);
        }
        answer.push(stream.read_u8().await?);
    }
    match status(&answer) {
        // RFC 9110 §9.3.6: any 2xx.
        Some(200..=299) => Ok(()),
        Some(status) => Err(ProxyError::Status(status)),
        None => Err(ProxyError::Protocol),
    }
}

/// The status of an answer, RFC 9112 §4.
fn status(answer: &[u8]) -> Option<u16> {
    let rest = answer.strip_prefix(b"HTTP/1.")?;
    let digits = rest.get(1..5)?.strip_prefix(b" ")?;
    let status = core::str::from_utf8(digits).ok()?.parse().ok()?;
    matches!(rest.get(5), Some(b' ' | b'\r')).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(answer: &[u8]) -> (Result<(), ProxyError>, String) {
        asked(Host::Ip([192, 0, 2, 1].into()), answer).await
    }

    async fn asked(host: Host, answer: &[u8]) -> (Result<(), ProxyError>, String) {
        let (mut near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(answer).await.unwrap();
        far.shutdown().await.unwrap();
        let result = tunnel(&mut near, (&host, 443), Some(("alice", "wonderland"))).await;
        drop(near);
        let mut said = String::new();
        far.read_to_string(&mut said).await.unwrap();
        (result, said)
    }

    #[tokio::test]
    async fn a_proxy_is_asked_and_agrees() {
        let answer = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
        let (result, said) = answered(answer).await;
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(
            said,
            "CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\
             Proxy-Authorization: Basic YWxpY2U6d29uZGVybGFuZA==\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn the_proxy_is_told_the_name() {
        for (host, target) in [
            (Host::Name("turn.example.org".into()), "turn.example.org:443"),
            (Host::Ip("2001:db8::1".parse().unwrap()), "[2001:db8::1]:443"),
        ] {
            let (result, said) = asked(host, b"HTTP/1.1 200 OK\r\n\r\n").await;
            assert!(result.is_ok(), "{result:?}");
            let head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
            assert!(said.starts_with(&head), "{said}");
        }
    }

    #[tokio::test]
    async fn what_is_no_consent_is_an_error() {
        let table: [(&[u8], &str); 7] = [
            (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "refused with status 407"),
            (b"HTTP/1.0 403\r\n\r\n", "refused with status 403"),
            (b"HTTP/1.1 20x OK\r\n\r\n", "an answer that is not understood"),
            (b"HTTP/1.1 2000\r\n\r\n", "an answer that is not understood"),
            (b"SSH-2.0-x\r\n\r\n", "an answer that is not understood"),
            (b"\r\n\r\n", "an answer that is not understood"),
            (&[b'x'; LIMIT + 1], "an answer that is not understood"),
        ];
        for (answer, expected) in table {
            assert_eq!(answered(answer).await.0.unwrap_err().to_string(), expected);
        }
        assert!(matches!(answered(b"HTTP/1.1 200").await.0, Err(ProxyError::Io(_))));
    }
}
