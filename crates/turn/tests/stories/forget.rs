//! Peers that are not needed any more: they are not renewed, and make room for others.

use core::time::Duration;

use patchcord_turn::client::{Config, Event, PeerError};

use crate::scene::{PEER, Scene, at, scene, server_config, with};

const OTHER: &str = "198.51.100.9:7000";
const MINUTE: Duration = Duration::from_secs(60);

/// How many requests of permissions and channels there were.
fn asked(scene: &Scene) -> [usize; 2] {
    // CreatePermission and ChannelBind.
    let count = |head: &[u8]| scene.trace.entries().filter(|it| it.data.starts_with(head)).count();
    [count(&[0, 8]), count(&[0, 9])]
}

#[test]
fn what_is_forgotten_is_not_renewed() {
    let mut scene = scene();
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(11 * MINUTE);
    let before = asked(&scene);
    assert!(before[0] > 1 && before[1] > 1, "{before:?}");
    scene.a.client.forget(at(PEER).ip());
    assert_eq!(scene.a.client.permitted().count() + scene.a.client.channel_peers().count(), 0);
    assert_eq!(scene.a.client.way(at(PEER)), None);
    scene.run_for(60 * MINUTE);
    assert_eq!(asked(&scene), before);
    // And is asked for like any other if it is wanted again.
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    scene.a.say(PEER, b"hello again");
    scene.run_for(Duration::from_secs(1));
    assert_eq!((scene.a.heard.len(), scene.a.in_channel.last()), (1, Some(&true)));
}

#[test]
fn an_answer_that_comes_too_late_brings_nothing_back() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_millis(30));
    scene.a.client.forget(at(PEER).ip());
    let before = asked(&scene);
    assert_eq!(before, [1, 1], "under way");
    scene.run_for(20 * MINUTE);
    assert_eq!(asked(&scene), before);
    assert!(!scene.a.client.is_permitted(at(PEER).ip()) && !scene.a.client.is_bound(at(PEER)));
    let told = |event: &Event| matches!(event, Event::Permitted(_) | Event::ChannelBound(_));
    assert!(!scene.a_events.iter().any(told), "{:?}", scene.a_events);
}

#[test]
fn who_is_wanted_again_before_the_answer_is_asked_for_once() {
    let mut scene = scene();
    scene.run_for(Duration::from_secs(1));
    let unanswered = Duration::from_millis(1);
    for _ in 0..20 {
        scene.a.client.bind(at(PEER)).unwrap();
        scene.run_for(unanswered);
        scene.a.client.unbind(at(PEER));
    }
    assert_eq!(asked(&scene), [1, 1]);
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    assert_eq!(asked(&scene), [1, 1]);
    assert!(scene.a.client.is_bound(at(PEER)));
    // Of addresses that come and go, nothing is asked twice either, and nothing stays behind.
    for n in 0..200 {
        let ip = core::net::IpAddr::from([198, 51, 100, 10 + n]);
        scene.a.client.permit(ip).unwrap();
        scene.run_for(unanswered);
        scene.a.client.forget(ip);
    }
    scene.run_for(Duration::from_secs(10));
    assert_eq!(asked(&scene), [201, 1]);
}

/// RFC 8656 §12: a binding lives for 600 s, and its number rests for 300 s more.
#[test]
fn a_number_serves_another_peer_after_fifteen_minutes() {
    let mut scene = with(Config { max_channels: 1, ..Config::default() }, server_config());
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    scene.a.client.unbind(at(PEER));
    let began = scene.now;
    assert_eq!(scene.a.client.bind(at(OTHER)), Err(PeerError::TooMany(1)));
    // It is its own still.
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    assert!(scene.a.client.is_bound(at(PEER)));
    scene.a.client.unbind(at(PEER));
    let left = scene.now;
    let free = |s: &mut Scene| s.a.client.bind(at(OTHER)).is_ok();
    scene.run_until(|_| false, 14 * MINUTE + Duration::from_secs(59));
    assert!(!free(&mut scene), "since {began}");
    // At the next refresh at the latest.
    assert!(scene.run_until(free, 9 * MINUTE));
    assert!(scene.now >= left + 15 * MINUTE);
    scene.run_for(Duration::from_secs(1));
    assert!(scene.a.client.is_bound(at(OTHER)));
    scene.a.say(OTHER, b"hello");
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.heard, [(at(OTHER), b"hello".to_vec())]);
}

#[test]
fn one_that_goes_makes_room_for_another() {
    let mut scene = with(Config { max_permissions: 2, ..Config::default() }, server_config());
    let ip = |n: u8| core::net::IpAddr::from([198, 51, 100, n]);
    for n in 0..50 {
        scene.a.client.permit(ip(n)).unwrap();
        scene.run_for(Duration::from_secs(1));
        if n > 0 {
            assert_eq!(scene.a.client.permit(ip(100)), Err(PeerError::TooMany(2)));
            let oldest = scene.a.client.permitted().next().unwrap();
            assert_eq!(oldest, ip(n - 1));
            scene.a.client.forget(oldest);
        }
    }
}

/// The server goes on to use the channel for what the peer says.
#[test]
fn a_channel_that_was_left_is_listened_to() {
    let mut scene = scene();
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    scene.a.client.unbind(at(PEER));
    scene.a.say(PEER, b"without a channel");
    scene.run_for(Duration::from_secs(1));
    assert_eq!((scene.a.heard.len(), &scene.a.in_channel[..]), (1, &[false][..]));
}
