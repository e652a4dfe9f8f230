//! Wrong credentials, credentials that change, credentials for a while.

use core::time::Duration;

use patchcord_turn::client::{Client, CloseReason, Config, Event, State};
use patchcord_turn::server::{self, Server, SharedSecret};
use sansio::{Instant, Path};
use testkit::{LinkConfig, Pair, SeededRng};

use crate::scene::{CLIENT, Caller, Host, SERVER, Scene, at, host, scene, server_config};

fn caller(username: &str, password: &str) -> Caller {
    let (path, config) = (Path::udp(at(CLIENT), at(SERVER)), Config::default());
    let rng = SeededRng::boxed(7);
    let client = Client::new(Instant::ZERO, path, config, (username, password), rng);
    let Ok(client) = client else { unreachable!("a short name") };
    Caller { client, to_say: [].into(), heard: Vec::new(), in_channel: Vec::new() }
}

fn pair(a: Caller, b: Host) -> Scene {
    Pair::new(a, b, LinkConfig::delayed(Duration::from_millis(20)), 1)
}

#[test]
fn a_wrong_password_ends_after_two_round_trips() {
    let mut scene = pair(caller("alice", "guess"), host(server_config(), 1));
    scene.run_until(|s| s.a.client.state() == State::Closed, Duration::from_secs(60));
    assert_eq!(scene.now, Instant::from_millis(80));
    assert_eq!(scene.a_events, [Event::Closed(CloseReason::Credentials(401))]);
    assert_eq!(scene.b.server.stats().allocations, 0);
}

#[test]
fn the_name_is_not_seen_by_whoever_listens_if_the_server_can_do_without() {
    let config = server::Config { username_anonymity: true, ..server_config() };
    let mut scene = pair(caller("alice", "wonderland"), host(config, 1));
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.client.state(), State::Allocated);
    let seen = |data: &[u8]| data.windows(5).any(|window| window == b"alice");
    assert!(!scene.trace.entries().any(|entry| seen(&entry.data)));
}

#[test]
fn a_server_of_rfc_5389_is_served_too() {
    let config = server::Config { password_algorithms: false, ..server_config() };
    let mut scene = pair(caller("alice", "wonderland"), host(config, 1));
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.client.state(), State::Allocated);
}

fn timed_host() -> Host {
    let secret = Box::new(SharedSecret::new(b"secret"));
    let Ok(server) = Server::new(server_config(), secret, SeededRng::boxed(1)) else {
        unreachable!("a short realm")
    };
    Host { server, ..host(server_config(), 1) }
}

/// The first credentials expire after 100 s; the user gets others in time, and stays.
#[test]
fn time_limited_credentials_rotate_in_mid_call() {
    let password = |name| SharedSecret::password(b"secret", name);
    let mut scene = pair(caller("100:alice", &password("100:alice")), timed_host());
    scene.run_for(Duration::from_secs(90));
    assert_eq!(scene.a.client.state(), State::Allocated);
    scene.a.client.set_credentials("5000:alice", &password("5000:alice")).unwrap();
    scene.run_for(Duration::from_secs(3000));
    assert_eq!(scene.a.client.state(), State::Allocated);
    assert_eq!(scene.b.server.allocations_of("alice"), 1);
    assert_eq!(scene.a_events, [Event::Allocated]);
}

/// Without others the call goes on as well: it has been admitted.
#[test]
fn an_allocation_outlives_the_credentials_that_made_it() {
    let password = SharedSecret::password(b"secret", "100:alice");
    let mut scene = pair(caller("100:alice", &password), timed_host());
    scene.run_for(Duration::from_secs(3000));
    assert_eq!(scene.a.client.state(), State::Allocated);
    let mut late = pair(caller("100:alice", &password), timed_host());
    late.b.server.handle_closed(Path::udp(at(SERVER), at(CLIENT)));
    late.a_to_b.drop_next(100);
    late.run_for(Duration::from_secs(30));
    assert_eq!(late.b.server.stats().allocations, 0);
}

/// RFC 8656 §5: an allocation belongs to its user. The client goes back to who it was.
#[test]
fn credentials_of_another_user_are_rejected_and_the_old_ones_go_on() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a.client.set_credentials("bob", "builder").unwrap();
    scene.run_for(Duration::from_secs(1200));
    assert_eq!(scene.a.client.state(), State::Allocated);
    assert_eq!(scene.a_events, [Event::Allocated, Event::CredentialsRejected(441)]);
}
