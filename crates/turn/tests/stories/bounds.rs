//! Every table that others can fill has a bound.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::Arc;

use patchcord_turn::attribute::RequestedTransport;
use patchcord_turn::client::{Config, Event, PeerError, State};
use patchcord_turn::server::{self, Accounts, RateLimit, Server, StaticUsers};
use sansio::{Instant, Transport};
use stun::long_term::{Account, Name};
use stun::{MessageBuilder, Method};
use testkit::{LinkConfig, Pair, SeededRng};

use crate::asker::{self, Asker};
use crate::scene::{Host, PEER, ask, at, caller, host, scene, server_config, with};

fn allocate(number: u16) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    let (mut out, id) = (Vec::new(), [high, low, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].into());
    MessageBuilder::request(&mut out, Method::ALLOCATE, id)
        .raw(stun::AttributeType(0x19), &[17, 0, 0, 0]);
    out
}

/// One answer at most, of at most four times its size, and so many of them a second.
#[test]
fn a_stranger_gets_few_small_answers_and_leaves_nothing_behind() {
    let config =
        server::Config { strangers: RateLimit { per_second: 10, burst: 20 }, ..server_config() };
    let (mut host, now) = (host(config, 1), Instant::ZERO);
    let answers: Vec<_> =
        (0..1000).flat_map(|n| ask(&mut host, now, "203.0.113.9:1000", &allocate(n))).collect();
    assert_eq!(answers.len(), 20);
    assert!(answers.iter().all(|answer| answer.len() <= 4 * allocate(0).len()), "{answers:?}");
    let later = now + Duration::from_secs(1);
    let more = (0..1000).flat_map(|n| ask(&mut host, later, "203.0.113.9:1001", &allocate(n)));
    assert_eq!(more.count(), 10);
    assert_eq!(ask(&mut host, later, "203.0.113.10:1000", &allocate(0)).len(), 1);
    let stats = host.server.stats();
    assert_eq!((stats.allocations, stats.strangers_ignored), (0, 1970));
    assert_eq!(sansio::Machine::poll_timeout(&host.server), None);
}

#[test]
fn all_strangers_together_are_limited_too() {
    let config = server::Config {
        all_strangers: RateLimit { per_second: 100, burst: 300 },
        ..server_config()
    };
    let (mut host, now) = (host(config, 1), Instant::ZERO);
    let answers = (0..2000_u16).flat_map(|n| {
        let [high, low] = n.to_be_bytes();
        ask(&mut host, now, &format!("203.0.{high}.{low}:1000"), &allocate(n))
    });
    assert_eq!(answers.count(), 300);
}

/// Users, and how often they were looked up.
#[derive(Debug)]
struct Counted(StaticUsers, Arc<AtomicUsize>);

impl Accounts for Counted {
    fn find(&self, name: Name<'_>, unix: Duration) -> Option<Account> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.find(name, unix)
    }
}

/// Wrong passwords are not even looked at when there is no answer left for them.
#[test]
fn what_strangers_cost_is_limited_before_it_is_spent() {
    let config =
        server::Config { strangers: RateLimit { per_second: 10, burst: 20 }, ..server_config() };
    let (mut users, looked_up) = (StaticUsers::new("example.org"), Arc::<AtomicUsize>::default());
    users.add("alice", "wonderland");
    let users = Box::new(Counted(users, Arc::clone(&looked_up)));
    let server = Server::new(config, users, SeededRng::boxed(1)).unwrap();
    let (mut host, now) = (Host { server, ..host(server_config(), 1) }, Instant::ZERO);
    let mut mallory = Asker::new("203.0.113.9:1000", Transport::Udp, ("alice", "guess"));
    for _ in 0..100 {
        mallory.ask(&mut host, now, Method::ALLOCATE, &[]);
    }
    let count = looked_up.load(Ordering::Relaxed);
    assert!((1..20).contains(&count), "{count}");
    // Others have their own, and an allocation is no stranger.
    let mut alice = Asker::new("203.0.113.10:1000", Transport::Udp, ("alice", "wonderland"));
    let transport = asker::with(&RequestedTransport::UDP);
    let answer = alice.ask(&mut host, now, Method::ALLOCATE, &[transport]);
    assert_eq!(answer.map(|answer| answer.code()), Some(0));
    for _ in 0..100 {
        let answer = alice.ask(&mut host, now, Method::REFRESH, &[]);
        assert_eq!(answer.map(|answer| answer.code()), Some(0));
    }
}

#[test]
fn a_user_has_a_quota_and_the_server_a_capacity() {
    let table = [
        (server::Config { max_allocations_per_user: 0, ..server_config() }, 486),
        (server::Config { max_allocations: 0, ..server_config() }, 508),
        (server::Config { ports: core::ops::RangeInclusive::new(2, 1), ..server_config() }, 508),
        (server::Config { relays: Vec::new(), ..server_config() }, 440),
    ];
    for (config, code) in table {
        let mut scene = with(Config::default(), config);
        scene.run_for(Duration::from_secs(60));
        assert_eq!(scene.a.client.state(), State::Closed);
        let Some(Event::Closed(reason)) = scene.a_events.pop() else { panic!("no reason") };
        assert!(reason.to_string().starts_with(&code.to_string()), "{reason}");
        assert_eq!(scene.b.server.stats().allocations, 0);
    }
}

#[test]
fn sockets_that_do_not_open_are_tried_elsewhere_eight_times() {
    for (broken, state) in [(7, State::Allocated), (8, State::Closed)] {
        let mut scene = scene();
        scene.b.broken = broken;
        scene.run_for(Duration::from_secs(1));
        assert_eq!(scene.a.client.state(), state, "{broken}");
        assert_eq!(scene.b.open.len(), 8 - scene.b.events.len().min(8) + usize::from(broken == 7));
    }
}

#[test]
fn permissions_and_channels_of_a_client_are_bounded() {
    let mut scene = scene();
    let ip = |n: u8| [198, 51, 100, n].into();
    for n in 0..100 {
        assert_eq!(scene.a.client.permit(ip(n)), Ok(()));
    }
    assert_eq!(scene.a.client.permit(ip(100)), Err(PeerError::TooMany(100)));
    assert_eq!(scene.a.client.permit(ip(0)), Ok(()), "that one is known");
    for port in 0..64 {
        assert_eq!(scene.a.client.bind((ip(0), port).into()), Ok(()));
    }
    assert_eq!(scene.a.client.bind((ip(0), 64).into()), Err(PeerError::TooMany(64)));
    scene.run_for(Duration::from_secs(1));
    let permitted = scene.a_events.iter().filter(|event| matches!(event, Event::Permitted(_)));
    assert_eq!(permitted.count(), 100);
    // Eight at a time.
    let requests = scene.trace.entries().filter(|entry| entry.data.starts_with(&[0, 8]));
    assert_eq!(requests.count(), 13);
}

#[test]
fn permissions_and_channels_of_a_server_are_bounded() {
    let config = server::Config { max_permissions: 3, max_channels: 2, ..server_config() };
    let mut scene = with(Config::default(), config);
    for n in 0..5 {
        scene.a.client.permit([198, 51, 100, n].into()).unwrap();
    }
    scene.run_for(Duration::from_secs(1));
    let refused =
        |event: &&Event| matches!(event, Event::PermissionRefused { code: Some(508), .. });
    assert_eq!(scene.a_events.iter().filter(refused).count(), 2);
    for port in 0..4 {
        scene.a.client.bind(([198, 51, 100, 0], port).into()).unwrap();
    }
    scene.run_for(Duration::from_secs(1));
    let refused = |event: &&Event| matches!(event, Event::ChannelRefused { code: Some(508), .. });
    assert_eq!(scene.a_events.iter().filter(refused).count(), 2);
    // Data goes on, in indications.
    scene.a.say("198.51.100.0:3", b"without a channel");
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.heard.len(), 1);
}

#[test]
fn an_allocation_has_its_bandwidth_and_no_more() {
    let limit = RateLimit { per_second: 10_000, burst: 5_000 };
    let config = server::Config { bandwidth: Some(limit), ..server_config() };
    let mut scene = with(Config::default(), config);
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.b.silent_peers = true;
    scene.run_for(Duration::from_secs(1));
    for _ in 0..20 {
        scene.a.say(PEER, &[7; 1000]);
    }
    scene.run_for(Duration::from_millis(50));
    assert_eq!(scene.b.peers_heard.len(), 5);
    assert_eq!(scene.b.server.stats().over_bandwidth, 15);
    for _ in 0..20 {
        scene.run_for(Duration::from_secs(1));
        scene.a.say(PEER, &[7; 1000]);
    }
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.b.peers_heard.len(), 25);
}

#[test]
fn what_waits_to_be_polled_is_bounded() {
    let config = server::Config { max_queued: 3, ..server_config() };
    let link = LinkConfig::default();
    let mut scene =
        Pair::new(caller(Config::default(), Transport::Udp, 1), host(config, 1), link, 1);
    scene.run_for(Duration::from_secs(1));
    let mut busy = 0;
    for n in 0..5 {
        let path = sansio::Path::udp(at(crate::scene::SERVER), at("203.0.113.9:1000"));
        let mut bytes = allocate(n);
        let input = sansio::Datagram::new(path, scene.now, &mut bytes);
        let outcome = sansio::Machine::handle_input(&mut scene.b.server, scene.now, input);
        busy += usize::from(outcome == Err(server::Discard::Busy(3)));
    }
    assert_eq!(busy, 2);
}
