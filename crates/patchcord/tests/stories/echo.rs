//! Two endpoints connect, and messages of all kinds come back.

use std::sync::{Arc, Mutex};

use crate::support::*;
use patchcord::{
    Config, ConnectionState, DataChannelInit, DataChannelState, Event, Message, MessageKind,
    NamedGroup, SdpType, SessionDescription, dtls,
};

#[tokio::test]
async fn text_binary_and_empty_messages_return_as_they_were() {
    let (a, b) = (endpoint().await, endpoint().await);
    let (caller, callee) = (connection(&a), connection(&b));
    let channel = caller.create_data_channel("echo", DataChannelInit::default()).unwrap();
    assert_eq!(channel.ready_state(), DataChannelState::Connecting);
    tokio::spawn(echo(callee.clone()));
    signal(&caller, &callee).await;
    assert!(within(channel.opened()).await);
    let messages = [
        Message::text("hello"),
        Message::binary(vec![0, 1, 2]),
        Message::text(""),
        Message::binary(Vec::new()),
        numbered(1, 200_000),
        Message::text("ünïcödé"),
    ];
    for message in &messages {
        within(channel.send(message.clone())).await.unwrap();
    }
    for message in &messages {
        let returned = within(channel.recv()).await.unwrap();
        assert!(returned == *message, "{:?} of {} bytes", returned.kind, returned.data.len());
    }
    assert_eq!(messages[2].kind, MessageKind::Text);
    let stats = caller.stats();
    assert!(stats.path.is_some() && stats.dtls_version.is_some() && stats.dtls_cipher.is_some());
    assert_eq!(stats.channels.messages_sent, 6);
    for endpoint in [&a, &b] {
        let stats = endpoint.stats();
        assert_eq!((stats.lost, stats.strangers), (0, 0), "{stats:?}");
    }
}

#[tokio::test]
async fn what_is_sent_before_the_channel_opens_arrives() {
    let (a, b) = (endpoint().await, endpoint().await);
    let (caller, callee) = (connection(&a), connection(&b));
    let channel = caller.create_data_channel("early", DataChannelInit::default()).unwrap();
    assert!(channel.try_send(Message::text("too early")).is_err());
    let sending = tokio::spawn({
        let channel = channel.clone();
        async move { channel.send(Message::text("patient")).await }
    });
    signal(&caller, &callee).await;
    // Nobody listens on the other side until long after it has arrived.
    within(sending).await.unwrap().unwrap();
    within(channel.buffered_amount_low()).await;
    let far = incoming(&callee).await;
    assert_eq!(far.label(), "early");
    assert_eq!(within(far.recv()).await, Some(Message::text("patient")));
}

#[tokio::test]
async fn explicit_descriptions_as_a_browser_makes_them() {
    let (a, b) = (endpoint().await, endpoint().await);
    let (caller, callee) = (connection(&a), connection(&b));
    let channel = caller.create_data_channel("explicit", DataChannelInit::default()).unwrap();
    let offer = caller.create_offer(Default::default()).await.unwrap();
    assert_eq!(offer.kind, SdpType::Offer);
    caller.set_local_description(offer).await.unwrap();
    caller.gathering_complete().await;
    let offer = caller.local_description().unwrap();
    assert!(offer.sdp.contains(&format!("127.0.0.1 {}", a.local_addresses()[0].port())));
    callee.set_remote_description(SessionDescription::offer(offer.sdp)).await.unwrap();
    let answer = callee.create_answer().await.unwrap();
    callee.set_local_description(answer).await.unwrap();
    let answer = callee.local_description().unwrap().sdp;
    caller.set_remote_description(SessionDescription::answer(answer)).await.unwrap();
    assert!(within(channel.opened()).await);
}

#[tokio::test]
async fn events_wait_for_whoever_asks_late() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    until(|| pair.caller.connection_state() == ConnectionState::Connected).await;
    let mut states = Vec::new();
    while states.last() != Some(&ConnectionState::Connected) {
        if let Some(Event::ConnectionStateChange(state)) = within(pair.caller.next_event()).await {
            states.push(state);
        }
    }
    assert_eq!(states, [ConnectionState::Connecting, ConnectionState::Connected]);
}

#[tokio::test]
async fn facts_of_a_channel_reach_the_other_side() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    let init = DataChannelInit { protocol: "proto".into(), ..DataChannelInit::unreliable() };
    let near = pair.caller.create_data_channel("facts", init).unwrap();
    let far = incoming(&pair.callee).await;
    for channel in [&near, &far] {
        assert_eq!((channel.label(), channel.protocol()), ("facts", "proto"));
        assert_eq!((channel.ordered(), channel.max_retransmits()), (false, Some(0)));
        assert_eq!((channel.max_packet_life_time(), channel.negotiated()), (None, false));
    }
    assert_eq!(near.id(), far.id());
    assert!(near.id().is_some());
}

#[tokio::test]
async fn negotiated_channels_need_no_announcement() {
    let (a, b) = (endpoint().await, endpoint().await);
    let (caller, callee) = (connection(&a), connection(&b));
    let near = caller.create_data_channel("", DataChannelInit::negotiated(7)).unwrap();
    let far = callee.create_data_channel("", DataChannelInit::negotiated(7)).unwrap();
    signal(&caller, &callee).await;
    within(near.send(Message::text("there"))).await.unwrap();
    within(far.send(Message::text("back"))).await.unwrap();
    assert_eq!(within(far.recv()).await, Some(Message::text("there")));
    assert_eq!(within(near.recv()).await, Some(Message::text("back")));
}

/// Keeps what it is told.
#[derive(Debug, Default)]
struct Lines(Mutex<Vec<String>>);

impl dtls::KeyLog for Lines {
    fn log(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

#[tokio::test]
async fn one_side_may_choose_how_dtls_is_spoken_and_learn_its_secrets() {
    let (a, b) = (endpoint().await, endpoint().await);
    let lines = Arc::new(Lines::default());
    let mut config = Config::default();
    config.dtls_versions = Some(dtls::Versions::Dtls12);
    config.dtls_groups = Some(Arc::new([NamedGroup::P384]));
    config.dtls_crypto = Some(Arc::new(dtls::Ring));
    config.key_log = Some(lines.clone());
    let (caller, callee) = (a.peer_connection(config).unwrap(), connection(&b));
    let channel = caller.create_data_channel("echo", DataChannelInit::default()).unwrap();
    signal(&caller, &callee).await;
    assert!(within(channel.opened()).await);
    incoming(&callee).await;
    for stats in [caller.stats(), callee.stats()] {
        assert_eq!(stats.dtls_version, Some(dtls::ProtocolVersion::Dtls12));
        assert_eq!(stats.dtls_group, Some(NamedGroup::P384));
    }
    let lines = lines.0.lock().unwrap();
    assert!(matches!(&**lines, [line] if line.starts_with("CLIENT_RANDOM ")), "{lines:?}");
}
