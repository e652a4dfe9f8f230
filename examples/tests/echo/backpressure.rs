//! A caller that sends and never reads.

use std::time::Duration;

use patchcord::{
    Config, DataChannel, DataChannelInit, Endpoint, EndpointConfig, Message, PeerConnection,
    SessionDescription,
};
use serde_json::json;
use tokio::time::timeout;

use crate::support::Echo;

/// More than all buffers on the way hold, both windows and both send buffers of a caller and `echo`.
const ENOUGH: usize = 256;
const MESSAGE: usize = 256 * 1024;

async fn open(pc: &PeerConnection, echo: &Echo) -> DataChannel {
    let channel = pc.create_data_channel("mute", DataChannelInit::default()).unwrap();
    pc.set_local_description(None).await.unwrap();
    pc.gathering_complete().await;
    let offer = json!({ "type": "offer", "sdp": pc.local_description().unwrap().sdp }).to_string();
    let (status, answer) = tokio::task::block_in_place(|| echo.post("/offer", &offer));
    assert_eq!(status, 200, "{answer}");
    let answer = SessionDescription::answer(answer["sdp"].as_str().unwrap());
    pc.set_remote_description(answer).await.unwrap();
    assert!(timeout(Duration::from_secs(10), channel.opened()).await.unwrap());
    channel
}

/// How many messages go out before one waits for a second.
async fn fill(channel: &DataChannel) -> usize {
    for sent in 0..ENOUGH {
        let message = Message::binary(vec![7; MESSAGE]);
        if timeout(Duration::from_secs(1), channel.send(message)).await.is_err() {
            return sent;
        }
    }
    ENOUGH
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_does_not_read_is_made_to_wait() {
    let echo = Echo::start();
    let endpoint = Endpoint::bind(EndpointConfig::default()).await.unwrap();
    let pc = endpoint.peer_connection(Config::default()).unwrap();
    let channel = open(&pc, &echo).await;
    let sent = fill(&channel).await;
    assert!(sent < ENOUGH, "echo took {} MB, and kept them", sent * MESSAGE / 1_000_000);

    // Once it reads, all of it comes back.
    for n in 0..sent {
        let message = timeout(Duration::from_secs(10), channel.recv()).await.unwrap();
        assert_eq!(message.map(|message| message.data.len()), Some(MESSAGE), "message {n}");
    }
    endpoint.close().await;
}
