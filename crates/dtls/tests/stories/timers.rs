//! A handshake whose clock stands still, because somebody else carries its flights.

use std::time::Duration;

use patchcord_dtls::{CloseReason, Connection, Role, State, Versions};
use sansio::{Instant, Machine};

use crate::support::{config, connection};

fn ms(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn client() -> Connection {
    let config = config(Role::Client, Versions::Both);
    connection(&config, Role::Client, 1)
}

/// How many datagrams there are to send.
fn sent(connection: &mut Connection, now: Instant) -> usize {
    let mut buf = Vec::new();
    core::iter::from_fn(|| connection.poll_transmit(now, &mut buf)).count()
}

#[test]
fn nothing_is_repeated_and_nothing_given_up_while_the_clock_is_held() {
    let mut client = client();
    client.hold_timers();
    assert_eq!((sent(&mut client, ms(0)), client.state()), (2, State::Connecting));
    assert_eq!(client.poll_timeout(), None);
    client.handle_timeout(ms(3_600_000));
    assert_eq!((sent(&mut client, ms(3_600_000)), client.state()), (0, State::Connecting));
    assert!(client.awaits_answer());
}

#[test]
fn the_clock_starts_with_the_round_trip_of_the_path() {
    let mut client = client();
    client.hold_timers();
    sent(&mut client, ms(0));
    client.start_timers(ms(1000), Duration::from_millis(200));
    // A quarter more or less.
    let due = client.poll_timeout().unwrap();
    assert!(due >= ms(1150) && due <= ms(1250), "{due:?}");
    assert_eq!(sent(&mut client, ms(1149)), 0);
    assert_eq!(sent(&mut client, due), 2);
    // It has the same time as one that begins here.
    let mut now = due;
    while let Some(next) = client.poll_timeout() {
        now = next;
        client.handle_timeout(now);
        sent(&mut client, now);
    }
    let after = Duration::from_secs(30);
    assert_eq!(client.close_reason(), Some(&CloseReason::Timeout { after }));
    assert_eq!(now, ms(1000) + after);
}

#[test]
fn a_flight_that_led_nowhere_goes_again_at_once() {
    let mut client = client();
    client.hold_timers();
    client.repeat_flight();
    assert_eq!(sent(&mut client, ms(0)), 2);
    client.start_timers(ms(100), Duration::from_millis(200));
    client.repeat_flight();
    assert_eq!(sent(&mut client, ms(100)), 2);
    assert!(client.poll_timeout().is_some_and(|due| due >= ms(250)));
    // A server has nothing to say yet.
    let config = config(Role::Server, Versions::Both);
    let mut server = connection(&config, Role::Server, 2);
    server.repeat_flight();
    assert!(!server.awaits_answer());
    assert_eq!(sent(&mut server, ms(0)), 0);
}
