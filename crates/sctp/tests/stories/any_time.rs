//! What one side does, the other may meet in any state: each story is told once for each moment.

use patchcord_sctp::{CloseReason, Config, Event, SendOptions, Status, StreamId};
use testkit::LinkConfig;

use crate::snap::snapped;
use crate::support::{Sctp, association, ms, pair, payload, read_all};

const S: StreamId = StreamId(1);

fn link() -> LinkConfig {
    LinkConfig::delayed(ms(50))
}

fn send(pair: &mut Sctp, len: usize) {
    pair.a.send(pair.now, S, payload(1, len), SendOptions::default()).unwrap();
    pair.b.send(pair.now, S, payload(2, len), SendOptions::default()).unwrap();
}

/// It stands, or it is over, on both sides; and nothing is left to wait for if it is over.
fn is_settled(pair: &Sctp) -> bool {
    matches!(
        (pair.a.status(), pair.b.status()),
        (Status::Connected, Status::Connected)
            // Who waits for others to begin needs nobody.
            | (Status::Ended, Status::Ended | Status::Closed)
            | (Status::Closed, Status::Ended)
    )
}

/// States from Established to the last word, on both sides and in any combination.
#[test]
fn both_sides_may_end_it_at_any_time() {
    for (delay, signalled) in (0..400).step_by(5).flat_map(|d| [(d, false), (d, true)]) {
        let mut pair = if signalled {
            snapped(&Config::default(), link(), delay)
        } else {
            let mut pair = pair(link(), delay);
            pair.a.connect(pair.now);
            pair
        };
        pair.run_for(ms(500));
        send(&mut pair, 20_000);
        pair.a.shutdown(pair.now);
        pair.run_for(ms(delay));
        pair.b.shutdown(pair.now);
        pair.run_for(ms(60_000));
        let closed = Some(&Event::Closed(CloseReason::Shutdown));
        assert_eq!((pair.a_events.last(), pair.b_events.last()), (closed, closed), "{delay} ms");
        let (at_a, at_b) = (read_all(pair.now, &mut pair.a), read_all(pair.now, &mut pair.b));
        assert_eq!((at_a.len(), at_b.len()), (1, 1), "{delay} ms: everything taken arrives");
    }
}

/// The other side is replaced by one that remembers nothing and begins, while the association is set
/// up, stands, and is shut down.
#[test]
fn the_other_side_may_lose_its_memory_at_any_time() {
    for (at, ends) in (0..900).step_by(10).flat_map(|at| [(at, false), (at, true)]) {
        let mut pair = pair(link(), at);
        pair.a.connect(pair.now);
        let mut now = 0;
        for (then, step) in [(300, 0), (600, 1)] {
            if at < then {
                break;
            }
            pair.run_for(ms(then - now));
            now = then;
            match step {
                0 => send(&mut pair, 20_000),
                _ if ends => pair.a.shutdown(pair.now),
                _ => {}
            }
        }
        pair.run_for(ms(at - now));
        pair.b = association(Config::default(), at + 1000);
        pair.b.connect(pair.now);
        pair.b_events.clear();
        pair.run_for(ms(200_000));
        let states = (pair.a.status(), pair.b.status());
        assert!(is_settled(&pair), "at {at} ms: {states:?}");
        if states == (Status::Connected, Status::Connected) {
            read_all(pair.now, &mut pair.a);
            send(&mut pair, 3000);
            pair.run_for(ms(5000));
            assert_eq!(read_all(pair.now, &mut pair.a).len(), 1, "at {at} ms");
            assert!(!read_all(pair.now, &mut pair.b).is_empty(), "at {at} ms");
        }
    }
}

/// An ABORT, too, may come in any state, and ends it.
#[test]
fn one_side_may_give_up_at_any_time() {
    for (at, by_a) in (0..900).step_by(10).flat_map(|at| [(at, false), (at, true)]) {
        let mut pair = pair(link(), at);
        pair.a.connect(pair.now);
        pair.b.connect(pair.now);
        pair.run_for(ms(at.min(300)));
        if at >= 300 {
            send(&mut pair, 20_000);
            pair.run_for(ms(at.min(600) - 300));
        }
        if at >= 600 {
            pair.a.shutdown(pair.now);
            pair.run_for(ms(at - 600));
        }
        let now = pair.now;
        match by_a {
            true => pair.a.abort(now, b"enough"),
            false => pair.b.abort(now, b"enough"),
        }
        pair.run_for(ms(200_000));
        let states = (pair.a.status(), pair.b.status());
        assert_eq!(states, (Status::Ended, Status::Ended), "at {at} ms");
    }
}
