//! Flow control: the receiver's window, the sender's buffer.

use patchcord_sctp::chunk::{Chunk, Data};
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Config, Event, SendError, SendOptions, StreamId};
use sansio::Machine;
use testkit::LinkConfig;

use crate::support::{Puppet, connected_with, data, ms, payload, read_all};

const S: StreamId = StreamId(1);

#[test]
fn a_reader_that_sleeps_stops_the_sender_and_wakes_it_by_reading() {
    let config = Config {
        receive_window: 100_000,
        max_incoming_message_size: 50_000,
        send_buffer: 100_000,
        ..Config::default()
    };
    let mut pair = connected_with(config, LinkConfig::delayed(ms(20)), 1);
    let (mut sent, mut received) = (0, 0);
    let fill = |pair: &mut crate::support::Sctp, sent: &mut u32| {
        while pair.a.send(pair.now, S, payload(*sent, 10_000), SendOptions::default()).is_ok() {
            *sent += 1;
        }
    };
    for _ in 0..20 {
        fill(&mut pair, &mut sent);
        pair.run_for(ms(1000));
    }
    assert!(sent <= 21, "window and buffer are full after {sent} messages");
    // Nothing is lost over a long sleep, and nobody gives up.
    pair.run_for(ms(600_000));
    assert!(!pair.a_events.iter().any(|e| matches!(e, Event::Closed(_))));
    assert!(pair.a_to_b.counters.sent < 400, "probes, not a flood");
    let woken = pair.now;
    while received < 100 {
        for (_, message) in read_all(pair.now, &mut pair.b) {
            assert_eq!(message.payload, payload(received, 10_000));
            received += 1;
        }
        fill(&mut pair, &mut sent);
        pair.run_for(ms(20));
    }
    // 1 MB in a window of 100 kB and 40 ms.
    assert!(pair.now - woken < ms(3000), "{:?}", pair.now - woken);
}

#[test]
fn memory_for_a_peer_that_ignores_the_window_is_bounded() {
    let config = Config { receive_window: 20_000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    let block = vec![7; 1000];
    for n in 0..1000 {
        // All but the first of each ten: gaps everywhere.
        if n % 10 != 0 {
            puppet.send(&[Chunk::Data(data(n, &block))]).unwrap();
        }
    }
    for n in 0..1000 {
        puppet.send(&[Chunk::Data(data(n, &block))]).unwrap();
    }
    let held: usize = puppet.read_all().iter().map(|(_, m)| m.payload.len()).sum();
    assert!(held <= 40_000, "{held}");
    assert!(puppet.sctp.counters().chunks_refused > 900);
}

#[test]
fn tiny_messages_close_the_window_too() {
    let config = Config { receive_window: 20_000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    for n in 0..10_000 {
        puppet.send(&[Chunk::Data(data(n, b"x"))]).unwrap();
        puppet.packets();
    }
    // All that was promised would fit if messages were nothing but payload.
    assert!(puppet.read_all().len() <= 30_000 / 65 + 1);
}

#[test]
fn a_full_window_still_takes_what_fills_a_gap() {
    let config = Config { receive_window: 20_000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    let block = vec![7; 1000];
    for n in 1..25 {
        puppet.send(&[Chunk::Data(data(n, &block))]).unwrap();
    }
    assert!(puppet.read_all().is_empty());
    puppet.send(&[Chunk::Data(data(0, &block))]).unwrap();
    assert!(puppet.read_all().len() >= 18);
}

#[test]
fn a_closed_window_is_probed_with_one_chunk() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 20_000));
    assert_eq!(puppet.receive().len(), 10);
    puppet.wait(ms(50));
    puppet.sack(10, 0, &[]).unwrap();
    assert_eq!(puppet.receive(), ["DATA"], "a probe");
    puppet.sack(10, 0, &[]).unwrap();
    // Answers keep it alive, for however long.
    for _ in 0..50 {
        puppet.wait(ms(10_000));
        assert_eq!(puppet.receive(), ["DATA"]);
        puppet.sack(10, 0, &[]).unwrap();
    }
    assert_eq!(puppet.events(), []);
    // The window opens: at once.
    puppet.sack(10, 100_000, &[]).unwrap();
    assert!(puppet.receive().len() >= 2);
}

#[test]
fn no_crumbs_for_a_small_window() {
    let mut puppet = Puppet::default();
    puppet.queue(payload(1, 20_000));
    puppet.packets();
    puppet.wait(ms(50));
    puppet.sack(9, 1160 + 500, &[]).unwrap();
    assert!(puppet.packets().is_empty(), "one is under way, 500 bytes are left");
    puppet.sack(10, 500, &[]).unwrap();
    assert_eq!(puppet.receive(), ["DATA"], "nothing is under way: a probe");
}

#[test]
fn reading_tells_the_sender_but_not_for_crumbs() {
    let config = Config { receive_window: 10_000, ..Config::default() };
    let mut puppet = Puppet::connected(config);
    let block = vec![7; 900];
    for n in 0..10 {
        puppet.send(&[Chunk::Data(data(n, &block))]).unwrap();
        puppet.packets();
    }
    for n in 0..10 {
        puppet.sctp.read(puppet.now, StreamId(0)).unwrap();
        let told = !puppet.packets().is_empty();
        // 964 bytes a message; a quarter of the window is 2500.
        assert_eq!(told, n == 2 || n == 5, "message {n}");
    }
}

#[test]
fn the_send_buffer_has_a_bound_and_tells_when_there_is_room() {
    let mut puppet = Puppet::connected(Config { send_buffer: 50_000, ..Config::default() });
    let options = SendOptions::default();
    let now = puppet.now;
    for _ in 0..5 {
        puppet.sctp.send(now, S, payload(1, 10_000), options).unwrap();
    }
    assert_eq!(
        puppet.sctp.send(now, S, payload(1, 1), options),
        Err(SendError::BufferFull { buffered: 50_000 })
    );
    assert_eq!(puppet.sctp.buffered_amount(S), 50_000);
    // Ten packets leave; the last fragment of a message shares one with the next message's first.
    assert_eq!(puppet.packets().len(), 10);
    let left = puppet.sctp.buffered_amount(S);
    assert!((50_000 - 10 * 1160..=50_000 - 10 * 1160 + 16).contains(&left), "{left}");
    assert_eq!(puppet.events(), []);
    let mut acked = 0;
    while puppet.sctp.buffered_amount(S) > 25_000 {
        assert_eq!(puppet.events(), []);
        acked += 1;
        puppet.sack(acked, 1 << 20, &[]).unwrap();
        puppet.packets();
    }
    assert_eq!(puppet.events(), [Event::Writable], "at half of it, once");
    assert!(puppet.sctp.send(now, S, payload(1, 1), options).is_ok());
}

#[test]
fn a_message_larger_than_the_buffer_is_taken_alone() {
    let mut puppet = Puppet::connected(Config { send_buffer: 1000, ..Config::default() });
    let options = SendOptions::default();
    assert!(puppet.sctp.send(puppet.now, S, payload(1, 5000), options).is_ok());
    assert!(puppet.sctp.send(puppet.now, S, payload(1, 1), options).is_err());
}

#[test]
fn the_low_threshold_is_reported_when_it_is_crossed() {
    let mut puppet = Puppet::default();
    puppet.sctp.set_buffered_amount_low_threshold(StreamId(0), 1000);
    puppet.queue(payload(1, 900));
    puppet.packets();
    assert_eq!(puppet.sctp.poll_event(), None, "it was not above");
    puppet.queue(payload(1, 900));
    puppet.queue(payload(1, 900));
    puppet.packets();
    assert_eq!(puppet.sctp.poll_event(), Some(Event::BufferedAmountLow(StreamId(0))));
    assert_eq!(puppet.sctp.poll_event(), None);
    assert_eq!(puppet.sctp.buffered_amount(StreamId(0)), 0);
}

#[test]
fn what_cannot_be_sent_is_refused_and_nothing_kept() {
    let mut puppet = Puppet::connected(Config { max_message_size: 1000, ..Config::default() });
    let (now, options) = (puppet.now, SendOptions::default());
    let sctp = &mut puppet.sctp;
    assert_eq!(sctp.send(now, S, payload(1, 0), options), Err(SendError::Empty));
    assert_eq!(
        sctp.send(now, S, payload(1, 1001), options),
        Err(SendError::TooLarge { size: 1001, max: 1000 })
    );
    let stream = StreamId(100);
    assert_eq!(
        sctp.send(now, stream, payload(1, 10), options),
        Err(SendError::NoSuchStream { stream, streams: 100 })
    );
    sctp.reset_streams(now, &[S]);
    assert_eq!(sctp.send(now, S, payload(1, 10), options), Err(SendError::Resetting(S)));
    assert_eq!(sctp.total_buffered_amount(), 0);
    sctp.abort(now, b"");
    assert_eq!(sctp.send(now, S, payload(1, 10), options), Err(SendError::Closed));
}

#[test]
fn streams_take_turns_message_by_message() {
    let mut puppet = Puppet::default();
    let options = SendOptions::default();
    for stream in [1, 2, 3] {
        for _ in 0..2 {
            puppet.sctp.send(puppet.now, StreamId(stream), payload(1, 500), options).unwrap();
        }
    }
    let mut order = Vec::new();
    for packet in puppet.packets() {
        for chunk in Packet::parse(&packet, Checksum::Verify).unwrap().chunks() {
            if let Ok(Chunk::Data(Data { stream, .. })) = chunk {
                order.push(stream.0);
            }
        }
    }
    assert_eq!(order, [1, 2, 3, 1, 2, 3]);
}

#[test]
fn the_window_grows_for_an_application_that_reads() {
    // What begins with 512 KiB would carry 42 Mbit/s over 100 ms.
    let link = LinkConfig {
        rate: Some(80_000_000),
        queue: Some(1_000_000),
        ..LinkConfig::delayed(ms(50))
    };
    let mut pair = connected_with(Config::default(), link, 1);
    let mut received = 0;
    pair.run_until(
        |p| {
            let message = payload(1, 60_000);
            while p.a.send(p.now, S, message.clone(), SendOptions::default()).is_ok() {}
            received += read_all(p.now, &mut p.b).len() * message.len();
            p.trace.clear();
            false
        },
        ms(4000),
    );
    // 40 MB pass in 4 s, and half a second is slow start.
    assert!(received > 31_500_000, "{received}");
}

#[test]
fn an_application_that_does_not_read_holds_two_messages() {
    let mut pair = connected_with(Config::default(), LinkConfig::delayed(ms(10)), 1);
    for _ in 0..40 {
        let _full = pair.a.send(pair.now, S, payload(1, 50_000), SendOptions::default());
        pair.run_for(ms(500));
    }
    let held: usize = read_all(pair.now, &mut pair.b).iter().map(|m| m.1.payload.len()).sum();
    assert!((450_000..=2 * (256 << 10)).contains(&held), "{held}");
}
