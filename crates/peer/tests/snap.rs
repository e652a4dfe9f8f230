//! SNAP: descriptions carry the INITs of the association (draft-hancke-tsvwg-snap).

#![cfg(test)]

mod call;
mod signalling;

use core::time::Duration;

use call::{Call, certificate, peer, read_all};
use patchcord_peer::{
    Config, DataChannelInit, MediaKind, Message, NegotiationError, OfferOptions, PeerConnection,
    SessionDescription, TransceiverInit,
};
use sctp::TokenError;
use signalling::{
    NOW, answer, answered, has, has_not, negotiate, offer, seen, take_answer, take_offer,
};
use testkit::LinkConfig;

const LINE: &str = "a=sctp-init:";
/// What Chromium 156 offers.
const CHROMIUM: &str = "a=sctp-init:AQAAHhRCr+AAUAAA/////+d51mnAAAAEgAgABoLA";
const DELAY: Duration = Duration::from_millis(50);

fn config(snap: bool) -> Config {
    let mut config = Config::new(certificate());
    config.snap = snap;
    config
}

fn with_channel(n: u8, snap: bool) -> PeerConnection {
    let mut peer = peer(n, u64::from(n), config(snap));
    peer.create_data_channel(NOW, "d", &DataChannelInit::default()).unwrap();
    peer
}

/// The INIT of a description.
fn init_of(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with(LINE))
}

/// A description with another INIT, or with none.
fn with_init(text: &str, line: Option<&str>) -> String {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(LINE)).collect();
    lines.extend(line);
    lines.join("\r\n") + "\r\n"
}

fn inits_sent(peer: &PeerConnection) -> Option<u64> {
    peer.stats().association.map(|counters| counters.inits_sent)
}

#[test]
fn both_descriptions_carry_an_init_and_later_ones_the_same() {
    let (mut a, mut b) = (with_channel(1, true), with_channel(2, true));
    let (first_offer, first_answer) = negotiate(&mut a, &mut b);
    let (from_a, from_b) = (init_of(&first_offer).unwrap(), init_of(&first_answer).unwrap());
    // An INIT of 40 bytes: Chromium's 30, their padding, and Zero Checksum Acceptable.
    let len = LINE.len() + 4 * 14;
    assert_eq!((from_a.len(), from_b.len()), (len, len));
    assert_ne!(from_a, from_b);
    let (again, answer) = negotiate(&mut a, &mut b);
    assert_eq!((init_of(&again), init_of(&answer)), (Some(from_a), Some(from_b)));
    let (reverse, answer) = negotiate(&mut b, &mut a);
    assert_eq!((init_of(&reverse), init_of(&answer)), (Some(from_b), Some(from_a)));
}

#[test]
fn no_init_is_sent_over_the_wire() {
    for (snap, expected) in [(true, 0), (false, 1)] {
        let mut call = Call::with_config(LinkConfig::delayed(DELAY), 1, config(snap));
        call.connect("d", &DataChannelInit::default());
        assert_eq!([&call.pair.a, &call.pair.b].map(inits_sent), [Some(expected); 2], "{snap}");
    }
}

#[test]
fn who_does_not_know_it_is_met_the_ordinary_way() {
    for (a_knows, b_knows) in [(true, false), (false, true)] {
        let mut call = Call::new(LinkConfig::delayed(DELAY), 1);
        call.pair.a = peer(1, 3, config(a_knows));
        call.pair.b = peer(2, 4, config(b_knows));
        call.connect("d", &DataChannelInit::default());
        assert_eq!([&call.pair.a, &call.pair.b].map(inits_sent), [Some(1); 2]);
        // The association exists: it is too late for another way.
        let now = call.pair.now;
        for peer in [&mut call.pair.a, &mut call.pair.b] {
            let offer = peer.create_offer(now, OfferOptions::default()).unwrap();
            has_not(&offer.sdp, &[LINE]);
        }
    }
}

#[test]
fn it_is_answered_only_if_it_is_offered() {
    let (mut a, mut b) = (with_channel(1, false), with_channel(2, true));
    let (offer, answer) = negotiate(&mut a, &mut b);
    has_not(&offer, &[LINE]);
    has_not(&answer, &[LINE]);
}

#[test]
fn what_comes_after_the_association_is_passed_over_and_not_answered() {
    let (mut a, mut b) = (with_channel(1, false), with_channel(2, true));
    negotiate(&mut a, &mut b);
    let late = with_init(&offer(&mut a), Some(CHROMIUM));
    has_not(&answered(&mut b, &late), &[LINE]);
}

#[test]
fn the_form_before_rfc_8841_carries_none() {
    let mut offerer = with_channel(1, true);
    let text = offer(&mut offerer).replace("UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000");
    let text = text.replace("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024");
    has(&text, &[LINE]);
    has_not(&answered(&mut with_channel(2, true), &text), &[LINE]);
}

#[test]
fn an_offer_that_is_taken_back_leaves_the_init_as_it_was() {
    let mut a = with_channel(1, true);
    let first = offer(&mut a);
    a.set_local_description(NOW, Some(SessionDescription::rollback())).unwrap();
    assert_eq!(init_of(&offer(&mut a)), init_of(&first));
    // And a rolled back offer of the other side decides nothing.
    a.set_local_description(NOW, Some(SessionDescription::rollback())).unwrap();
    let mut b = with_channel(2, true);
    let theirs = offer(&mut b);
    take_offer(&mut a, &with_init(&theirs, None)).unwrap();
    a.set_remote_description(NOW, SessionDescription::rollback()).unwrap();
    let answer = answered(&mut a, &theirs);
    assert_eq!(init_of(&answer), init_of(&first));
}

#[test]
fn what_is_no_init_is_refused_and_changes_nothing() {
    let (mut a, mut b) = (with_channel(1, true), with_channel(2, true));
    let good = offer(&mut a);
    for (line, error) in [
        (
            "a=sctp-init:AAAA",
            TokenError::Malformed(sctp::ParseError::Truncated { needed: 2, had: 1 }),
        ),
        ("a=sctp-init:BgAABA==", TokenError::NotInit { len: 4 }),
    ] {
        let before = seen(&b);
        let refused = take_offer(&mut b, &with_init(&good, Some(line)));
        assert_eq!(refused, Err(NegotiationError::SctpInit { index: 0, error }), "{line}");
        assert_eq!(seen(&b), before);
    }
    let refused = take_offer(&mut b, &with_init(&good, Some("a=sctp-init:?")));
    assert!(matches!(refused, Err(NegotiationError::Syntax(_))), "{refused:?}");
    // Who does not take part does not look at it.
    answered(&mut with_channel(3, false), &with_init(&good, Some("a=sctp-init:AAAA")));
    let answer = with_init(&answered(&mut b, &good), Some("a=sctp-init:AAAA"));
    let before = seen(&a);
    assert!(matches!(take_answer(&mut a, &answer), Err(NegotiationError::SctpInit { .. })));
    assert_eq!(seen(&a), before);
}

#[test]
fn another_init_would_be_another_association() {
    let (mut a, mut b) = (with_channel(1, true), with_channel(2, true));
    negotiate(&mut a, &mut b);
    let other = with_init(&offer(&mut a), Some(CHROMIUM));
    let refused = take_offer(&mut b, &other);
    assert!(matches!(refused, Err(NegotiationError::Unacceptable { index: 0, .. })), "{refused:?}");
    // One that lacks it is that of somebody who forgot: nothing is the matter.
    let lacking = with_init(&a.local_description().unwrap().sdp, None);
    take_offer(&mut b, &lacking).unwrap();
    has_not(&answer(&mut b), &[LINE]);
}

#[test]
fn a_restart_of_ice_keeps_the_association() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    let pair = &mut call.pair;
    let offer = pair.a.create_offer(pair.now, OfferOptions { ice_restart: true }).unwrap();
    pair.a.set_local_description(pair.now, Some(offer.clone())).unwrap();
    let answer = answered_at(pair, &offer);
    pair.a.set_remote_description(pair.now, answer).unwrap();
    pair.run_for(Duration::from_secs(2));
    pair.a.channel_send(pair.now, here, Message::text("still here")).unwrap();
    pair.run_for(Duration::from_secs(1));
    assert_eq!(read_all(&mut pair.b, pair.now, there), [Message::text("still here")]);
    assert_eq!([&pair.a, &pair.b].map(inits_sent), [Some(0); 2]);
}

fn answered_at(
    pair: &mut testkit::Pair<PeerConnection, PeerConnection>,
    offer: &SessionDescription,
) -> SessionDescription {
    pair.b.set_remote_description(pair.now, offer.clone()).unwrap();
    pair.b.set_local_description(pair.now, None).unwrap();
    pair.b.local_description().unwrap()
}

/// A call without channels gets one: DTLS is up, and the answerer speaks before its answer arrives.
#[test]
fn what_comes_before_the_answer_is_not_lost() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 1);
    let sound = TransceiverInit::default();
    call.pair.a.add_transceiver(NOW, MediaKind::Audio, &sound).unwrap();
    call.signal();
    call.pair.run_for(Duration::from_secs(2));
    call.forget_events();
    let now = call.pair.now;
    call.pair.a.create_data_channel(now, "a", &DataChannelInit::default()).unwrap();
    call.pair.b.create_data_channel(now, "b", &DataChannelInit::default()).unwrap();
    // Signalling is slower than the path.
    let begin = call.pair.now;
    call.delay = DELAY * 4;
    call.signal();
    let is_open = |events: &[patchcord_peer::Event]| {
        events.iter().any(|e| matches!(e, patchcord_peer::Event::DataChannel(_)))
    };
    let done = |p: &mut testkit::Pair<PeerConnection, PeerConnection>| {
        is_open(&p.a_events) && is_open(&p.b_events)
    };
    assert!(call.pair.run_until(done, Duration::from_secs(5)));
    // Offer and answer, and one way for the offerer's OPEN.
    assert_eq!(call.pair.now - begin, DELAY * 9);
}

/// DTLS 1.3, whose client is the answerer: its data leaves right behind its Finished.
#[test]
fn data_that_comes_before_a_lost_finished_waits_for_it() {
    let mut config = config(true);
    config.sped = false;
    let mut call = Call::with_config(LinkConfig::delayed(DELAY), 1, config);
    let init = DataChannelInit { negotiated: true, id: Some(0), ..Default::default() };
    let there = call.pair.a.create_data_channel(NOW, "d", &init).unwrap();
    let here = call.pair.b.create_data_channel(NOW, "d", &init).unwrap();
    // Records of epoch 2 are the handshake's, those of epoch 3 data.
    let mut has_data = false;
    call.pair.b_to_a.drop_if(move |datagram| {
        has_data |= datagram.starts_with(&[0x2F]);
        !has_data && datagram.starts_with(&[0x2E])
    });
    call.signal();
    let is_open = |p: &mut testkit::Pair<PeerConnection, PeerConnection>| {
        p.b_events.iter().any(|event| matches!(event, patchcord_peer::Event::ChannelOpen(_)))
    };
    assert!(call.pair.run_until(is_open, Duration::from_secs(5)));
    let sent = call.pair.now;
    call.pair.b.channel_send(sent, here, Message::text("first")).unwrap();
    // B ─Finished (lost), DATA─► A; after two round trips, a quarter more at most:
    // B ─Finished─► A. Without what was kept, SCTP would repeat it after a second.
    call.pair.run_for(DELAY * 4 * 5 / 4 + DELAY);
    assert_eq!(read_all(&mut call.pair.a, call.pair.now, there), [Message::text("first")]);
}
