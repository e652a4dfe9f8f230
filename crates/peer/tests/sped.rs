//! SPED: the handshake rides in connectivity checks, whatever the wire and the other side do.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, address, certificate, peer, read_all};
use patchcord_peer::{
    Config, ConnectionState, DataChannelInit, Event, Message, OfferOptions, PeerConnection,
    SdpType, SessionDescription,
};
use sansio::{Datagram, Instant, Machine, Path};
use stun::attribute::{DtlsInStunData, IceControlled, Priority, Username};
use stun::{IntegrityKey, MessageBuilder, Method, TransactionId};
use testkit::{LinkConfig, Pair};

const DELAY: Duration = Duration::from_millis(50);
const SECOND: Duration = Duration::from_secs(1);

fn config(sped: bool) -> Config {
    let mut config = Config::new(certificate());
    config.sped = sped;
    config
}

/// A call between ends that have SPED or not, with a negotiated channel.
fn call(link: LinkConfig, seed: u64, sped: [bool; 2]) -> Call {
    let [a, b] = sped.map(config);
    let pair = Pair::new(peer(1, seed, a), peer(2, seed, b), link, seed);
    let mut call = Call { pair, delay: link.delay };
    let init = DataChannelInit { negotiated: true, id: Some(0), ..Default::default() };
    call.pair.a.create_data_channel(Instant::ZERO, "d", &init).unwrap();
    call.pair.b.create_data_channel(Instant::ZERO, "d", &init).unwrap();
    call
}

/// Offer and answer, edited on their way.
fn signal(call: &mut Call, edit: impl Fn(SdpType, String) -> String) {
    let edited = |description: SessionDescription| SessionDescription {
        kind: description.kind,
        sdp: edit(description.kind, description.sdp),
    };
    let Call { pair, delay } = call;
    let offer = pair.a.create_offer(pair.now, OfferOptions::default()).unwrap();
    pair.a.set_local_description(pair.now, Some(offer.clone())).unwrap();
    pair.run_for(*delay);
    pair.b.set_remote_description(pair.now, edited(offer)).unwrap();
    let answer = pair.b.create_answer(pair.now).unwrap();
    pair.b.set_local_description(pair.now, Some(answer.clone())).unwrap();
    pair.run_for(*delay);
    pair.a.set_remote_description(pair.now, edited(answer)).unwrap();
}

/// When the channel is open at the offerer and at the answerer, in milliseconds.
fn open_at(call: &mut Call) -> [u64; 2] {
    let opened = |events: &[Event]| events.iter().any(|e| matches!(e, Event::ChannelOpen(_)));
    let mut at = [None; 2];
    while at.contains(&None) && call.pair.now < Instant::ZERO + 60 * SECOND && call.pair.step() {
        for (at, events) in at.iter_mut().zip([&call.pair.a_events, &call.pair.b_events]) {
            if at.is_none() && opened(events) {
                *at = Some(call.pair.now);
            }
        }
    }
    at.map(|at| at.expect("open").as_nanos() / 1_000_000)
}

fn embedded(peer: &PeerConnection) -> [u64; 2] {
    let counters = peer.stats().datagrams;
    [counters.embedded_sent, counters.embedded_received]
}

/// The offer wants the role of the DTLS client.
fn active(kind: SdpType, sdp: String) -> String {
    if kind == SdpType::Offer { sdp.replace("a=setup:actpass", "a=setup:active") } else { sdp }
}

#[test]
fn an_offerer_may_be_the_client() {
    //   0 ms  offer -->
    //  50     <-- answer, check
    // 100     two checks with ClientHello -->
    // 150     <-- response with ServerHello, …   there is a path, too
    // 200     Finished -->                       DTLS is up at the offerer
    // 250                                        and at the answerer
    let mut call = call(LinkConfig::delayed(DELAY), 1, [true; 2]);
    signal(&mut call, active);
    assert_eq!(open_at(&mut call), [200, 250]);
    assert!(embedded(&call.pair.a)[0] >= 2);
}

#[test]
fn a_side_without_it_is_met_the_ordinary_way() {
    for sped in [[true, false], [false, true], [false, false]] {
        let mut call = call(LinkConfig::delayed(DELAY), 1, sped);
        signal(&mut call, |_, sdp| sdp);
        assert_eq!(open_at(&mut call), [300, 250]);
        assert_eq!([embedded(&call.pair.a), embedded(&call.pair.b)], [[0; 2]; 2], "{sped:?}");
        let said = call.pair.b.local_description().unwrap().sdp.contains(" sped");
        assert!(!said, "an answer says no more than the offer: {sped:?}");
    }
}

#[test]
fn a_side_that_says_it_and_does_not_do_it_is_met_the_ordinary_way_in_time() {
    let lies =
        |sdp: String| sdp.replace("a=ice-options:ice2 trickle", "a=ice-options:trickle sped");
    // The answerer lies, and is the DTLS server: the offerer's ClientHello rides in vain, and goes
    // again as soon as there is a path.
    let mut vain = call(LinkConfig::delayed(DELAY), 1, [true, false]);
    signal(&mut vain, |kind, sdp| match kind {
        SdpType::Answer => lies(sdp),
        _ => active(kind, sdp),
    });
    let mut ordinary = call(LinkConfig::delayed(DELAY), 1, [false, false]);
    signal(&mut ordinary, active);
    assert_eq!(open_at(&mut vain), open_at(&mut ordinary));
    assert_eq!([embedded(&vain.pair.a), embedded(&vain.pair.b)], [[2, 0], [0, 0]]);
    // The offerer lies: the answerer's ClientHello has gone out already.
    let mut vain = call(LinkConfig::delayed(DELAY), 1, [false, true]);
    signal(&mut vain, |kind, sdp| if kind == SdpType::Offer { lies(sdp) } else { sdp });
    assert_eq!(open_at(&mut vain), [300, 250]);
    assert_eq!([embedded(&vain.pair.a), embedded(&vain.pair.b)], [[0, 0], [2, 0]]);
}

#[test]
fn bad_wires_only_take_longer_and_then_nothing_rides_any_more() {
    for seed in 0..120 {
        let percent = |n: u64| n as f64 / 100.0;
        let link = LinkConfig {
            loss: percent(seed % 6 * 4),
            reorder: percent(seed % 5 * 10),
            reorder_by: Duration::from_millis(70),
            duplicate: percent(seed % 4 * 10),
            jitter: Duration::from_millis(seed % 3 * 20),
            ..LinkConfig::delayed(Duration::from_millis(1 + seed * 7 % 100))
        };
        let mut call = call(link, seed, [true; 2]);
        match seed % 2 {
            0 => signal(&mut call, |_, sdp| sdp),
            _ => signal(&mut call, active),
        }
        let opened = open_at(&mut call);
        assert!(opened.iter().all(|at| *at < 20_000), "seed {seed}: {opened:?}");
        call.pair.run_for(20 * SECOND);
        let before = [embedded(&call.pair.a), embedded(&call.pair.b)];
        call.pair.run_for(60 * SECOND);
        assert_eq!([embedded(&call.pair.a), embedded(&call.pair.b)], before, "seed {seed}");
        let bound = before.iter().flatten().max();
        assert!(bound.is_some_and(|most| *most < 60), "seed {seed}: {before:?}");
    }
}

#[test]
fn any_one_datagram_may_be_lost() {
    // Within a second, as each check is repeated after half of one at the latest.
    for from_a in [true, false] {
        for number in 0..12 {
            let mut call = call(LinkConfig::delayed(DELAY), number, [true; 2]);
            let mut count = 0;
            let lose = move |_: &[u8]| {
                count += 1;
                count == number + 1
            };
            match from_a {
                true => call.pair.a_to_b.drop_if(lose),
                false => call.pair.b_to_a.drop_if(lose),
            }
            signal(&mut call, |_, sdp| sdp);
            let opened = open_at(&mut call);
            assert!(opened.iter().all(|at| *at <= 900), "{from_a} {number}: {opened:?}");
        }
    }
}

/// By how many milliseconds a call without SPED is late at the offerer when the answerer, who is the
/// DTLS client, loses its first datagram of each of these kinds.
fn late_by(one_way: u64, lost: &[fn(&[u8]) -> bool]) -> u64 {
    let opened = |lost: &[fn(&[u8]) -> bool]| {
        let link = LinkConfig::delayed(Duration::from_millis(one_way));
        let mut call = call(link, one_way, [false; 2]);
        let mut lost = lost.to_vec();
        call.pair.b_to_a.drop_if(move |datagram| {
            let condemned = lost.iter().position(|is_kind| is_kind(datagram));
            condemned.map(|at| lost.remove(at)).is_some()
        });
        signal(&mut call, |_, sdp| sdp);
        open_at(&mut call)[0]
    };
    opened(lost) - opened(&[])
}

fn is_handshake(datagram: &[u8]) -> bool {
    matches!(datagram, [20..=63, ..])
}

/// A Binding request (RFC 8489 §5).
fn is_check(datagram: &[u8]) -> bool {
    matches!(datagram, [0, 1, ..])
}

#[test]
fn a_flight_is_repeated_after_two_round_trips_and_never_too_soon_or_late() {
    // Twice the round trip, at least 50 ms, spread by a quarter. What is longer than a second and a
    // half, after which a check is sent a third time, is not known: then it is the RFC's second.
    for (one_way, timer) in [(5, 50), (25, 100), (100, 400), (700, 2800), (1000, 1000)] {
        let late = late_by(one_way, &[is_handshake]);
        assert!((timer * 3 / 4..=timer * 5 / 4).contains(&late), "{one_way} ms: {late} ms");
    }
}

#[test]
fn a_lost_check_hides_the_round_trip_and_the_handshake_does_not_wait_a_second_for_that() {
    for one_way in [5, 25, 100] {
        let check = late_by(one_way, &[is_check]);
        let both = late_by(one_way, &[is_check, is_handshake]);
        // The round trip seems longer by the time until the check was repeated.
        let timer = (2 * (2 * one_way + check)).max(50);
        assert!(both - check <= timer * 5 / 4, "{one_way} ms: {check}, then {both} ms");
    }
}

#[test]
fn each_name_of_the_option_is_understood_and_answered_with_the_same() {
    let names = ["sped", "googspedv1", "goog-sped-v1"];
    for name in names {
        let mut call = call(LinkConfig::delayed(DELAY), 1, [true; 2]);
        let options = |line: &str| line.starts_with("a=ice-options:");
        signal(&mut call, |kind, sdp| match kind {
            SdpType::Offer => {
                let lines = sdp.lines().map(|line| match options(line) {
                    true => format!("a=ice-options:trickle {name}\r\n"),
                    false => format!("{line}\r\n"),
                });
                lines.collect()
            }
            _ => sdp,
        });
        open_at(&mut call);
        assert!(embedded(&call.pair.a)[1] >= 2, "{name}: {:?}", embedded(&call.pair.a));
        let answer = call.pair.b.local_description().unwrap().sdp;
        let said = answer.lines().filter(|line| options(line));
        let said: Vec<_> = said.flat_map(|line| line.split([':', ' '])).collect();
        let said: Vec<_> = names.into_iter().filter(|name| said.contains(name)).collect();
        assert_eq!(said, [name]);
    }
}

#[test]
fn the_ice_may_restart_in_the_middle_of_the_handshake() {
    for after in [0, 20, 49, 50, 51, 70, 100, 120] {
        let mut call = call(LinkConfig::delayed(DELAY), after, [true; 2]);
        signal(&mut call, |_, sdp| sdp);
        call.pair.run_for(Duration::from_millis(after));
        let pair = &mut call.pair;
        let offer = pair.a.create_offer(pair.now, OfferOptions { ice_restart: true }).unwrap();
        pair.a.set_local_description(pair.now, Some(offer.clone())).unwrap();
        pair.run_for(DELAY);
        pair.b.set_remote_description(pair.now, offer).unwrap();
        pair.b.set_local_description(pair.now, None).unwrap();
        let answer = pair.b.local_description().unwrap();
        pair.run_for(DELAY);
        pair.a.set_remote_description(pair.now, answer).unwrap();
        let up = |p: &mut Pair<PeerConnection, PeerConnection>| {
            [&p.a, &p.b].iter().all(|peer| peer.connection_state() == ConnectionState::Connected)
        };
        assert!(pair.run_until(up, SECOND), "{after}");
        let opened = |events: &[Event]| events.iter().any(|e| matches!(e, Event::ChannelOpen(_)));
        assert!(opened(&pair.a_events) && opened(&pair.b_events), "{after}");
    }
}

/// A check as the answerer could send it, with this in it.
fn check(id: u8, offer: &str, answer: &str, data: &[u8]) -> Vec<u8> {
    let line = |sdp: &str, name: &str| {
        sdp.lines().find_map(|line| line.strip_prefix(name)).expect("said").to_owned()
    };
    let username = format!("{}:{}", line(offer, "a=ice-ufrag:"), line(answer, "a=ice-ufrag:"));
    let mut out = Vec::new();
    MessageBuilder::request(&mut out, Method::BINDING, TransactionId::from([id; 12]))
        .attribute(&Username::new(&username).unwrap())
        .attribute(&Priority(0x6e00_ffff))
        .attribute(&IceControlled(1))
        .attribute(&DtlsInStunData(data))
        .integrity(&IntegrityKey::short_term(&line(offer, "a=ice-pwd:")))
        .fingerprint();
    out
}

#[test]
fn what_is_no_handshake_is_passed_over_and_too_much_is_not_kept() {
    let mut call = call(LinkConfig::delayed(DELAY), 1, [true; 2]);
    signal(&mut call, |_, sdp| sdp);
    let offer = call.pair.a.local_description().unwrap().sdp;
    let answer = call.pair.b.local_description().unwrap().sdp;
    let path = Path::udp(address(1), address(2));
    let now = call.pair.now;
    for id in 0..200_u8 {
        // Every first byte, STUN and SRTP too; records of DTLS without sense; long ones.
        let length = 1 + 7 * usize::from(id);
        let mut bytes = check(id, &offer, &answer, &vec![id; length]);
        // Too many to answer at once are refused.
        let _ = call.pair.a.handle_input(now, Datagram::new(path, now, &mut bytes));
        if id % 16 == 0 {
            let mut buf = Vec::new();
            while call.pair.a.poll_transmit(now, &mut buf).is_some() {}
        }
    }
    // What the liar displaced is sent again in time.
    open_at(&mut call);
    let (a, b) = (&mut call.pair.a, &mut call.pair.b);
    let ids = [a, b].map(|peer| peer.channel_count());
    assert_eq!(ids, [1, 1]);
}

#[test]
fn a_flood_before_the_answer_keeps_no_more_than_four() {
    let mut call = call(LinkConfig::delayed(DELAY), 1, [true; 2]);
    let offer = call.pair.a.create_offer(Instant::ZERO, OfferOptions::default()).unwrap();
    call.pair.a.set_local_description(Instant::ZERO, Some(offer.clone())).unwrap();
    call.pair.b.set_remote_description(Instant::ZERO, offer.clone()).unwrap();
    call.pair.b.set_local_description(Instant::ZERO, None).unwrap();
    let answer = call.pair.b.local_description().unwrap();
    let path = Path::udp(address(1), address(2));
    let mut acknowledged = 0;
    for id in 0..50_u8 {
        let mut bytes = check(id, &offer.sdp, &answer.sdp, &[22, id, 1, 2, 3]);
        let datagram = Datagram::new(path, Instant::ZERO, &mut bytes);
        call.pair.a.handle_input(Instant::ZERO, datagram).unwrap();
        let mut buf = Vec::new();
        while call.pair.a.poll_transmit(Instant::ZERO, &mut buf).is_some() {
            let message = stun::Message::parse(&buf).unwrap();
            let ack = message.get::<stun::attribute::DtlsInStunAck<'_>>().unwrap();
            acknowledged = acknowledged.max(ack.map_or(0, |ack| ack.checksums().count()));
            buf.clear();
        }
    }
    // What was not kept was not acknowledged either: it would never come again.
    assert_eq!(acknowledged, 4);
    call.pair.a.set_remote_description(Instant::ZERO, answer).unwrap();
    open_at(&mut call);
    let id = call.pair.b_events.iter().find_map(|event| match event {
        Event::ChannelOpen(id) => Some(*id),
        _ => None,
    });
    let now = call.pair.now;
    call.pair.b.channel_send(now, id.unwrap(), Message::text("here")).unwrap();
    call.pair.run_for(SECOND);
    let id = call.pair.a_events.iter().find_map(|event| match event {
        Event::ChannelReadable(id) => Some(*id),
        _ => None,
    });
    let now = call.pair.now;
    assert_eq!(read_all(&mut call.pair.a, now, id.unwrap()), [Message::text("here")]);
}
