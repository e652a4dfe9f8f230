//! Two ends and what joins them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use patchcord_dtls::{Certificate, Config, Connection, Event, HashFunction, Role, Versions};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, Pair, SeededRng};

/// The client is `a`, the server `b`.
pub(crate) type Ends = Pair<Connection, Connection>;

/// A certificate for the client, one for the server, one for somebody else.
pub(crate) fn certificates() -> &'static [Arc<Certificate>; 3] {
    static MADE: OnceLock<[Arc<Certificate>; 3]> = OnceLock::new();
    MADE.get_or_init(|| [(); 3].map(|()| Arc::new(Certificate::generate().expect("made"))))
}

pub(crate) fn config(role: Role, versions: Versions) -> Config {
    let [client, server, _] = certificates();
    let own = if role == Role::Client { client } else { server };
    let retransmit_initial = Duration::from_millis(100);
    Config { versions, retransmit_initial, ..Config::new(Arc::clone(own)) }
}

/// A connection that expects the other of the two certificates.
pub(crate) fn connection(config: &Config, role: Role, seed: u64) -> Connection {
    let [client, server, _] = certificates();
    let other = if role == Role::Client { server } else { client };
    let expected = vec![other.fingerprint(HashFunction::Sha256)];
    Connection::new(Instant::ZERO, config, role, expected, SeededRng::boxed(seed)).expect("valid")
}

pub(crate) fn pair(versions: [Versions; 2], link: LinkConfig, seed: u64) -> Ends {
    let [client, server] = versions;
    let client = connection(&config(Role::Client, client), Role::Client, seed);
    let server = connection(&config(Role::Server, server), Role::Server, !seed);
    Pair::new(client, server, link, seed)
}

pub(crate) fn is_connected(connection: &Connection) -> bool {
    connection.state() == patchcord_dtls::State::Connected
}

/// Lets time pass until both ends are connected.
pub(crate) fn connect(pair: &mut Ends) -> bool {
    let both = |pair: &mut Ends| is_connected(&pair.a) && is_connected(&pair.b);
    pair.run_until(both, Duration::from_secs(30))
}

/// Both ends connected, nothing under way.
pub(crate) fn connected(versions: Versions) -> Ends {
    let mut pair = pair([versions; 2], LinkConfig::default(), 1);
    assert!(connect(&mut pair));
    pair.run_for(Duration::from_secs(1));
    assert!(matches!(pair.a_events[..], [Event::Connected { .. }]));
    assert!(matches!(pair.b_events[..], [Event::Connected { .. }]));
    pair
}

/// Everything that an end has to say, a datagram each.
pub(crate) fn flight(end: &mut Connection) -> Vec<Vec<u8>> {
    flight_at(end, Instant::ZERO)
}

pub(crate) fn flight_at(end: &mut Connection, now: Instant) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let mut datagram = Vec::new();
        if end.poll_transmit(now, &mut datagram).is_none() {
            return all;
        }
        all.push(datagram);
    }
}

/// The record of `plaintext`.
pub(crate) fn sealed(connection: &mut Connection, plaintext: &[u8]) -> Vec<u8> {
    let mut buf = vec![0; connection.head_room()];
    buf.extend_from_slice(plaintext);
    connection.seal(&mut buf, 0).expect("sealed");
    buf
}

/// Opens all records of a datagram; what each was.
pub(crate) fn opened(
    connection: &mut Connection,
    now: Instant,
    datagram: &[u8],
) -> Vec<Result<Option<Vec<u8>>, patchcord_dtls::Discard>> {
    let mut datagram = datagram.to_vec();
    let mut rest = &mut datagram[..];
    let mut all = Vec::new();
    while !rest.is_empty() {
        let record = connection.open(now, &mut rest);
        all.push(record.map(|plaintext| plaintext.map(|bytes| bytes.to_vec())));
    }
    all
}

/// One message each way.
pub(crate) fn exchange(pair: &mut Ends) {
    let now = pair.now;
    for text in [&b"from client"[..], b""] {
        let record = sealed(&mut pair.a, text);
        assert_eq!(opened(&mut pair.b, now, &record), [Ok(Some(text.to_vec()))]);
        let record = sealed(&mut pair.b, text);
        assert_eq!(opened(&mut pair.a, now, &record), [Ok(Some(text.to_vec()))]);
    }
}
