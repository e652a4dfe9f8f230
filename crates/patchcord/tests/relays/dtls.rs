//! DTLS to a server, without an endpoint.

use std::time::Duration;

use patchcord::stream::{ConnectError, Target, connect};
use stun::attribute::XorMappedAddress;
use stun::{Message, MessageBuilder, Method, TransactionId};
use tokio::net::UdpSocket;

use crate::support::*;
use crate::turn_server::{NAME, TurnServer};

fn target(server: &TurnServer) -> Target {
    let mut target = Target::new(server.dtls).over_dtls(NAME);
    target.trust = Some(server.trust.clone());
    target
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (server, silent) = (TurnServer::start().await, UdpSocket::bind("127.0.0.1:0").await);
    let silent = silent.unwrap();
    let mut target = target(&server);
    target.port = silent.local_addr().unwrap().port();
    target.patience = Duration::from_millis(50);
    let error = within(connect(&target)).await.unwrap_err();
    assert!(matches!(error, ConnectError::TimedOut(_)), "{error}");
    // All of the ClientHello was in one datagram: its length is that of its only fragment.
    let mut hello = [0; 2048];
    let (len, _) = within(silent.recv_from(&mut hello)).await.unwrap();
    assert_eq!((hello[0], hello[13]), (22, 1));
    assert_eq!((&hello[14..17], &hello[19..22]), (&hello[22..25], &[0, 0, 0][..]));
    let fragment = usize::from(hello[23]) << 8 | usize::from(hello[24]);
    assert_eq!(len, 13 + 12 + fragment);
    assert!(hello.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
}

#[tokio::test]
async fn a_name_that_is_none_asks_nobody() {
    let server = TurnServer::start().await;
    let target = target(&server).over_dtls("no name");
    let error = within(connect(&target)).await.unwrap_err();
    assert!(matches!(&error, ConnectError::ServerName(name) if &**name == "no name"), "{error}");
}

#[tokio::test]
async fn what_answers_and_is_no_server_is_told() {
    // It returns what it hears, which is a ClientHello.
    let mirror = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = TurnServer::start().await;
    let mut target = target(&server);
    target.port = mirror.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut buf = [0; 2048];
        while let Ok((len, remote)) = mirror.recv_from(&mut buf).await {
            let _ = mirror.send_to(&buf[..len], remote).await;
        }
    });
    let error = within(connect(&target)).await.unwrap_err();
    assert!(matches!(error, ConnectError::Dtls(_)), "{error}");
}

#[tokio::test]
async fn datagrams_are_whole_and_those_that_are_too_long_are_refused() {
    let server = TurnServer::start().await;
    let mut stream = within(connect(&target(&server))).await.unwrap();
    let error = stream.send(&[0; 9217]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    for n in 1..=3 {
        let (id, mut request) = (TransactionId::from([n; 12]), Vec::new());
        MessageBuilder::request(&mut request, Method::BINDING, id).fingerprint();
        stream.send(&request).await.unwrap();
        let answer = within(stream.recv()).await.unwrap().unwrap();
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.transaction_id(), id);
        let mapped: Option<XorMappedAddress> = answer.get().unwrap();
        assert_eq!(mapped.map(|mapped| mapped.0), Some(stream.local_addr()));
    }
    within(stream.close()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_says_goodbye_ends_it() {
    let server = TurnServer::start().await;
    let mut stream = within(connect(&target(&server))).await.unwrap();
    server.farewell.send(()).unwrap();
    assert_eq!(within(stream.recv()).await.unwrap(), None);
    assert_eq!(within(stream.recv()).await.unwrap(), None);
    assert!(stream.send(b"too late").await.is_err());
}
