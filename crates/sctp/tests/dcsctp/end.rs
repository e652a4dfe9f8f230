//! The end of an association, RFC 9260 §9: gracefully or at once, from either side.

use core::time::Duration;

use dcsctp::api::{Options, SocketState};
use patchcord_sctp::{CloseReason, Config, Event, Status};
use testkit::LinkConfig;

use crate::support::{
    EITHER, Mixed, Who, connected, connected_by, ms, on_time, ordered, our_events, payload,
    read_from, send, their_events, without_strays,
};

fn shutdown(pair: &mut Mixed, who: Who) {
    match who {
        Who::Ours => pair.a.shutdown(pair.now),
        Who::Theirs => on_time(pair).shutdown(),
    }
}

fn is_over(pair: &mut Mixed) -> bool {
    pair.a.status() == Status::Ended && pair.b.socket.state() == SocketState::Closed
}

#[test]
fn a_shutdown_waits_for_what_was_sent() {
    let bad = LinkConfig { loss: 0.05, ..LinkConfig::delayed(ms(20)) };
    for who in EITHER {
        for (link, seed) in [(LinkConfig::delayed(ms(20)), 1), (bad, 2), (bad, 3)] {
            let mut pair = connected(Config::default(), &Options::default(), link, (who, seed));
            // dcsctp is done as soon as nothing is in flight, whatever waits to be sent, or sent
            // again: its message is one packet.
            let messages = [(Who::Ours, payload(1, 100_000)), (Who::Theirs, payload(2, 1000))];
            for (sender, payload) in &messages {
                send(&mut pair, *sender, &ordered(1, payload));
            }
            shutdown(&mut pair, who);
            let mut arrived = [Vec::new(), Vec::new()];
            let done = |pair: &mut Mixed| {
                // dcsctp forgets what is unread when it is over.
                for (sender, arrived) in EITHER.into_iter().zip(&mut arrived) {
                    arrived.extend(read_from(pair, sender));
                }
                is_over(pair)
            };
            assert!(pair.run_until(done, Duration::from_secs(60)), "{who:?} {seed}");
            pair.run_for(Duration::from_secs(5));
            for ((sender, payload), arrived) in messages.into_iter().zip(arrived) {
                assert!(arrived == [(1, 53, payload)], "{who:?} {seed}: from {sender:?}");
            }
            assert_eq!(our_events(&pair), [Event::Closed(CloseReason::Shutdown)], "{who:?} {seed}");
            // Our last SACK shares a packet with SHUTDOWN, and dcsctp answers both. Its second
            // SHUTDOWN ACK comes when we have forgotten the association, and is a stranger's to us.
            let theirs = without_strays(their_events(&pair));
            assert_eq!(theirs, ["OnClosed"], "{who:?} {seed}");
        }
    }
}

#[test]
fn both_sides_shut_down_at_once() {
    let mut pair = connected_by(Who::Ours);
    for who in EITHER {
        shutdown(&mut pair, who);
    }
    assert!(pair.run_until(is_over, Duration::from_secs(10)));
    pair.next_event();
    assert_eq!(our_events(&pair), [Event::Closed(CloseReason::Shutdown)]);
    assert_eq!(their_events(&pair), ["OnClosed"]);
}

#[test]
fn our_abort_is_heard_with_its_reason() {
    let mut pair = connected_by(Who::Ours);
    pair.a.abort(pair.now, b"no more of this");
    pair.run_for(ms(100));
    assert!(is_over(&mut pair));
    assert_eq!(our_events(&pair), [Event::Closed(CloseReason::LocalAbort)]);
    let theirs = their_events(&pair);
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    assert!(theirs[0].starts_with("OnAborted(PeerReported"), "{theirs:?}");
    assert!(theirs[0].contains("no more of this"), "{theirs:?}");
}

#[test]
fn their_abort_is_heard_with_its_cause() {
    let mut pair = connected_by(Who::Ours);
    on_time(&mut pair).close();
    pair.run_for(ms(100));
    assert!(is_over(&mut pair));
    // User-Initiated Abort, RFC 9260 §3.3.10.12.
    let reason = CloseReason::RemoteAbort { cause: Some(12) };
    assert_eq!(our_events(&pair), [Event::Closed(reason)]);
}
