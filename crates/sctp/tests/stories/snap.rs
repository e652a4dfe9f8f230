//! Associations whose INITs were carried by signalling, draft-hancke-tsvwg-snap.

use patchcord_sctp::chunk::Chunk;
use patchcord_sctp::{
    Association, Config, Event, InitToken, InitTokens, ParseError, SendOptions, Status, StreamId,
    TokenError, Violation,
};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, Pair, SeededRng};

use crate::support::{Sctp, chunks, data, init, ms, payload, read_all, without_low};

/// The example of the draft's §4.1.
const EXAMPLE: [u8; 30] = [
    0x01, 0x00, 0x00, 0x1e, 0x89, 0x6c, 0xdd, 0x1d, 0x00, 0x50, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
    0xe0, 0x79, 0x65, 0x1d, 0xc0, 0x00, 0x00, 0x04, 0x80, 0x08, 0x00, 0x06, 0x82, 0xc0,
];

fn token(config: &Config, seed: u64) -> InitToken {
    InitToken::new(config, &mut SeededRng::new(seed))
}

fn with_tokens(config: &Config, ours: &InitToken, theirs: &InitToken, seed: u64) -> Association {
    let rng = Box::new(SeededRng::new(seed));
    Association::with_tokens(Instant::ZERO, config.clone(), InitTokens { ours, theirs }, rng)
}

/// Two associations that stand.
pub(crate) fn snapped(config: &Config, link: LinkConfig, seed: u64) -> Sctp {
    let [a, b] = [1, 2].map(|n| token(config, seed ^ n << 40));
    let a_end = with_tokens(config, &a, &b, seed ^ 0xa);
    let b_end = with_tokens(config, &b, &a, seed ^ 0xb << 32);
    Pair::new(a_end, b_end, link, seed)
}

#[test]
fn messages_travel_at_once_both_ways() {
    let mut pair = snapped(&Config::default(), LinkConfig::delayed(ms(50)), 1);
    assert_eq!((pair.a.status(), pair.b.status()), (Status::Connected, Status::Connected));
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.b.send(pair.now, StreamId(2), payload(2, 100), SendOptions::default()).unwrap();
    assert!(pair.run_until(|p| p.a.readable().is_some() && p.b.readable().is_some(), ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(50));
    assert_eq!(read_all(pair.now, &mut pair.b)[0].1.payload, payload(1, 100));
    assert_eq!(read_all(pair.now, &mut pair.a)[0].1.payload, payload(2, 100));
    pair.run_for(ms(1000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b I-DATA\n\
         0.000000 a <- b I-DATA\n\
         0.050000 a -> b SACK\n\
         0.050000 a <- b SACK\n"
    );
    assert_eq!(without_low(&pair.a_events), [Event::Connected, Event::Readable(StreamId(2))]);
    assert_eq!(without_low(&pair.b_events), [Event::Connected, Event::Readable(StreamId(1))]);
}

#[test]
fn streams_are_reset_as_in_any_association() {
    let mut pair = snapped(&Config::default(), LinkConfig::delayed(ms(50)), 2);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    pair.a.reset_streams(pair.now, &[StreamId(1)]);
    pair.run_for(ms(1000));
    assert!(pair.a_events.contains(&Event::OutgoingStreamReset(StreamId(1))));
    assert!(pair.b_events.contains(&Event::IncomingStreamReset(StreamId(1))));
}

#[test]
fn it_ends_gracefully() {
    let mut pair = snapped(&Config::default(), LinkConfig::delayed(ms(50)), 3);
    pair.a.shutdown(pair.now);
    pair.run_for(ms(1000));
    assert_eq!((pair.a.status(), pair.b.status()), (Status::Ended, Status::Ended));
}

#[test]
fn a_lost_first_packet_is_sent_again() {
    let mut pair = snapped(&Config::default(), LinkConfig::delayed(ms(50)), 4);
    pair.a_to_b.drop_next(1);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(5000)));
    assert_eq!(pair.now, Instant::from_millis(1050), "T3, since no round trip is known");
}

#[test]
fn the_smaller_number_of_streams_counts() {
    let few = Config { outbound_streams: 7, inbound_streams: 9, ..Config::default() };
    let many = Config { outbound_streams: 20, inbound_streams: 8, ..Config::default() };
    let (ours, theirs) = (token(&few, 1), token(&many, 2));
    assert_eq!(with_tokens(&few, &ours, &theirs, 3).streams(), (7, 9));
    assert_eq!(with_tokens(&many, &theirs, &ours, 3).streams(), (9, 7));
}

#[test]
fn extensions_that_the_other_side_does_not_name_are_not_used() {
    let config = Config::default();
    let ours = token(&config, 1);
    let mut bare = Vec::new();
    Chunk::Init(init(&[])).write(&mut bare);
    let theirs = InitToken::parse(&bare).unwrap();
    let mut association = with_tokens(&config, &ours, &theirs, 3);
    association.reset_streams(Instant::ZERO, &[StreamId(1)]);
    let events: Vec<_> = core::iter::from_fn(|| association.poll_event()).collect();
    assert_eq!(events, [Event::Connected, Event::OutgoingStreamResetFailed(StreamId(1))]);
}

/// The other side fell back to the ordinary set-up: it is met.
#[test]
fn an_init_over_the_wire_restarts_the_association() {
    let config = Config::default();
    let mut pair = snapped(&config, LinkConfig::delayed(ms(50)), 5);
    pair.b = crate::support::association(config, 99);
    pair.b.connect(pair.now);
    pair.run_for(ms(1000));
    assert_eq!(pair.a_events, [Event::Connected, Event::Restarted]);
    assert_eq!((pair.a.status(), pair.b.status()), (Status::Connected, Status::Connected));
}

#[test]
fn the_example_of_the_draft_is_a_token() {
    let theirs = InitToken::parse(&EXAMPLE).unwrap();
    assert_eq!(theirs.as_bytes(), EXAMPLE);
    let config = Config { interleaving: false, ..Config::default() };
    let ours = token(&config, 1);
    let association = with_tokens(&config, &ours, &theirs, 2);
    assert_eq!(association.streams(), (65_535, 65_535));
    // Ours has the same capabilities, in as many bytes.
    assert_eq!(ours.as_bytes()[20..], EXAMPLE[20..]);
    assert_eq!(InitToken::parse(ours.as_bytes()).as_ref(), Ok(&ours));
}

#[test]
fn what_is_no_init_is_no_token() {
    let write = |chunks: &[Chunk<'_>]| {
        let mut bytes = Vec::new();
        for chunk in chunks {
            chunk.write(&mut bytes);
        }
        bytes
    };
    let good = init(&[]);
    let (one, other) = (Chunk::Init(good), Chunk::Data(data(0, b"x")));
    for (bytes, error) in [
        (vec![], TokenError::NotInit { len: 0 }),
        (vec![1], ParseError::Truncated { needed: 2, had: 1 }.into()),
        (EXAMPLE[..29].to_vec(), ParseError::BadLength { kind: 256, length: 30 }.into()),
        (write(&[other]), TokenError::NotInit { len: 20 }),
        (write(&[one, other]), TokenError::NotInit { len: 40 }),
        (write(&[one, one]), TokenError::NotInit { len: 40 }),
        (
            write(&[Chunk::Init(patchcord_sctp::chunk::Init { outbound_streams: 0, ..good })]),
            Violation::InvalidInit.into(),
        ),
    ] {
        assert_eq!(InitToken::parse(&bytes), Err(error), "{bytes:02x?}");
    }
}

#[test]
fn no_two_tokens_are_equal() {
    let (config, mut rng) = (Config::default(), SeededRng::new(1));
    let tokens = [(); 2].map(|()| InitToken::new(&config, &mut rng));
    assert_ne!(tokens[0], tokens[1]);
}
