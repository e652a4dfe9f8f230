//! Calls through a relay that only a proxy reaches.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use patchcord::servers::Host;
use patchcord::stream::{Proxy, Target, connect};
use patchcord::{Endpoint, EndpointConfig, Resolver, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::relay::{config, exchange, failure, relayed};
use crate::support::*;
use crate::turn_server::{NAME, TurnServer};

/// A proxy, and how many it has let through.
struct TestProxy {
    address: SocketAddr,
    served: Arc<AtomicUsize>,
}

impl TestProxy {
    /// One that lets everybody through whom `greet` lets through, to the port that it says of
    /// [`NAME`], which nobody but the proxy knows.
    async fn start<F, R>(greet: F) -> Self
    where
        F: Fn(TcpStream) -> R + Send + Sync + 'static,
        R: Future<Output = Option<(TcpStream, u16)>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, served) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let (greet, count) = (Arc::new(greet), Arc::clone(&served));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (greet, count) = (Arc::clone(&greet), Arc::clone(&count));
                tokio::spawn(async move {
                    let Some((mut near, port)) = greet(stream).await else { return };
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    count.fetch_add(1, Ordering::AcqRel);
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { address, served }
    }

    fn url(&self, scheme: &str) -> Proxy {
        format!("{scheme}://me:secret@{}", self.address).parse().unwrap()
    }
}

async fn http() -> TestProxy {
    TestProxy::start(|mut stream| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        // me:secret
        if !head.contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n") {
            let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            return None;
        }
        let (name, port) = head.strip_prefix("CONNECT ")?.split(' ').next()?.split_once(':')?;
        assert_eq!(name, NAME);
        stream.write_all(b"HTTP/1.1 200 OK\r\nServer: test\r\n\r\n").await.unwrap();
        Some((stream, port.parse().unwrap()))
    })
    .await
}

async fn socks() -> TestProxy {
    TestProxy::start(|mut stream| async move {
        let mut hello = [0; 4];
        stream.read_exact(&mut hello).await.ok()?;
        assert_eq!(hello, [5, 2, 0, 2]);
        stream.write_all(&[5, 2]).await.unwrap();
        let mut who = [0; 11];
        stream.read_exact(&mut who).await.ok()?;
        assert_eq!(&who, b"\x01\x02me\x06secret");
        stream.write_all(&[1, 0]).await.unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).await.ok()?;
        assert_eq!(request, [5, 1, 0, 3, NAME.len() as u8]);
        let mut name = [0; NAME.len()];
        stream.read_exact(&mut name).await.ok()?;
        assert_eq!(name, NAME.as_bytes());
        let port = stream.read_u16().await.ok()?;
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await.unwrap();
        Some((stream, port))
    })
    .await
}

/// Of a network that knows no names of the outside.
fn no_names() -> Resolver {
    Resolver::new(|_| async { Err(std::io::ErrorKind::NotFound.into()) })
}

async fn call(proxy: &TestProxy, scheme: &str, transport: Transport) {
    let server = TurnServer::start().await;
    let config = EndpointConfig {
        proxy: Some(proxy.url(scheme)),
        resolver: no_names(),
        ..config(&server, server.over(transport, "wonderland"))
    };
    let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
    let pair = pair_with(relayed(&a), connection(&b)).await;
    exchange(&pair).await;
    assert_eq!(pair.caller.stats().path.unwrap().transport, transport);
}

#[tokio::test]
async fn http_connect() {
    let proxy = http().await;
    call(&proxy, "http", Transport::Tcp).await;
    call(&proxy, "http", Transport::Tls).await;
    assert_eq!(proxy.served.load(Ordering::Acquire), 2);
}

#[tokio::test]
async fn socks5() {
    let proxy = socks().await;
    call(&proxy, "socks5", Transport::Tcp).await;
    call(&proxy, "socks5", Transport::Tls).await;
    assert_eq!(proxy.served.load(Ordering::Acquire), 2);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told() {
    let (server, proxy) = (TurnServer::start().await, http().await);
    let config = EndpointConfig {
        proxy: Some(format!("http://{}", proxy.address).parse().unwrap()),
        resolver: no_names(),
        ..config(&server, server.over(Transport::Tls, "wonderland"))
    };
    let (a, b) = (Endpoint::bind(config).await.unwrap(), endpoint().await);
    let pair = pair(&a, &b).await;
    exchange(&pair).await;
    assert_eq!(failure(&pair.caller).await.text, "the proxy: refused with status 407");
}

#[tokio::test]
async fn a_server_that_accepts_and_falls_silent_costs_a_while() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut target = Target::new(silent.local_addr().unwrap()).over_tls("turn.test");
    target.patience = std::time::Duration::from_millis(100);
    let error = within(connect(&target)).await.unwrap_err();
    assert_eq!(error.to_string(), "no connection within 100ms");
}

#[tokio::test]
async fn datagrams_without_an_endpoint() {
    let (server, proxy) = (TurnServer::start().await, socks().await);
    let mut target = Target::named(Host::Name(NAME.into()), server.tls.port())
        .over_tls(NAME)
        .through(proxy.url("socks5"));
    target.resolver = no_names();
    target.trust = Some(server.trust.clone());
    let mut stream = connect(&target).await.unwrap();
    for n in 1..=3 {
        let mut request = Vec::new();
        let id = stun::TransactionId::from([n; 12]);
        stun::MessageBuilder::request(&mut request, stun::Method::BINDING, id).fingerprint();
        within(stream.send(&request)).await.unwrap();
        let answer = within(stream.recv()).await.unwrap().unwrap();
        assert_eq!(stun::Message::parse(&answer).unwrap().transaction_id(), id);
    }
    within(stream.close()).await.unwrap();
}
