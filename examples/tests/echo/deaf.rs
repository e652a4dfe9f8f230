//! A server that echoes data channels, takes neither sound nor pictures, and no candidates apart from
//! descriptions.

use std::process::Output;

use patchcord::{Config, Endpoint, EndpointConfig, Event, PeerConnection, SessionDescription};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
};

/// Reads one request with a body in JSON: the path, and the body.
async fn request(stream: &mut TcpStream) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request ends early");
        let body = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(Ok(value)) = body.map(|at| serde_json::from_slice(&bytes[at + 4..])) {
            let head = String::from_utf8_lossy(&bytes);
            return (head.split(' ').nth(1).unwrap().to_owned(), value);
        }
    }
}

/// Answers with all sections of media rejected.
async fn answer(pc: &PeerConnection, offer: &Value) -> String {
    let offer = SessionDescription::offer(offer["sdp"].as_str().unwrap());
    pc.set_remote_description(offer).await.unwrap();
    for transceiver in pc.transceivers() {
        transceiver.stop().unwrap();
    }
    pc.set_local_description(None).await.unwrap();
    json!({ "type": "answer", "sdp": pc.local_description().unwrap().sdp }).to_string()
}

async fn echo_channels(pc: PeerConnection) {
    while let Some(event) = pc.next_event().await {
        if let Event::DataChannel(channel) = event {
            tokio::spawn(async move {
                while let Some(message) = channel.recv().await {
                    let _ = channel.send(message).await;
                }
            });
        }
    }
}

async fn reply(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + body).as_bytes()).await.unwrap();
}

async fn call(address: &str) -> Output {
    let url = format!("http://{address}");
    Command::new(env!("CARGO_BIN_EXE_echo")).args(["call", &url]).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_less_is_no_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let endpoint = Endpoint::bind(EndpointConfig::default()).await.unwrap();
    let pc = endpoint.peer_connection(Config::default()).unwrap();
    let calling = tokio::spawn(async move { call(&address).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    assert_eq!(request(&mut stream).await.0, "/trickle");
    reply(&mut stream, "404 Not Found", "<html>").await;
    // The next best: one offer with all candidates.
    let (path, offer) = request(&mut stream).await;
    assert_eq!(path, "/offer");
    assert!(offer["sdp"].as_str().unwrap().contains("a=end-of-candidates"), "{offer}");
    let body = answer(&pc, &offer).await;
    reply(&mut stream, "200 OK", &body).await;
    tokio::spawn(echo_channels(pc));

    let call = calling.await.unwrap();
    let said = String::from_utf8_lossy(&call.stdout);
    assert!(call.status.success(), "{said}{}", String::from_utf8_lossy(&call.stderr));
    assert!(said.contains("All unchanged."), "{said}");
    for kind in ["audio opus", "video VP8"] {
        assert!(said.contains(&format!("{kind}: the server does not take it")), "{said}");
    }
}
