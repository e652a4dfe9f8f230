//! Servers and proxies that accept a connection and then say nothing: whoever connects gives up.

use std::net::SocketAddr;

use patchcord::stream::{ConnectError, Proxy, Target, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::*;
use crate::turn_server::{NAME, certificate};

/// One that accepts a connection, is told something, and is left.
struct Silent {
    address: SocketAddr,
    told: oneshot::Receiver<()>,
    left: JoinHandle<()>,
}

/// It says this and no more.
async fn says(text: &'static [u8]) -> Silent {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = oneshot::channel();
    let left = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(text).await.unwrap();
        assert!(stream.read_u8().await.is_ok());
        tell.send(()).unwrap();
        // A reset ends it as well as a FIN.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    Silent { address, told, left }
}

/// Time passes when it has been told something, and not before.
async fn is_given_up(silent: Silent, target: Target) {
    let patience = target.patience;
    let attempt = tokio::spawn(async move { connect(&target).await });
    silent.told.await.unwrap();
    tokio::time::pause();
    tokio::time::advance(patience).await;
    let made = attempt.await.unwrap();
    assert!(matches!(made, Err(ConnectError::TimedOut(after)) if after == patience), "{made:?}");
    tokio::time::resume();
    within(silent.left).await.unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_shake_hands_is_given_up() {
    let silent = says(b"").await;
    let mut target = Target::new(silent.address).over_tls(NAME);
    target.trust = Some(certificate().2);
    is_given_up(silent, target).await;
}

#[tokio::test]
async fn a_proxy_that_falls_silent_is_given_up() {
    // At once, or in the middle of its answer.
    let table: [(&str, &[u8]); 4] = [
        ("http", b""),
        ("http", b"HTTP/1.1 200 OK\r\nServer: "),
        ("socks5", b""),
        ("socks5", b"\x05\x00\x05"),
    ];
    for (scheme, text) in table {
        let silent = says(text).await;
        let proxy: Proxy = format!("{scheme}://{}", silent.address).parse().unwrap();
        let target = Target::new("192.0.2.1:3478".parse().unwrap()).through(proxy);
        is_given_up(silent, target).await;
    }
}
