//! Application data that overtakes the end of the handshake.

use patchcord_dtls::{CloseReason, Config, Connection, Discard, HashFunction, Role, Versions};
use sansio::Instant;
use testkit::SeededRng;

use crate::support::{certificates, config, connection, flight, is_connected, opened, sealed};

const NOW: Instant = Instant::ZERO;

/// Who is connected already, who is not yet, and the datagrams that would connect it.
struct Almost {
    first: Connection,
    second: Connection,
    end: Vec<Vec<u8>>,
}

fn carry(from: &mut Connection, to: &mut Connection) {
    flight(from).iter().for_each(|one| _ = opened(to, NOW, one));
}

/// In DTLS 1.3 the client is connected first, in 1.2 the server.
fn almost(versions: Versions, client: &Config, server: &Config) -> Almost {
    let mut client = connection(client, Role::Client, 1);
    let mut server = connection(server, Role::Server, 2);
    carry(&mut client, &mut server);
    carry(&mut server, &mut client);
    let (mut first, second) = if versions == Versions::Dtls12 {
        carry(&mut client, &mut server);
        (server, client)
    } else {
        (client, server)
    };
    let end = flight(&mut first);
    assert!(is_connected(&first) && !is_connected(&second));
    Almost { first, second, end }
}

fn almost_connected(versions: Versions) -> Almost {
    almost(versions, &config(Role::Client, versions), &config(Role::Server, versions))
}

#[test]
fn it_waits_for_the_handshake() {
    for versions in [Versions::Dtls12, Versions::Dtls13] {
        let Almost { mut first, mut second, end } = almost_connected(versions);
        let records = [b"1", b"2", b"3"].map(|text| sealed(&mut first, text));
        // All in one datagram, out of order, one twice and one damaged.
        let mut damaged = records[2].clone();
        *damaged.last_mut().expect("a tag") ^= 1;
        let datagram =
            [&records[1], &damaged, &records[0], &records[1]].map(|one| &one[..]).concat();
        assert_eq!(opened(&mut second, NOW, &datagram), vec![Ok(None); 4]);
        assert_eq!((second.poll_data(), second.counters().opened), (None, 0));
        for datagram in &end {
            opened(&mut second, NOW, datagram);
        }
        assert!(is_connected(&second), "{versions:?}");
        let data = [second.poll_data(), second.poll_data(), second.poll_data()];
        assert_eq!(data, [Some(b"2".to_vec()), Some(b"1".to_vec()), None]);
        assert_eq!((second.counters().opened, second.counters().rejected), (2, 2));
        assert_eq!(opened(&mut second, NOW, &records[2]), [Ok(Some(b"3".to_vec()))]);
    }
}

#[test]
fn it_may_ride_in_front_of_the_end_of_the_handshake() {
    let Almost { mut first, mut second, end } = almost_connected(Versions::Dtls13);
    let datagram = [sealed(&mut first, b"early"), end.concat()].concat();
    assert!(opened(&mut second, NOW, &datagram).iter().all(Result::is_ok));
    assert!(is_connected(&second));
    assert_eq!(second.poll_data(), Some(b"early".to_vec()));
}

#[test]
fn it_is_bounded() {
    for (versions, size, fits) in
        [(Versions::Dtls12, 1, 16), (Versions::Dtls13, 1, 16), (Versions::Dtls13, 10_000, 3)]
    {
        let Almost { mut first, mut second, end } = almost_connected(versions);
        for n in 0..100 {
            let record = sealed(&mut first, &vec![n; size]);
            let outcome = if n < fits { Ok(None) } else { Err(Discard::Early) };
            assert_eq!(opened(&mut second, NOW, &record), [outcome], "{versions:?} {n}");
        }
        assert_eq!(second.counters().early, u64::from(100 - fits));
        for datagram in &end {
            opened(&mut second, NOW, datagram);
        }
        let count = core::iter::from_fn(|| second.poll_data()).count();
        assert_eq!(count, usize::from(fits));
        let (mut client, mut server) = (first, second);
        carry(&mut server, &mut client);
        let text = sealed(&mut client, b"goes on");
        assert_eq!(opened(&mut server, NOW, &text), [Ok(Some(b"goes on".to_vec()))]);
    }
}

#[test]
fn it_does_not_count_if_the_other_side_is_somebody_else() {
    let [_, server, stranger] = certificates();
    let mut client = {
        let config = Config::new(stranger.clone());
        let expected = vec![server.fingerprint(HashFunction::Sha256)];
        Connection::new(NOW, &config, Role::Client, expected, SeededRng::boxed(1)).expect("valid")
    };
    let mut server = connection(&config(Role::Server, Versions::Both), Role::Server, 2);
    carry(&mut client, &mut server);
    carry(&mut server, &mut client);
    let end = flight(&mut client);
    assert_eq!(opened(&mut server, NOW, &sealed(&mut client, b"trust me")), [Ok(None)]);
    end.iter().for_each(|one| _ = opened(&mut server, NOW, one));
    let reason = server.close_reason();
    assert!(matches!(reason, Some(CloseReason::FingerprintMismatch { .. })), "{reason:?}");
    assert_eq!((server.poll_data(), server.counters().opened), (None, 0));
}
