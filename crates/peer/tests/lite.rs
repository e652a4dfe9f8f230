//! A server that is lite (RFC 8445 §2.5), and the DTLS client, as who answers is by default.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, certificate, peer, read_all};
use patchcord_peer::{
    ChannelId, Config, DataChannelInit, Event, IceConnectionState, Message, OfferOptions,
};
use sansio::Instant;
use testkit::{LinkConfig, Pair};

const DELAY: Duration = Duration::from_millis(50);

/// A call with a lite answerer, or a lite offerer, and a negotiated channel.
fn call(lite_offers: bool, sped: bool) -> (Call, [ChannelId; 2]) {
    let full = Config::new(certificate());
    let mut lite = Config::new(certificate());
    lite.ice.implementation = ice::Implementation::Lite;
    between(if lite_offers { [lite, full] } else { [full, lite] }, sped)
}

fn between([mut a, mut b]: [Config; 2], sped: bool) -> (Call, [ChannelId; 2]) {
    (a.sped, b.sped) = (sped, sped);
    let link = LinkConfig::delayed(DELAY);
    let pair = Pair::new(peer(1, 1, a), peer(2, 1, b), link, 1);
    let mut call = Call { pair, delay: DELAY };
    let init = DataChannelInit { negotiated: true, id: Some(0), ..Default::default() };
    let at_a = call.pair.a.create_data_channel(Instant::ZERO, "d", &init).unwrap();
    let at_b = call.pair.b.create_data_channel(Instant::ZERO, "d", &init).unwrap();
    (call, [at_a, at_b])
}

/// When the channel is open at the offerer and at the answerer, in milliseconds.
fn open_at(call: &mut Call) -> [u64; 2] {
    let opened = |events: &[Event]| events.iter().any(|e| matches!(e, Event::ChannelOpen(_)));
    let mut at = [None; 2];
    while at.contains(&None) && call.pair.now < Instant::from_millis(60_000) && call.pair.step() {
        for (at, events) in at.iter_mut().zip([&call.pair.a_events, &call.pair.b_events]) {
            if at.is_none() && opened(events) {
                *at = Some(call.pair.now);
            }
        }
    }
    at.map(|at| at.expect("open").as_nanos() / 1_000_000)
}

#[test]
fn it_says_so() {
    for lite_offers in [false, true] {
        let (mut call, _) = call(lite_offers, true);
        call.signal();
        let a = call.pair.a.local_description().unwrap().sdp;
        let b = call.pair.b.local_description().unwrap().sdp;
        let lines = [a, b].map(|sdp| sdp.lines().any(|line| line == "a=ice-lite"));
        assert_eq!(lines, [lite_offers, !lite_offers]);
    }
}

#[test]
fn its_handshake_begins_before_the_nomination_is_confirmed() {
    //   0 ms  offer -->
    //  50     <-- answer
    // 100     nomination -->
    // 150     <-- response, ClientHello
    // 200     ServerHello, …, Finished -->
    // 250     <-- Finished                DTLS is up at the answerer
    // 300                                 and at the offerer
    let (mut ordinary, _) = call(false, false);
    ordinary.signal();
    assert_eq!(open_at(&mut ordinary), [300, 250]);
    // The same with what rides in checks: the ClientHello has to wait for a check to answer.
    let (mut sped, _) = call(false, true);
    sped.signal();
    assert_eq!(open_at(&mut sped), [300, 250]);
}

#[test]
fn it_can_offer() {
    for sped in [false, true] {
        let (mut call, _) = call(true, sped);
        call.signal();
        open_at(&mut call);
        assert_eq!(call.pair.a.ice_connection_state(), IceConnectionState::Completed);
        assert_eq!(call.pair.b.ice_connection_state(), IceConnectionState::Completed);
    }
}

#[test]
fn a_call_lasts_and_restarts() {
    let (mut call, [at_a, at_b]) = call(false, true);
    call.signal();
    open_at(&mut call);
    for n in 0..3 {
        call.pair.run_for(Duration::from_secs(60));
        let now = call.pair.now;
        call.pair.b.channel_send(now, at_b, Message::text(n.to_string())).unwrap();
        call.pair.run_for(Duration::from_secs(1));
        let read = read_all(&mut call.pair.a, call.pair.now, at_a);
        assert_eq!(read, [Message::text(n.to_string())]);

        let now = call.pair.now;
        let offer = call.pair.a.create_offer(now, OfferOptions { ice_restart: true }).unwrap();
        call.pair.a.set_local_description(now, Some(offer.clone())).unwrap();
        call.pair.b.set_remote_description(now, offer).unwrap();
        call.pair.b.set_local_description(now, None).unwrap();
        let answer = call.pair.b.local_description().unwrap();
        call.pair.a.set_remote_description(now, answer).unwrap();
    }
}

#[test]
fn two_that_are_lite_are_as_fast_as_two_that_are_full() {
    let two = |implementation| {
        [(); 2].map(|()| {
            let mut config = Config::new(certificate());
            config.ice.implementation = implementation;
            config
        })
    };
    for sped in [false, true] {
        let times = [ice::Implementation::Lite, ice::Implementation::Full].map(|implementation| {
            let (mut call, _) = between(two(implementation), sped);
            call.signal();
            let times = open_at(&mut call);
            call.pair.run_for(Duration::from_secs(60));
            let state = call.pair.a.connection_state();
            assert_eq!(state, patchcord_peer::ConnectionState::Connected, "consent goes on");
            times
        });
        assert_eq!(times[0], times[1], "{sped}");
    }
}
