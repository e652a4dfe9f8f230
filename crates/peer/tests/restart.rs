//! ICE restarts on a live connection (RFC 8445 §9, RFC 9429 §5.2.3.1): new credentials both ways,
//! and everything that was there goes on.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, address, certificate, peer, read_all};
use patchcord_peer::{
    ChannelId, Config, ConnectionState, DataChannelInit, Event, IceConnectionState, Message,
    OfferOptions, PeerConnection, SessionDescription,
};
use sansio::Instant;
use testkit::LinkConfig;

const SECOND: Duration = Duration::from_secs(1);
const DELAY: Duration = Duration::from_millis(20);

/// Both credentials of a description.
fn credentials(description: &SessionDescription) -> (String, String) {
    let line = |name: &str| {
        let mut lines = description.sdp.lines();
        lines.find_map(|line| line.strip_prefix(name)).expect("a credential").to_owned()
    };
    (line("a=ice-ufrag:"), line("a=ice-pwd:"))
}

fn local(peer: &PeerConnection) -> (String, String) {
    credentials(&peer.local_description().unwrap())
}

/// A call, its channel at both ends, and numbered messages that are sent all the time.
struct Stream {
    call: Call,
    ends: (ChannelId, ChannelId),
    sent: u32,
    at_a: Vec<Message>,
    at_b: Vec<Message>,
}

impl Stream {
    fn new(link: LinkConfig, seed: u64) -> Self {
        let mut call = Call::new(link, seed);
        let ends = call.connect("d", &DataChannelInit::default());
        call.pair.run_for(SECOND);
        call.forget_events();
        Self { call, ends, sent: 0, at_a: Vec::new(), at_b: Vec::new() }
    }

    /// Sends a message each way every 5 ms.
    fn run_for(&mut self, duration: Duration) {
        let end = self.call.pair.now + duration;
        while self.call.pair.now < end {
            let message = Message::text(self.sent.to_string());
            self.sent += 1;
            let pair = &mut self.call.pair;
            pair.a.channel_send(pair.now, self.ends.0, message.clone()).unwrap();
            pair.b.channel_send(pair.now, self.ends.1, message).unwrap();
            pair.run_for(Duration::from_millis(5));
            self.at_a.extend(read_all(&mut pair.a, pair.now, self.ends.0));
            self.at_b.extend(read_all(&mut pair.b, pair.now, self.ends.1));
        }
    }

    /// Offer with a restart and its answer, from `a` or from `b`, while data flows.
    fn restart(&mut self, from_a: bool) {
        let (before_a, before_b) = (local(&self.call.pair.a), local(&self.call.pair.b));
        let now = self.call.pair.now;
        let (from, _) = self.sides(from_a);
        let offer = from.create_offer(now, OfferOptions { ice_restart: true }).unwrap();
        from.set_local_description(now, Some(offer.clone())).unwrap();
        self.run_for(DELAY);
        let now = self.call.pair.now;
        let (_, to) = self.sides(from_a);
        to.set_remote_description(now, offer.clone()).unwrap();
        to.set_local_description(now, None).unwrap();
        let answer = to.local_description().unwrap();
        self.run_for(DELAY);
        let now = self.call.pair.now;
        let (from, _) = self.sides(from_a);
        from.set_remote_description(now, answer.clone()).unwrap();
        let (of_a, of_b) = if from_a { (offer, answer) } else { (answer, offer) };
        for (description, before, peer) in
            [(of_a, before_a, &self.call.pair.a), (of_b, before_b, &self.call.pair.b)]
        {
            let new = credentials(&description);
            assert!(new.0 != before.0 && new.1 != before.1, "both credentials are new");
            assert_eq!(local(peer), new);
            assert!(peer.local_ufrags().any(|ufrag| ufrag == new.0));
        }
    }

    fn sides(&mut self, from_a: bool) -> (&mut PeerConnection, &mut PeerConnection) {
        let pair = &mut self.call.pair;
        if from_a { (&mut pair.a, &mut pair.b) } else { (&mut pair.b, &mut pair.a) }
    }

    /// All messages arrived in their order, and nothing else happened.
    fn check(&mut self) {
        self.call.pair.run_for(10 * SECOND);
        self.run_for(DELAY);
        self.call.pair.run_for(10 * SECOND);
        let pair = &mut self.call.pair;
        self.at_a.extend(read_all(&mut pair.a, pair.now, self.ends.0));
        self.at_b.extend(read_all(&mut pair.b, pair.now, self.ends.1));
        let sent: Vec<Message> = (0..self.sent).map(|n| Message::text(n.to_string())).collect();
        assert!(self.at_a == sent, "{} of {}", self.at_a.len(), sent.len());
        assert!(self.at_b == sent, "{} of {}", self.at_b.len(), sent.len());
        for (peer, events) in [(&pair.a, &pair.a_events), (&pair.b, &pair.b_events)] {
            assert_eq!(peer.connection_state(), ConnectionState::Connected);
            let ends = |event: &&Event| {
                matches!(
                    event,
                    Event::ChannelClosed(_)
                        | Event::ConnectionStateChange(
                            ConnectionState::Disconnected
                                | ConnectionState::Failed
                                | ConnectionState::Closed
                        )
                )
            };
            assert_eq!(events.iter().find(ends), None);
        }
    }
}

fn lossy(loss: f64) -> LinkConfig {
    LinkConfig { loss, ..LinkConfig::delayed(DELAY) }
}

#[test]
fn data_flows_through_a_restart_by_either_side() {
    for from_a in [true, false] {
        let mut stream = Stream::new(lossy(0.0), 1);
        stream.run_for(SECOND);
        stream.restart(from_a);
        stream.run_for(2 * SECOND);
        assert_eq!(stream.call.pair.a.ice_connection_state(), IceConnectionState::Completed);
        stream.check();
    }
}

#[test]
fn a_message_never_waits_for_a_restart() {
    let mut stream = Stream::new(lossy(0.0), 1);
    stream.run_for(SECOND);
    stream.restart(true);
    // From each message to its arrival no longer than the wire takes, and a step of 5 ms.
    for _ in 0..200 {
        let before = stream.at_b.len();
        stream.run_for(Duration::from_millis(5));
        assert!(stream.at_b.len() > before, "at {:?}", stream.call.pair.now);
    }
    stream.check();
}

#[test]
fn restarts_survive_loss() {
    for seed in 0..30 {
        let loss = [0.02, 0.1, 0.2][seed as usize % 3];
        let mut stream = Stream::new(lossy(loss), seed);
        stream.restart(seed % 2 == 0);
        stream.run_for(3 * SECOND);
        stream.restart(seed % 4 < 2);
        stream.run_for(3 * SECOND);
        stream.check();
    }
}

#[test]
fn a_restart_that_is_taken_back_changes_nothing() {
    let mut stream = Stream::new(lossy(0.0), 1);
    let pair = &mut stream.call.pair;
    let (before_a, before_b) = (local(&pair.a), local(&pair.b));
    let offer = pair.a.create_offer(pair.now, OfferOptions { ice_restart: true }).unwrap();
    assert_ne!(credentials(&offer), before_a);
    pair.a.set_local_description(pair.now, Some(offer.clone())).unwrap();
    assert_eq!(local(&pair.a), credentials(&offer));
    pair.b.set_remote_description(pair.now, offer).unwrap();
    let answer = pair.b.create_answer(pair.now).unwrap();
    assert_ne!(credentials(&answer), before_b);
    for peer in [&mut pair.a, &mut pair.b] {
        peer.set_local_description(pair.now, Some(SessionDescription::rollback())).unwrap();
    }
    assert_eq!((local(&pair.a), local(&pair.b)), (before_a.clone(), before_b.clone()));
    stream.run_for(SECOND);
    // The next negotiation is none.
    stream.call.signal();
    assert_eq!((local(&stream.call.pair.a), local(&stream.call.pair.b)), (before_a, before_b));
    stream.run_for(SECOND);
    stream.check();
}

#[test]
fn a_restart_repairs_a_path_that_broke() {
    let mut call = Call::new(lossy(0.0), 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.pair.a_to_b.config.loss = 1.0;
    call.pair.b_to_a.config.loss = 1.0;
    call.pair.run_for(60 * SECOND);
    assert_eq!(call.pair.a.connection_state(), ConnectionState::Failed);
    call.pair.a_to_b.config.loss = 0.0;
    call.pair.b_to_a.config.loss = 0.0;
    let pair = &mut call.pair;
    let offer = pair.a.create_offer(pair.now, OfferOptions { ice_restart: true }).unwrap();
    pair.a.set_local_description(pair.now, Some(offer.clone())).unwrap();
    pair.b.set_remote_description(pair.now, offer).unwrap();
    pair.b.set_local_description(pair.now, None).unwrap();
    pair.a.set_remote_description(pair.now, pair.b.local_description().unwrap()).unwrap();
    let connected = pair.run_until(
        |p| {
            p.a.connection_state() == ConnectionState::Connected
                && p.b.connection_state() == ConnectionState::Connected
        },
        10 * SECOND,
    );
    assert!(connected, "{} {}", pair.a.connection_state(), pair.b.connection_state());
    pair.a.channel_send(pair.now, here, Message::text("again")).unwrap();
    pair.run_for(70 * SECOND);
    assert_eq!(read_all(&mut pair.b, pair.now, there), [Message::text("again")]);
}

#[test]
fn a_restart_before_anything_was_agreed_is_none() {
    let mut a = peer(1, 1, Config::new(certificate()));
    let now = Instant::ZERO;
    a.create_data_channel(now, "d", &DataChannelInit::default()).unwrap();
    let first = a.create_offer(now, OfferOptions::default()).unwrap();
    let again = a.create_offer(now, OfferOptions { ice_restart: true }).unwrap();
    assert_eq!(credentials(&first), credentials(&again));
    assert!(first.sdp.contains(&address(1).ip().to_string()));
}
