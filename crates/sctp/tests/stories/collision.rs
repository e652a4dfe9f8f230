//! INIT and COOKIE ECHO while there is an association, RFC 9260 §5.2.

use patchcord_sctp::chunk::{Chunk, CookieEcho, Init};
use patchcord_sctp::{Config, Discard, Event, SendOptions, StreamId, Tag, Tsn};
use testkit::LinkConfig;

use crate::support::{
    Puppet, association, connected, data, init, ms, payload, read_all, without_low,
};

#[test]
fn a_peer_that_lost_its_memory_begins_anew() {
    let mut pair = connected(LinkConfig::delayed(ms(50)), 1);
    let options = SendOptions::default();
    for n in 0..3 {
        pair.a.send(pair.now, StreamId(1), payload(n, 100), options).unwrap();
        pair.b.send(pair.now, StreamId(1), payload(10 + n, 100), options).unwrap();
    }
    pair.run_for(ms(1000));
    // b restarts; what a has not read stays.
    pair.b = association(Config::default(), 99);
    pair.b.connect(pair.now);
    pair.run_for(ms(1000));
    assert_eq!(without_low(&pair.a_events), [Event::Readable(StreamId(1)), Event::Restarted]);
    assert_eq!(without_low(&pair.b_events), [Event::Readable(StreamId(1)), Event::Connected]);
    pair.a.send(pair.now, StreamId(1), payload(3, 100), options).unwrap();
    pair.b.send(pair.now, StreamId(1), payload(20, 100), options).unwrap();
    pair.run_for(ms(1000));
    let numbers = |messages: Vec<(StreamId, patchcord_sctp::Message)>| {
        messages.iter().map(|(_, m)| m.payload[3]).collect::<Vec<_>>()
    };
    assert_eq!(numbers(read_all(pair.now, &mut pair.a)), [10, 11, 12, 20]);
    assert_eq!(numbers(read_all(pair.now, &mut pair.b)), [3]);
}

#[test]
fn an_unexpected_init_changes_nothing_until_its_cookie_returns() {
    let mut puppet = Puppet::default();
    let (tag, tsn) = (puppet.tag, puppet.their_tsn);
    let restarted = Init { tag: Tag(77), initial_tsn: Tsn(5000), ..init(&[]) };
    let cookie = puppet.init(&restarted);
    assert_ne!(puppet.tag, tag, "a tag of its own, §5.2.2");
    assert_ne!(puppet.their_tsn, tsn);
    // The old association goes on.
    puppet.send_tagged(tag, &[Chunk::Data(data(0, b"old"))]).unwrap();
    assert_eq!(&puppet.read_all()[0].1.payload[..], b"old");
    puppet.events();
    // The new one takes over.
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
    assert_eq!(puppet.events(), [Event::Restarted]);
    let again = patchcord_sctp::chunk::Data { tsn: Tsn(5000), ..data(0, b"new") };
    puppet.send(&[Chunk::Data(again)]).unwrap();
    assert_eq!(&puppet.read_all()[0].1.payload[..], b"new");
    let old = puppet.send_tagged(tag, &[Chunk::Data(data(1, b"old"))]);
    assert_eq!(old, Err(Discard::VerificationTag { found: tag }));
}

#[test]
fn the_cookie_of_an_old_restart_is_worth_nothing() {
    let mut puppet = Puppet::default();
    let first = puppet.init(&Init { tag: Tag(77), ..init(&[]) });
    let first_tag = puppet.tag;
    let second = puppet.init(&Init { tag: Tag(88), ..init(&[]) });
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &second })]).unwrap();
    assert_eq!(puppet.events(), [Event::Restarted]);
    let echo = Chunk::CookieEcho(CookieEcho { cookie: &first });
    assert_eq!(puppet.send_tagged(first_tag, &[echo]), Err(Discard::Unexpected));
    // The one that counted may come twice: its COOKIE ACK was lost (D).
    puppet.receive();
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &second })]).unwrap();
    assert_eq!(puppet.receive(), ["COOKIE ACK"]);
    assert_eq!(puppet.events(), []);
}

#[test]
fn a_cookie_from_before_the_association_is_late() {
    let mut puppet = Puppet::new(Config::default());
    let cookie = puppet.init(&init(&[]));
    let late = puppet.init(&Init { tag: Tag(99), ..init(&[]) });
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
    puppet.events();
    // Same local tag, other remote tag: RFC 9260 §5.2.4 B, the set-up of the same peer.
    puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &late })]).unwrap();
    assert_eq!(puppet.events(), []);
}

#[test]
fn no_restart_when_the_end_is_near() {
    use patchcord_sctp::chunk::Shutdown;
    let mut puppet = Puppet::default();
    let cookie = puppet.init(&Init { tag: Tag(77), ..init(&[]) });
    let new_tag = puppet.tag;
    puppet.tag = Tag(0);
    let mut puppet = {
        // The association's own tag, as it was.
        let mut fresh = Puppet::default();
        fresh.sctp = puppet.sctp;
        fresh
    };
    let cumulative_tsn = puppet.their_tsn.previous();
    puppet.send(&[Chunk::Shutdown(Shutdown { cumulative_tsn })]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN ACK"]);
    let echo = Chunk::CookieEcho(CookieEcho { cookie: &cookie });
    puppet.send_tagged(new_tag, &[echo]).unwrap();
    assert_eq!(puppet.receive(), ["ERROR, SHUTDOWN ACK"]);
    // And INIT gets the same answer, §9.2.
    puppet.send_tagged(Tag(0), &[Chunk::Init(init(&[]))]).unwrap();
    assert_eq!(puppet.receive(), ["SHUTDOWN ACK"]);
}
