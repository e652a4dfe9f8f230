//! The end: SHUTDOWN (RFC 9260 §9.2) and ABORT (§9.1).

use patchcord_sctp::cause::{Cause, UserAbort};
use patchcord_sctp::chunk::{Chunk, Shutdown, ShutdownAck};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{CloseReason, Config, Discard, Event, SendError, SendOptions, StreamId};
use sansio::Machine;
use testkit::LinkConfig;

use crate::support::{Puppet, chunks, connected, data, ms, pair, payload, read_all, without_low};

const CLOSED: Event = Event::Closed(CloseReason::Shutdown);

#[test]
fn three_messages_end_it() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.run_for(ms(800));
    pair.a.shutdown(pair.now);
    pair.run_for(ms(60_000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "1.000000 a -> b SHUTDOWN\n\
         1.050000 a <- b SHUTDOWN ACK\n\
         1.100000 a -> b SHUTDOWN COMPLETE\n"
    );
    assert_eq!((pair.a_events.clone(), pair.b_events.clone()), (vec![CLOSED], vec![CLOSED]));
    assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None));
}

#[test]
fn all_that_was_taken_arrives_first_in_both_directions() {
    for seed in 0..50 {
        let link = LinkConfig { loss: 0.1, ..LinkConfig::delayed(ms(20)) };
        let mut pair = connected(link, seed);
        for n in 0..5 {
            let (options, id) = (SendOptions::default(), StreamId(1));
            pair.a.send(pair.now, id, payload(n, 20_000), options).unwrap();
            pair.b.send(pair.now, id, payload(n, 20_000), options).unwrap();
        }
        pair.a.shutdown(pair.now);
        let refused = pair.a.send(pair.now, StreamId(1), payload(9, 9), SendOptions::default());
        assert_eq!(refused, Err(SendError::Closed));
        let done = |p: &mut crate::support::Sctp| {
            let closed = |events: &[Event]| matches!(events.last(), Some(Event::Closed(_)));
            closed(&p.a_events) && closed(&p.b_events)
        };
        assert!(pair.run_until(done, ms(600_000)), "seed {seed}");
        assert_eq!(read_all(pair.now, &mut pair.a).len(), 5, "seed {seed}");
        assert_eq!(read_all(pair.now, &mut pair.b).len(), 5, "seed {seed}");
        assert_eq!(pair.a_events.last(), Some(&CLOSED));
    }
}

#[test]
fn both_sides_may_end_it_at_once() {
    for delay in 0..120 {
        let mut pair = connected(LinkConfig::delayed(ms(50)), delay);
        pair.a.shutdown(pair.now);
        pair.run_for(ms(delay));
        pair.b.shutdown(pair.now);
        pair.run_for(ms(1000));
        assert_eq!((&pair.a_events[..], &pair.b_events[..]), (&[CLOSED][..], &[CLOSED][..]));
    }
}

#[test]
fn each_lost_packet_of_the_end_is_sent_again() {
    // SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE.
    for lost in 0..3 {
        let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
        pair.a.shutdown(pair.now);
        match lost {
            0 => pair.a_to_b.drop_next(1),
            1 => pair.b_to_a.drop_next(1),
            _ => {
                pair.run_for(ms(60));
                pair.a_to_b.drop_next(1);
            }
        }
        pair.run_for(ms(5000));
        assert_eq!((&pair.a_events[..], &pair.b_events[..]), (&[CLOSED][..], &[CLOSED][..]));
    }
}

#[test]
fn a_peer_that_does_not_answer_is_given_up() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.a_to_b.drop_if(|_| true);
    pair.a.shutdown(pair.now);
    pair.run_for(ms(600_000));
    // T5 is shorter than ten retransmissions.
    assert_eq!(without_low(&pair.a_events), [Event::Closed(CloseReason::ShutdownTimeout)]);
    assert_eq!(pair.a.poll_timeout(), None);
}

#[test]
fn data_that_comes_after_shutdown_was_sent_counts() {
    let mut puppet = Puppet::default();
    puppet.sctp.shutdown(puppet.now);
    assert_eq!(puppet.receive(), ["SHUTDOWN"]);
    puppet.send(&[Chunk::Data(data(0, b"late"))]).unwrap();
    assert_eq!(puppet.receive(), ["SACK, SHUTDOWN"], "at once, §9.2");
    assert_eq!(puppet.read_all().len(), 1);
    puppet.send(&[Chunk::ShutdownAck(ShutdownAck)]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN COMPLETE"]);
    assert_eq!(puppet.events(), [Event::Readable(StreamId(0)), CLOSED]);
    // It was lost: the answer is still there, out of the blue (§8.4).
    puppet.send(&[Chunk::ShutdownAck(ShutdownAck)]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN COMPLETE"]);
}

#[test]
fn shutdown_acknowledges_data() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 2000));
    assert_eq!(puppet.receive(), ["DATA", "DATA"]);
    let shutdown = |n| Chunk::Shutdown(Shutdown { cumulative_tsn: n });
    puppet.send(&[shutdown(puppet.their_tsn)]).unwrap();
    assert!(puppet.packets().is_empty(), "one is outstanding");
    puppet.send(&[shutdown(puppet.their_tsn.next())]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN ACK"]);
    puppet.send(&[shutdown(puppet.their_tsn.next())]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN ACK"], "our answer was lost");
}

#[test]
fn messages_stay_readable_after_the_end() {
    let mut puppet = Puppet::default();
    puppet.send(&[Chunk::Data(data(0, b"last words"))]).unwrap();
    puppet.sctp.abort(puppet.now, b"");
    assert_eq!(&puppet.read_all()[0].1.payload[..], b"last words");
    assert_eq!(puppet.receive(), ["ABORT"], "reading sends nothing any more");
}

#[test]
fn abort_ends_both_sides_at_once_with_the_reason() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    pair.a.send(pair.now, StreamId(1), payload(1, 5000), SendOptions::default()).unwrap();
    pair.a.abort(pair.now, b"enough");
    assert!(pair.run_until(|p| !p.b_events.is_empty(), ms(1000)));
    assert_eq!(without_low(&pair.a_events), [Event::Closed(CloseReason::LocalAbort)]);
    let reason = CloseReason::RemoteAbort { cause: Some(12) };
    assert_eq!(without_low(&pair.b_events), [Event::Closed(reason)]);
    assert_eq!(pair.trace.ladder(chunks), "0.200000 a -> b ABORT\n");
    assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None));
}

#[test]
fn the_reason_is_cut_to_a_packet() {
    let mut puppet = Puppet::connected(Config { max_packet_size: 500, ..Config::default() });
    puppet.sctp.abort(puppet.now, &[b'x'; 5000]);
    let packets = puppet.packets();
    assert!(packets[0].len() <= 500);
    let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
    let Some(Ok(Chunk::Abort(abort))) = packet.chunks().next() else { panic!() };
    let Some(Cause::UserAbort(UserAbort { reason })) = abort.causes.iter().next() else { panic!() };
    assert!(reason.len() > 400);
}

#[test]
fn an_association_that_does_not_stand_ends_at_once() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.run_for(ms(120));
    pair.a.shutdown(pair.now);
    pair.run_for(ms(1000));
    assert_eq!(without_low(&pair.a_events), [Event::Closed(CloseReason::LocalAbort)]);
    let reason = CloseReason::RemoteAbort { cause: Some(12) };
    assert_eq!(without_low(&pair.b_events), [Event::Connected, Event::Closed(reason)]);
}

#[test]
fn shutdown_ack_out_of_place_is_ignored() {
    let mut puppet = Puppet::default();
    let result = puppet.send(&[Chunk::ShutdownAck(ShutdownAck)]);
    assert_eq!(result, Err(Discard::Unexpected));
    assert_eq!(puppet.events(), []);
}
