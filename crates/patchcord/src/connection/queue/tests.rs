use std::sync::Arc;

use peer::{Certificate, Config, ConnectionState, DataChannelInit, SignalingState};
use sansio::{Instant, Rng};

use super::*;
use crate::random::Random;

/// Ids of channels, which only a connection can make.
fn ids(count: usize) -> Vec<ChannelId> {
    let config = Config::new(Arc::new(Certificate::generate().unwrap()));
    let rng = Random::from_system().unwrap().fork();
    let mut peer = peer::PeerConnection::new(config, rng);
    let init = DataChannelInit::default();
    (0..count).map(|_| peer.create_data_channel(Instant::ZERO, "", &init).unwrap()).collect()
}

fn drain(queue: &mut Queue) -> Vec<Event> {
    core::iter::from_fn(|| queue.pop()).collect()
}

const CONNECTED: Event = Event::ConnectionStateChange(ConnectionState::Connected);
const CLOSED: Event = Event::ConnectionStateChange(ConnectionState::Closed);
const STABLE: Event = Event::SignalingStateChange(SignalingState::Stable);

#[test]
fn events_come_in_order() {
    let (ids, mut queue) = (ids(3), Queue::default());
    let events = [
        CONNECTED,
        Event::DataChannel(ids[0]),
        Event::DataChannel(ids[1]),
        STABLE,
        Event::IceCandidate(None),
        CLOSED,
    ];
    events.iter().cloned().for_each(|event| queue.push(event));
    assert_eq!(drain(&mut queue), events);
    queue.push(Event::DataChannel(ids[2]));
    assert_eq!(drain(&mut queue), [Event::DataChannel(ids[2])]);
}

#[test]
fn of_too_many_states_the_latest_of_each_kind_remain() {
    let mut queue = Queue::default();
    queue.push(STABLE);
    for _ in 0..10_000 {
        queue.push(CONNECTED);
        assert!(queue.events.len() <= Queue::LIMIT);
    }
    queue.push(CLOSED);
    let events = drain(&mut queue);
    assert_eq!((events.first(), events.last()), (Some(&STABLE), Some(&CLOSED)));
}

#[test]
fn channels_that_come_and_go_unseen_leave_nothing() {
    let (ids, mut queue) = (ids(1000), Queue::default());
    for id in &ids {
        queue.push(Event::DataChannel(*id));
        queue.forget(*id);
        assert!(queue.events.len() <= 1 && queue.incoming.is_empty());
    }
    assert_eq!(queue.pop(), None);
    queue.push(Event::DataChannel(ids[0]));
    queue.push(Event::DataChannel(ids[1]));
    queue.forget(ids[0]);
    assert_eq!(drain(&mut queue), [Event::DataChannel(ids[1])]);
}
