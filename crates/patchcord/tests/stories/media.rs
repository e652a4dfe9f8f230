//! Sound and pictures: both ways, forwarded, muted, stopped, dropped.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use patchcord::rtp::PayloadType;
use patchcord::{
    Bytes, Codec, Config, ConnectionState, Direction, Endpoint, Event, MediaKind, PeerConnection,
    Receiver, RtpPacket, RtpSendError, Sender, Transceiver, TransceiverError, TransceiverInit,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::*;

const BOTH: [MediaKind; 2] = [MediaKind::Audio, MediaKind::Video];

/// A connected pair, and its transceivers in the order of their sections.
struct Call {
    caller: PeerConnection,
    callee: PeerConnection,
    near: Vec<Transceiver>,
    far: Vec<Transceiver>,
}

/// Both send and receive all `kinds`.
async fn call(a: &Endpoint, b: &Endpoint, kinds: &[MediaKind]) -> Call {
    call_with(connection(a), connection(b), kinds).await
}

async fn call_with(caller: PeerConnection, callee: PeerConnection, kinds: &[MediaKind]) -> Call {
    let make = |kind: &MediaKind| caller.add_transceiver(*kind, TransceiverInit::default());
    let near = kinds.iter().map(make).collect::<Result<Vec<_>, _>>().unwrap();
    caller.set_local_description(None).await.unwrap();
    callee.set_remote_description(caller.local_description().unwrap()).await.unwrap();
    let far = callee.transceivers();
    assert_eq!(far.len(), kinds.len());
    for transceiver in &far {
        transceiver.set_direction(Direction::SendRecv).unwrap();
    }
    callee.set_local_description(None).await.unwrap();
    caller.set_remote_description(callee.local_description().unwrap()).await.unwrap();
    for connection in [&caller, &callee] {
        until(|| connection.connection_state() == ConnectionState::Connected).await;
    }
    Call { caller, callee, near, far }
}

/// Packet `n` of the codec that both prefer.
fn packet(sender: &Sender, n: u64) -> RtpPacket {
    let payload: Vec<u8> = (0..200 + n as usize % 900).map(|i| (i as u64 * 7 + n) as u8).collect();
    let payload_type = sender.codecs()[0].payload_type;
    let mut packet = RtpPacket::new(payload_type, n, n as u32 * 3000, payload.into());
    packet.marker = n.is_multiple_of(2);
    packet
}

fn send(sender: &Sender, numbers: core::ops::Range<u64>) {
    for n in numbers {
        sender.send(packet(sender, n)).unwrap();
    }
}

/// Asserts that these packets come next, in order.
async fn expect(receiver: &Receiver, like: &Sender, numbers: core::ops::Range<u64>) {
    for n in numbers {
        let got = within(receiver.recv()).await.expect("the stream is over");
        let sent = packet(like, n);
        assert!(got.payload() == sent.payload(), "packet {n}");
        assert_eq!(got.marker, sent.marker, "packet {n}");
    }
}

/// Forwards in a task, and returns when that has begun.
async fn forward(receiver: Receiver, sender: Sender) -> JoinHandle<()> {
    let (begun, beginning) = oneshot::channel();
    let task = tokio::spawn(async move {
        let (mut forwarding, mut begun) = (pin!(receiver.forward(&sender)), Some(begun));
        std::future::poll_fn(|cx| {
            let polled = forwarding.as_mut().poll(cx);
            let _ = begun.take().map(|begun| begun.send(()));
            polled
        })
        .await;
    });
    beginning.await.unwrap();
    task
}

/// Waits for the next event that `wanted` picks.
async fn event<T>(connection: &PeerConnection, wanted: impl Fn(Event) -> Option<T>) -> T {
    within(async {
        loop {
            let event = connection.next_event().await.expect("the connection is over");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    })
    .await
}

fn track(event: Event) -> Option<Transceiver> {
    if let Event::Track(transceiver) = event { Some(transceiver) } else { None }
}

#[tokio::test]
async fn sound_and_pictures_both_ways() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &BOTH).await;
    for (near, far) in call.near.iter().zip(&call.far) {
        assert_eq!((near.kind(), near.mid()), (far.kind(), far.mid()));
        assert_eq!(near.current_direction(), Some(Direction::SendRecv));
        send(&near.sender(), 0..50);
        send(&far.sender(), 1000..1050);
    }
    for (near, far) in call.near.iter().zip(&call.far) {
        expect(&far.receiver(), &near.sender(), 0..50).await;
        expect(&near.receiver(), &far.sender(), 1000..1050).await;
        assert_eq!(far.receiver().try_recv().map(|packet| packet.sequence_number), None);
        let (sent, received) = (near.sender().stats(), far.receiver().stats());
        assert_eq!((sent.packets_sent, received.packets_received), (50, 50));
        assert_eq!((sent.bytes_sent, received.packets_lost), (received.bytes_received, 0));
    }
    let tracks = [event(&call.callee, track).await, event(&call.callee, track).await];
    assert_eq!(tracks.map(|transceiver| transceiver.kind()), BOTH);
}

#[tokio::test]
async fn steps_of_numbers_and_clocks_arrive_and_ssrcs_are_the_hops() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &[MediaKind::Video]).await;
    let (sender, receiver) = (call.near[0].sender(), call.far[0].receiver());
    for n in [7, 8, 20] {
        sender.send(packet(&sender, n)).unwrap();
    }
    let mut got = Vec::new();
    for _ in 0..3 {
        got.push(within(receiver.recv()).await.unwrap());
    }
    let steps: Vec<_> = got.iter().map(|p| p.sequence_number - got[0].sequence_number).collect();
    let ticks: Vec<_> = got.iter().map(|p| p.timestamp.wrapping_sub(got[0].timestamp)).collect();
    assert_eq!((steps, ticks), (vec![0, 1, 13], vec![0, 3000, 39_000]));
    assert!(got.iter().all(|p| p.ssrc == got[0].ssrc && p.ssrc.0 != 0));
}

#[tokio::test]
async fn an_echo_is_one_line() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &BOTH).await;
    for far in &call.far {
        forward(far.receiver(), far.sender()).await;
    }
    for near in &call.near {
        send(&near.sender(), 0..50);
    }
    for near in &call.near {
        expect(&near.receiver(), &near.sender(), 0..50).await;
    }
}

/// Every number is another one here.
fn renumbered() -> Config {
    let codecs = |kind, number, name: &str, clock_rate, channels| Codec {
        kind,
        payload_type: PayloadType::from_low_bits(number),
        name: name.into(),
        clock_rate,
        channels,
        parameters: String::new(),
        feedback: Default::default(),
        rtx: None,
    };
    let mut config = Config::default();
    config.codecs = Some(Arc::new([
        codecs(MediaKind::Audio, 40, "opus", 48_000, 2),
        codecs(MediaKind::Video, 41, "VP8", 90_000, 1),
    ]));
    config
}

#[tokio::test]
async fn a_publisher_reaches_subscribers_of_other_numbers() {
    let (server, outside) = (endpoint().await, endpoint().await);
    let publisher = call(&outside, &server, &BOTH).await;
    let mut subscribers = vec![
        call(&outside, &server, &BOTH).await,
        call_with(
            outside.peer_connection(renumbered()).unwrap(),
            server.peer_connection(Config::default()).unwrap(),
            &BOTH,
        )
        .await,
        // Their order is another one.
        call(&outside, &server, &[MediaKind::Video, MediaKind::Audio]).await,
    ];
    for subscriber in &mut subscribers {
        subscriber.near.sort_by_key(Transceiver::kind);
        subscriber.far.sort_by_key(Transceiver::kind);
        for (from, to) in publisher.far.iter().zip(&subscriber.far) {
            forward(from.receiver(), to.sender()).await;
        }
    }
    for near in &publisher.near {
        send(&near.sender(), 0..100);
    }
    for subscriber in &subscribers {
        for (near, sent) in subscriber.near.iter().zip(&publisher.near) {
            let receiver = near.receiver();
            let first = within(receiver.recv()).await.unwrap();
            assert_eq!(first.payload_type, receiver.codecs()[0].payload_type);
            expect(&receiver, &sent.sender(), 1..100).await;
        }
    }
    assert_eq!(subscribers[1].near[1].codecs()[0].payload_type.get(), 41);
}

#[tokio::test]
async fn what_the_subscriber_cannot_decode_is_not_sent() {
    let (server, outside) = (endpoint().await, endpoint().await);
    let publisher = call(&outside, &server, &[MediaKind::Video]).await;
    let subscriber = call_with(
        outside.peer_connection(renumbered()).unwrap(),
        server.peer_connection(Config::default()).unwrap(),
        &[MediaKind::Video],
    )
    .await;
    forward(publisher.far[0].receiver(), subscriber.far[0].sender()).await;
    let sender = publisher.near[0].sender();
    let other = sender.codecs().iter().find(|codec| codec.name == "VP9").unwrap().payload_type;
    sender.send(RtpPacket::new(other, 0, 0, Bytes::from_static(b"VP9"))).unwrap();
    send(&sender, 1..3);
    expect(&subscriber.near[0].receiver(), &sender, 1..3).await;
}

#[tokio::test]
async fn requests_for_pictures_go_back_to_the_publisher() {
    let (server, outside) = (endpoint().await, endpoint().await);
    let publisher = call(&outside, &server, &[MediaKind::Video]).await;
    let subscriber = call(&outside, &server, &[MediaKind::Video]).await;
    let camera = publisher.near[0].sender();
    // A picture is asked for in a stream that is known.
    send(&camera, 0..1);
    until(|| publisher.far[0].receiver().stats().packets_received == 1).await;
    assert!(timeout(Duration::from_millis(50), camera.keyframe_requested()).await.is_err());

    forward(publisher.far[0].receiver(), subscriber.far[0].sender()).await;
    assert!(within(camera.keyframe_requested()).await, "a subscriber is new");
    let screen = subscriber.near[0].receiver();
    assert_eq!(within(screen.recv()).await.map(|p| p.payload().len()), Some(200));
    screen.request_keyframe().unwrap();
    assert!(within(camera.keyframe_requested()).await, "it asks");
    assert!(within(subscriber.far[0].sender().keyframe_requested()).await, "on its way");
}

#[tokio::test]
async fn a_forwarding_that_is_dropped_gives_the_packets_back() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &[MediaKind::Audio]).await;
    let receiver = call.far[0].receiver();
    let echo = forward(receiver.clone(), call.far[0].sender()).await;
    send(&call.near[0].sender(), 0..10);
    expect(&call.near[0].receiver(), &call.near[0].sender(), 0..10).await;
    echo.abort();
    assert!(echo.await.unwrap_err().is_cancelled());
    send(&call.near[0].sender(), 10..20);
    expect(&receiver, &call.near[0].sender(), 10..20).await;
    assert_eq!(call.near[0].receiver().try_recv().map(|p| p.sequence_number), None);
}

#[tokio::test]
async fn mute_and_unmute_by_direction() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &[MediaKind::Audio]).await;
    event(&call.callee, track).await;
    let (sender, receiver) = (call.near[0].sender(), call.far[0].receiver());
    send(&sender, 0..5);
    expect(&receiver, &sender, 0..5).await;

    call.near[0].set_direction(Direction::RecvOnly).unwrap();
    signal(&call.caller, &call.callee).await;
    let ended = |event| if let Event::TrackEnded(it) = event { Some(it.id()) } else { None };
    assert_eq!(event(&call.callee, ended).await, call.far[0].id());
    assert_eq!(call.far[0].current_direction(), Some(Direction::SendOnly));
    assert_eq!(sender.send(packet(&sender, 5)), Err(RtpSendError::Direction));
    assert!(timeout(Duration::from_millis(50), receiver.recv()).await.is_err(), "it may come back");
    send(&call.far[0].sender(), 0..5);
    expect(&call.near[0].receiver(), &sender, 0..5).await;

    call.near[0].set_direction(Direction::SendRecv).unwrap();
    signal(&call.caller, &call.callee).await;
    assert_eq!(event(&call.callee, track).await.id(), call.far[0].id());
    send(&sender, 6..10);
    expect(&receiver, &sender, 6..10).await;
}

#[tokio::test]
async fn stop_ends_it_for_both() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &BOTH).await;
    let waiting = tokio::spawn({
        let receiver = call.near[1].receiver();
        async move { receiver.recv().await }
    });
    let echo = forward(call.far[1].receiver(), call.far[1].sender()).await;
    call.near[1].stop().unwrap();
    assert!(within(waiting).await.unwrap().is_none());
    assert!(!within(call.near[1].sender().keyframe_requested()).await);
    assert!(call.near[1].is_stopped() && !call.far[1].is_stopped());
    assert!(call.near[1].sender().send(packet(&call.far[1].sender(), 0)).is_err());

    signal(&call.caller, &call.callee).await;
    within(echo).await.unwrap();
    assert!(within(call.far[1].receiver().recv()).await.is_none());
    assert!(call.far[1].is_stopped());
    let refused = call.far[1].set_direction(Direction::SendRecv).unwrap_err();
    assert!(matches!(refused, TransceiverError::Stopped | TransceiverError::Unknown));
    assert_eq!(call.caller.transceivers().len(), 1);
    // The other one goes on.
    send(&call.near[0].sender(), 0..5);
    expect(&call.far[0].receiver(), &call.near[0].sender(), 0..5).await;
}

#[tokio::test]
async fn tracks_come_and_go_in_the_middle() {
    let (a, b) = (endpoint().await, endpoint().await);
    let pair = pair(&a, &b).await;
    let sender = pair.caller.add_track(MediaKind::Video, &["camera"]).unwrap();
    signal(&pair.caller, &pair.callee).await;
    let arrived = event(&pair.callee, track).await;
    assert_eq!(arrived.receiver().streams(), ["camera"]);
    send(&sender, 0..5);
    expect(&arrived.receiver(), &sender, 0..5).await;
    pair.caller.remove_track(&sender).unwrap();
    let foreign = pair.callee.add_track(MediaKind::Video, &[]).unwrap();
    assert_eq!(pair.caller.remove_track(&foreign), Err(TransceiverError::Unknown));
    signal(&pair.caller, &pair.callee).await;
    assert_eq!(sender.send(packet(&sender, 5)), Err(RtpSendError::Direction));
}

#[tokio::test]
async fn the_last_handle_of_anything_keeps_the_connection() {
    let (a, b) = (endpoint().await, endpoint().await);
    let Call { caller, callee, near, far } = call(&a, &b, &[MediaKind::Audio]).await;
    let (sender, receiver) = (near[0].sender(), far[0].receiver());
    drop((caller, callee, near, far));
    send(&sender, 0..5);
    expect(&receiver, &sender, 0..5).await;
    assert_eq!((a.peer_count(), b.peer_count()), (1, 1));
    drop(sender);
    until(|| a.peer_count() == 0).await;
    assert!(within(receiver.recv()).await.is_none());
    drop(receiver);
    until(|| b.peer_count() == 0).await;
}

#[tokio::test]
async fn a_receiver_is_a_stream() {
    let (a, b) = (endpoint().await, endpoint().await);
    let call = call(&a, &b, &[MediaKind::Audio]).await;
    let sender = call.near[0].sender();
    let mut receiver = call.far[0].receiver();
    let collected = tokio::spawn(async move {
        let mut packets = Vec::new();
        while let Some(packet) =
            std::future::poll_fn(|cx| Pin::new(&mut receiver).poll_next(cx)).await
        {
            packets.push(packet.payload().len());
        }
        packets
    });
    for n in 0..10 {
        sender.send(packet(&sender, n)).unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    until(|| call.far[0].receiver().stats().packets_received == 10).await;
    call.caller.close().await;
    assert_eq!(within(collected).await.unwrap(), (200..210).collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_is_sent_before_there_is_a_connection() {
    let caller = connection(&endpoint().await);
    let init = TransceiverInit { direction: Direction::SendOnly, ..Default::default() };
    let transceiver = caller.add_transceiver(MediaKind::Video, init).unwrap();
    assert_eq!((transceiver.direction(), transceiver.mid()), (Direction::SendOnly, None));
    assert!(transceiver.codecs().is_empty());
    let early = RtpPacket::new(PayloadType::from_low_bits(96), 0, 0, Bytes::from_static(b"early"));
    assert_eq!(transceiver.sender().send(early), Err(RtpSendError::NotConnected));
    caller.close().await;
    assert!(transceiver.is_stopped());
    let refused = caller.add_transceiver(MediaKind::Audio, TransceiverInit::default());
    assert!(matches!(refused, Err(TransceiverError::Stopped)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_subscribers_get_everything_in_order() {
    let (server, outside) = (endpoint().await, endpoint().await);
    let publisher = call(&outside, &server, &[MediaKind::Video]).await;
    let mut subscribers = Vec::new();
    for _ in 0..20 {
        let subscriber = call(&outside, &server, &[MediaKind::Video]).await;
        forward(publisher.far[0].receiver(), subscriber.far[0].sender()).await;
        subscribers.push(subscriber);
    }
    let camera = publisher.near[0].sender();
    for first in (0..640).step_by(64) {
        // No more at a time than sockets and receivers keep.
        send(&camera, first..first + 64);
        for subscriber in &subscribers {
            expect(&subscriber.near[0].receiver(), &camera, first..first + 64).await;
        }
    }
}
