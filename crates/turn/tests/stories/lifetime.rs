//! An allocation lives as long as it is wanted, with all that belongs to it.

use core::time::Duration;

use patchcord_turn::client::{CloseReason, Config, Event, State};
use patchcord_turn::server;
use sansio::Instant;
use stun::Schedule;
use testkit::{Link, LinkConfig};

use crate::scene::{PEER, Scene, at, scene, server_config, with};

const MINUTE: Duration = Duration::from_secs(60);

/// Says a word a second for so long; how many came back.
fn talk(scene: &mut Scene, duration: Duration) -> usize {
    let before = scene.a.heard.len();
    for _ in 0..duration.as_secs() {
        scene.a.say(PEER, b"word");
        scene.run_for(Duration::from_secs(1));
    }
    scene.a.heard.len() - before
}

/// Lifetimes of 60 s, nonces of 45 s: all is refreshed many times, and no word is lost.
#[test]
fn an_hour_passes_without_a_gap() {
    let lifetime = Duration::from_secs(60);
    let server = server::Config {
        lifetime,
        max_lifetime: lifetime,
        nonce_lifetime: Duration::from_secs(45),
        ..server_config()
    };
    let mut scene = with(Config::default(), server);
    scene.a.client.bind(at(PEER)).unwrap();
    assert_eq!(talk(&mut scene, 60 * MINUTE), 3600);
    let stats = scene.b.server.stats();
    assert_eq!((stats.allocations, stats.allocated), (1, 1));
    // A refresh every 40 s, and a stale nonce at every second one; a permission every 4 min, a
    // channel every 9 min.
    assert!((100..150).contains(&stats.granted), "{stats:?}");
    assert!((40..60).contains(&stats.challenged), "{stats:?}");
    assert_eq!(stats.refused, 0);
}

#[test]
fn permission_alone_is_kept_too() {
    let mut scene = scene();
    scene.a.client.permit(at(PEER).ip()).unwrap();
    assert_eq!(talk(&mut scene, 30 * MINUTE), 1800);
}

/// The network is gone for a minute, just when permission and channel are to be renewed, and for
/// longer than a request is repeated.
#[test]
fn what_was_granted_outlives_a_network_that_is_gone_for_a_while() {
    let schedule = Schedule { rto: Duration::from_millis(500), requests: 3, patience: 4 };
    for (in_channel, gone_at) in [(false, 4), (true, 9)] {
        let mut scene = with(Config { schedule, ..Config::default() }, server_config());
        match in_channel {
            true => scene.a.client.bind(at(PEER)).unwrap(),
            false => scene.a.client.permit(at(PEER).ip()).unwrap(),
        }
        let before = gone_at * MINUTE - Duration::from_secs(5);
        assert_eq!(talk(&mut scene, before), usize::try_from(before.as_secs()).unwrap());
        let gone = LinkConfig { loss: 1.0, ..LinkConfig::default() };
        let links = [Link::new(gone, 1), Link::new(gone, 2)];
        let [a_to_b, b_to_a] = links;
        let there = core::mem::replace(&mut scene.a_to_b, a_to_b);
        let back = core::mem::replace(&mut scene.b_to_a, b_to_a);
        assert_eq!(talk(&mut scene, MINUTE - Duration::from_secs(5)), 0);
        (scene.a_to_b, scene.b_to_a) = (there, back);
        scene.run_for(Duration::from_secs(5));
        assert!(talk(&mut scene, 10 * MINUTE) > 590, "channel: {in_channel}");
        assert_eq!(scene.b.server.stats().allocated, 1);
    }
}

#[test]
fn closing_gives_the_allocation_back() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a.client.close(scene.now);
    assert_eq!(scene.a.client.state(), State::Closing);
    scene.run_for(Duration::from_millis(100));
    assert_eq!(scene.a_events, [Event::Allocated, Event::Closed(CloseReason::Closed)]);
    assert_eq!(scene.b.server.stats().allocations, 0);
    assert!(scene.b.open.is_empty());
    assert_eq!(scene.b.server.allocations_of("alice"), 0);
}

#[test]
fn a_server_that_is_gone_is_not_waited_for() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a_to_b.drop_if(|_| true);
    let began = scene.now;
    scene.a.client.close(began);
    let closed = |s: &mut Scene| s.a.client.state() == State::Closed;
    assert!(scene.run_until(closed, MINUTE));
    // 500 ms, 1 s, and twice 500 ms of patience.
    assert_eq!(scene.now - began, Duration::from_millis(2500));
}

#[test]
fn the_server_forgets_who_has_gone_without_a_word() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a_to_b.drop_if(|_| true);
    scene.run_for(Duration::from_secs(605));
    assert_eq!(scene.b.server.stats().allocations, 0);
    assert!(scene.b.open.is_empty());
}

/// A refresh begins 60 s before the end, and is asked for again until the end.
#[test]
fn the_client_gives_up_when_the_lifetime_is_over() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a_to_b.drop_if(|_| true);
    let closed = |s: &mut Scene| s.a.client.state() == State::Closed;
    assert!(scene.run_until(closed, 20 * MINUTE));
    assert_eq!(scene.a_events.last(), Some(&Event::Closed(CloseReason::Expired)));
    assert_eq!(scene.now, Instant::from_millis(600_080));
}

#[test]
fn the_client_notices_that_the_server_has_lost_it() {
    let mut scene = scene();
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.run_for(Duration::from_secs(1));
    scene.b.server.handle_closed(scene.a.client.path().reversed());
    // It was mobile: nothing has happened. A server that restarts has lost all.
    assert_eq!(scene.b.server.stats().allocations, 1);
    scene.b = crate::scene::host(server_config(), 9);
    // The permission is renewed after four minutes. Another allocation is there 40 ms each later for
    // a fresh nonce, "437", the ticket, and an Allocate.
    let renewal = Instant::from_millis(120 + 240_000);
    let refused = |s: &mut Scene| s.a_events.contains(&Event::MoveRefused(437));
    assert!(scene.run_until(refused, 10 * MINUTE));
    assert_eq!(scene.now, renewal + Duration::from_millis(3 * 40));
    let permitted = |s: &mut Scene| s.a.client.is_permitted(at(PEER).ip());
    assert!(scene.run_until(permitted, MINUTE));
    assert_eq!(scene.now, renewal + Duration::from_millis(5 * 40));
    assert_eq!(scene.b.server.stats().allocations, 1);
}

#[test]
fn without_a_ticket_the_client_ends_when_the_server_has_lost_it() {
    let mut scene = with(Config { mobility: false, ..Config::default() }, server_config());
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.run_for(Duration::from_secs(1));
    scene.b = crate::scene::host(server_config(), 9);
    let closed = |s: &mut Scene| s.a.client.state() == State::Closed;
    assert!(scene.run_until(closed, 10 * MINUTE));
    assert_eq!(scene.a_events.last(), Some(&Event::Closed(CloseReason::AllocationMismatch)));
}

#[test]
fn a_refresh_that_nobody_answers_is_told() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a_to_b.drop_if(|_| true);
    let began = scene.now;
    scene.a.client.refresh(began);
    let told = |s: &mut Scene| s.a_events.contains(&Event::Unanswered);
    assert!(scene.run_until(told, 10 * MINUTE));
    // RFC 8489 §6.2.1: seven requests, and 16 times the RTO.
    assert_eq!(scene.now - began, Duration::from_millis(39_500));
    assert_eq!(scene.a.client.state(), State::Allocated);
}

#[test]
fn a_lifetime_that_is_asked_for_is_given_within_bounds() {
    for (asked, expected) in [(1, 600), (900, 900), (999_999, 3600)] {
        let lifetime = Some(Duration::from_secs(asked));
        let mut scene = with(Config { lifetime, ..Config::default() }, server_config());
        scene.run_for(Duration::from_millis(100));
        let expires = scene.a.client.expires().unwrap();
        let answered = Instant::from_millis(80);
        assert_eq!(expires - answered, Duration::from_secs(expected));
    }
}
