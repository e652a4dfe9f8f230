//! Bad wires, strangers, and peers that vanish.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, address, certificate, pattern, read_all};
use dtls::HashFunction;
use patchcord_peer::{
    CloseReason, ConnectionState, DataChannelInit, Event, IceConnectionState, Message,
};
use sansio::{Datagram, Instant, Machine, Path};
use testkit::{LinkConfig, Schedule, SeededRng};

const SECOND: Duration = Duration::from_secs(1);

/// Sends numbered messages both ways and checks that all arrive, in order.
///
/// Damage begins when the connection stands. Nothing in DTLS authenticates a ClientHello: one with
/// a flipped bit, which UDP's checksum would have stopped, gives the two sides different keys, and
/// the handshake ends in a timeout.
fn exchange(link: LinkConfig, schedule: Schedule, seed: u64) {
    let mut call = Call::new(LinkConfig { corrupt: 0.0, ..link }, seed);
    call.pair.schedule = schedule;
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.pair.a_to_b.config.corrupt = link.corrupt;
    call.pair.b_to_a.config.corrupt = link.corrupt;
    let messages: Vec<Message> =
        (0..12).map(|n| Message::binary(pattern(n * n * 150, n as u8))).collect();
    for message in &messages {
        call.pair.a.channel_send(call.pair.now, here, message.clone()).unwrap();
        call.pair.b.channel_send(call.pair.now, there, message.clone()).unwrap();
    }
    let (mut at_a, mut at_b) = (Vec::new(), Vec::new());
    let limit = call.pair.now + 120 * SECOND;
    while (at_a.len() < messages.len() || at_b.len() < messages.len()) && call.pair.now < limit {
        call.pair.step();
        at_a.extend(read_all(&mut call.pair.a, call.pair.now, here));
        at_b.extend(read_all(&mut call.pair.b, call.pair.now, there));
    }
    assert!(at_a == messages && at_b == messages, "seed {seed}: {} {}", at_a.len(), at_b.len());
}

fn lossy(loss: f64) -> LinkConfig {
    LinkConfig { loss, ..LinkConfig::delayed(Duration::from_millis(20)) }
}

#[test]
fn every_byte_arrives_with_one_to_twenty_percent_loss() {
    for seed in 0..100 {
        let loss = [0.01, 0.02, 0.05, 0.1, 0.2][seed as usize % 5];
        exchange(lossy(loss), Schedule::default(), seed);
    }
}

#[test]
fn every_byte_arrives_reordered_duplicated_and_damaged() {
    for seed in 100..200 {
        let link = LinkConfig {
            jitter: Duration::from_millis(10),
            reorder: 0.1,
            duplicate: 0.1,
            corrupt: 0.02,
            ..lossy(0.03)
        };
        exchange(link, Schedule::default(), seed);
    }
}

#[test]
fn every_byte_arrives_with_a_sloppy_shell() {
    for seed in 200..260 {
        exchange(lossy(0.05), Schedule::sloppy(), seed);
    }
}

#[test]
fn strangers_change_nothing() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.forget_events();
    let stranger = Path::udp(address(2), address(66));
    let known = Path::udp(address(2), address(1));
    let mut rng = SeededRng::new(7);
    for n in 0..5000_usize {
        let mut bytes = vec![0; 1 + n % 200];
        sansio::Rng::fill(&mut rng, &mut bytes);
        // Bytes that pass for STUN, DTLS, TURN and SRTP.
        bytes[0] = [0, 1, 20, 22, 23, 64, 128, 200][n % 8];
        let path = if n % 2 == 0 { stranger } else { known };
        let now = call.pair.now;
        let used = call.pair.b.handle_input(now, Datagram::new(path, now, &mut bytes));
        assert!(used.is_err(), "{bytes:?}");
    }
    assert_eq!(call.pair.b.stats().datagrams.discarded, 5000);
    call.pair.run_for(SECOND);
    assert!(call.pair.b_events.is_empty(), "{:?}", call.pair.b_events);
    call.pair.a.channel_send(call.pair.now, here, Message::text("still")).unwrap();
    call.pair.run_for(SECOND);
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), [Message::text("still")]);
}

#[test]
fn a_peer_that_vanishes_is_disconnected_then_failed() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
    call.connect("d", &DataChannelInit::default());
    call.pair.run_for(10 * SECOND);
    call.forget_events();
    let vanished = call.pair.now;
    call.pair.b_to_a.config.loss = 1.0;
    let state = |state| move |p: &mut Pair| p.a.connection_state() == state;
    assert!(call.pair.run_until(state(ConnectionState::Disconnected), 60 * SECOND));
    assert!(call.pair.now - vanished <= 14 * SECOND, "{:?}", call.pair.now - vanished);
    assert!(call.pair.run_until(state(ConnectionState::Failed), 60 * SECOND));
    // RFC 7675 §5.1: consent expires 30 s after the last response.
    let after = call.pair.now - vanished;
    assert!(after > 24 * SECOND && after <= 30 * SECOND, "{after:?}");
    assert_eq!(call.pair.a.ice_connection_state(), IceConnectionState::Failed);
    // Nothing is sent without consent.
    let sent = call.pair.a.stats().datagrams.sent;
    call.pair.run_for(60 * SECOND);
    assert_eq!(call.pair.a.stats().datagrams.sent, sent);
}

type Pair = testkit::Pair<patchcord_peer::PeerConnection, patchcord_peer::PeerConnection>;

#[test]
fn closing_is_told_to_the_other_side_and_nothing_follows() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.forget_events();
    call.pair.a.close(call.pair.now);
    assert_eq!(call.pair.a.connection_state(), ConnectionState::Closed);
    assert_eq!(call.pair.a.close_reason(), Some(&CloseReason::Local));
    call.pair.run_for(SECOND);
    assert!(call.pair.a_events.contains(&Event::ChannelClosed(here)));
    assert!(call.pair.b_events.contains(&Event::ChannelClosed(there)));
    assert_eq!(call.pair.b.connection_state(), ConnectionState::Closed);
    assert_eq!((call.pair.a.poll_timeout(), call.pair.b.poll_timeout()), (None, None));
    assert!(!call.pair.step(), "closed connections are silent");
}

#[test]
fn an_abandoned_connection_is_closed_knows_nothing_and_says_nothing() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
    let (here, there) = call.connect("d", &DataChannelInit::default());
    call.pair.a.channel_send(call.pair.now, here, Message::text("never sent")).unwrap();
    call.forget_events();
    call.pair.a.abandon(call.pair.now);
    assert_eq!(call.pair.a.connection_state(), ConnectionState::Closed);
    assert!(call.pair.a.channel(here).is_none());
    let now = call.pair.now;
    assert!(call.pair.a.create_data_channel(now, "e", &DataChannelInit::default()).is_err());
    assert_eq!(call.pair.a.poll_timeout(), None);
    call.pair.run_for(SECOND);
    let closed = Event::ConnectionStateChange(ConnectionState::Closed);
    assert!(call.pair.a_events.contains(&closed));
    assert!(call.pair.b.channel(there).is_some(), "nobody has told the other side");
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, there), []);
}

/// The other side knows half a round trip later, as soon as who closes has keys to say it with: the
/// server of DTLS (the offerer) has them when the first flight came, the client a round trip later.
/// What is said without keys anybody could say.
#[test]
fn a_close_in_mid_handshake_is_told_at_once() {
    let trip = Duration::from_millis(50);
    for (offerer_closes, first) in [(true, 110), (false, 160)] {
        for ms in (first..400).step_by(10) {
            let mut call = Call::new(LinkConfig::delayed(trip), 1);
            let init = DataChannelInit::default();
            call.pair.a.create_data_channel(call.pair.now, "d", &init).unwrap();
            call.signal();
            call.pair.run_for(Duration::from_millis(ms));
            let now = call.pair.now;
            let Pair { a, b, .. } = &mut call.pair;
            if offerer_closes { a } else { b }.close(now);
            call.pair.run_for(trip);
            let other = if offerer_closes { &call.pair.b } else { &call.pair.a };
            let reason = Some(CloseReason::Dtls(dtls::CloseReason::Remote));
            assert_eq!(other.close_reason(), reason.as_ref(), "{offerer_closes} {ms}");
        }
    }
}

#[test]
fn a_wrong_fingerprint_fails_before_any_message() {
    for wrong_in_offer in [true, false] {
        let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
        let pair = &mut call.pair;
        pair.a.create_data_channel(pair.now, "d", &DataChannelInit::default()).unwrap();
        pair.a.set_local_description(pair.now, None).unwrap();
        let mut offer = pair.a.local_description().unwrap();
        if wrong_in_offer {
            offer.sdp = forged(&offer.sdp);
        }
        pair.b.set_remote_description(pair.now, offer).unwrap();
        pair.b.set_local_description(pair.now, None).unwrap();
        let mut answer = pair.b.local_description().unwrap();
        if !wrong_in_offer {
            answer.sdp = forged(&answer.sdp);
        }
        pair.a.set_remote_description(pair.now, answer).unwrap();
        pair.run_for(30 * SECOND);
        let deceived = if wrong_in_offer { &pair.b } else { &pair.a };
        assert_eq!(deceived.connection_state(), ConnectionState::Failed);
        let reason = deceived.close_reason().map(ToString::to_string).unwrap_or_default();
        assert!(reason.contains("mismatch"), "{reason}");
        let opened = |events: &[Event]| {
            events.iter().any(|e| matches!(e, Event::ChannelOpen(_) | Event::DataChannel(_)))
        };
        assert!(!opened(&pair.a_events) && !opened(&pair.b_events));
    }
}

/// RFC 8122 §5: of several fingerprints those by the best function that both know decide.
#[test]
fn of_several_fingerprints_the_strongest_decides() {
    let of = |function| format!("a=fingerprint:{}", certificate().fingerprint(function));
    let wrong = |line: String| forged(&format!("{line}\r\n")).trim_end().to_owned();
    let [sha1, sha256, sha384, sha512] =
        [HashFunction::Sha1, HashFunction::Sha256, HashFunction::Sha384, HashFunction::Sha512]
            .map(of);
    let unknown = "a=fingerprint:sha3-256 00:11:22".to_owned();
    for (lines, connects) in [
        (vec![sha384.clone()], true),
        (vec![sha512.clone()], true),
        (vec![wrong(sha256.clone()), sha512.clone()], true),
        (vec![sha256.clone(), wrong(sha512.clone())], false),
        (vec![wrong(sha256.clone()), sha256.clone()], true),
        (vec![unknown, sha256.clone()], true),
        (vec![sha1, wrong(sha256.clone())], false),
        (vec![wrong(sha384)], false),
    ] {
        let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(5)), 1);
        let pair = &mut call.pair;
        pair.a.create_data_channel(pair.now, "d", &DataChannelInit::default()).unwrap();
        pair.a.set_local_description(pair.now, None).unwrap();
        let mut offer = pair.a.local_description().unwrap();
        assert!(offer.sdp.contains(&sha256), "{}", offer.sdp);
        offer.sdp = offer.sdp.replace(&sha256, &lines.join("\r\n"));
        pair.b.set_remote_description(pair.now, offer).unwrap();
        pair.b.set_local_description(pair.now, None).unwrap();
        pair.a.set_remote_description(pair.now, pair.b.local_description().unwrap()).unwrap();
        pair.run_for(5 * SECOND);
        let state = pair.b.connection_state();
        assert_eq!(state == ConnectionState::Connected, connects, "{lines:?}: {state:?}");
        assert_eq!(state == ConnectionState::Failed, !connects, "{lines:?}: {state:?}");
    }
}

/// The description with the last digit of its fingerprint changed.
fn forged(sdp: &str) -> String {
    let at = sdp.find("a=fingerprint:").unwrap();
    let end = at + sdp[at..].find("\r\n").unwrap();
    let last = if sdp.as_bytes()[end - 1] == b'0' { "1" } else { "0" };
    format!("{}{last}{}", &sdp[..end - 1], &sdp[end..])
}

#[test]
fn nothing_is_pending_before_descriptions_are_set() {
    let call = Call::new(LinkConfig::default(), 1);
    assert_eq!(call.pair.a.poll_timeout(), None);
    assert_eq!(call.pair.a.connection_state(), ConnectionState::New);
    let _ = Instant::ZERO;
}
