use stun::{IntegrityKey, MessageBuilder, Method, TransactionId};

use super::*;

const A: Key = Key::new(0);
const B: Key = Key::new(1);
const MAIN: Lane = Lane(0);

fn remote(n: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], n))
}

fn mux() -> Mux {
    let mut mux = Mux::new(7, 4);
    mux.add_names(A, ["aaaa"].into_iter());
    mux.add_names(B, ["bbbb"].into_iter());
    mux
}

fn id(n: u8) -> TransactionId {
    TransactionId::from([n; 12])
}

fn request(n: u8, username: &str) -> Vec<u8> {
    let mut out = Vec::new();
    MessageBuilder::request(&mut out, Method::BINDING, id(n))
        .attribute(&Username::new(username).unwrap())
        .integrity(&IntegrityKey::short_term("secret"))
        .fingerprint();
    out
}

fn response(n: u8) -> Vec<u8> {
    let (bytes, mut out) = (request(n, "x:y"), Vec::new());
    MessageBuilder::success(&mut out, &Message::parse(&bytes).unwrap())
        .integrity(&IntegrityKey::short_term("secret"))
        .fingerprint();
    out
}

const DTLS: &[u8] = &[22, 0xfe, 0xfd, 0, 0];

#[test]
fn a_request_finds_its_peer_by_our_half_of_the_username() {
    let mux = mux();
    assert_eq!(mux.find(MAIN, remote(1), &request(1, "bbbb:them")), Some(B));
    for stranger in ["cccc:them", "them:bbbb", "bbbb", ":bbbb", ""] {
        assert_eq!(mux.find(MAIN, remote(1), &request(1, stranger)), None, "{stranger}");
    }
}

#[test]
fn a_response_finds_who_asked() {
    let mut mux = mux();
    mux.lane(B, remote(1)).unwrap();
    mux.sent(Instant::ZERO, B, &request(9, "them:bbbb"));
    assert_eq!(mux.find(MAIN, remote(1), &response(9)), Some(B));
    assert_eq!(mux.find(MAIN, remote(2), &response(9)), None, "from where nobody was asked");
    assert_eq!(mux.find(MAIN, remote(3), &response(8)), None);
}

#[test]
fn what_is_not_stun_goes_by_its_path() {
    let mut mux = mux();
    assert_eq!(mux.find(MAIN, remote(1), DTLS), None);
    mux.verified(A, MAIN, remote(1));
    assert_eq!(mux.find(MAIN, remote(1), DTLS), Some(A));
    assert_eq!(mux.find(Lane(1), remote(1), DTLS), None);
    assert_eq!(mux.find(MAIN, remote(2), DTLS), None);
    assert_eq!(mux.find(MAIN, remote(1), &[]), Some(A), "the peer discards and counts it");
}

#[test]
fn the_second_peer_with_the_same_remote_gets_a_lane_of_its_own() {
    let mut mux = mux();
    mux.verified(A, MAIN, remote(1));
    assert_eq!(mux.lane(A, remote(1)), Some(MAIN));
    assert_eq!(mux.lane(B, remote(1)), Some(Lane(1)));
    assert_eq!(mux.lane(B, remote(2)), Some(MAIN), "only for that remote");
    assert_eq!(mux.find(MAIN, remote(1), DTLS), Some(A));
    assert_eq!(mux.find(Lane(1), remote(1), DTLS), Some(B));
    // A check for B that came to the port that was announced is B's, but the path stays A's.
    assert_eq!(mux.find(MAIN, remote(1), &request(1, "bbbb:them")), Some(B));
    mux.verified(B, MAIN, remote(1));
    assert_eq!(mux.find(MAIN, remote(1), DTLS), Some(A));
}

#[test]
fn lanes_run_out() {
    let mut mux = mux();
    for n in 0..4 {
        if n > 1 {
            assert_eq!(mux.lane(Key::new(n), remote(1)), None, "not a peer yet");
        }
        mux.add_names(Key::new(n), [&*format!("peer{n}")].into_iter());
        assert_eq!(mux.lane(Key::new(n), remote(1)), Some(Lane(n as u16)));
    }
    mux.add_names(Key::new(4), ["peer4"].into_iter());
    assert_eq!(mux.lane(Key::new(4), remote(1)), None);
    mux.remove(Key::new(2));
    assert_eq!(mux.lane(Key::new(4), remote(1)), Some(Lane(2)));
}

#[test]
fn a_proof_overrides_a_reservation_and_only_that() {
    let mut mux = mux();
    // A's description lists an address that is B's.
    mux.lane(A, remote(1)).unwrap();
    mux.sent(Instant::ZERO, A, &request(3, "them:aaaa"));
    mux.verified(B, MAIN, remote(1));
    assert_eq!(mux.find(MAIN, remote(1), DTLS), Some(B));
    assert_eq!(mux.find(MAIN, remote(1), &response(3)), Some(B), "A has lost the way there");
    assert_eq!(mux.lane(A, remote(1)), Some(Lane(1)));
    mux.verified(A, MAIN, remote(1));
    assert_eq!(mux.find(MAIN, remote(1), DTLS), Some(B));
}

#[test]
fn a_name_of_before_stays_known_while_ice_restarts() {
    let mut mux = mux();
    for _ in 0..2 {
        mux.add_names(A, ["aaa2"].into_iter());
    }
    assert_eq!(mux.find(MAIN, remote(1), &request(1, "aaaa:them")), Some(A));
    assert_eq!(mux.find(MAIN, remote(1), &request(1, "aaa2:them")), Some(A));
    mux.add_names(A, ["aaa3", "aaa4", "aaa5"].into_iter());
    assert_eq!(mux.find(MAIN, remote(1), &request(1, "aaaa:them")), None);
    assert_eq!(mux.find(MAIN, remote(1), &request(1, "aaa2:them")), Some(A));
    assert_eq!(mux.names.len(), Mux::MAX_NAMES + 1);
}

#[test]
fn only_checks_and_their_answers_are_proofs() {
    let mut indication = Vec::new();
    MessageBuilder::indication(&mut indication, Method::BINDING, id(1)).fingerprint();
    for (datagram, expected) in
        [(&*request(1, "a:b"), true), (&response(1), true), (&indication, false), (DTLS, false)]
    {
        assert_eq!(Mux::is_proof(datagram), expected);
    }
}

#[test]
fn a_peer_that_moves_around_is_bounded_and_keeps_its_freshest_paths() {
    let mut mux = mux();
    mux.verified(A, MAIN, remote(1));
    for n in 2..2000 {
        mux.verified(A, MAIN, remote(n));
        // Consent is refreshed on the path in use.
        mux.verified(A, MAIN, remote(1));
        assert!(mux.paths.len() <= Mux::MAX_PATHS);
    }
    assert_eq!(mux.find(MAIN, remote(1), DTLS), Some(A));
    assert_eq!(mux.find(MAIN, remote(1999), DTLS), Some(A));
    assert_eq!(mux.find(MAIN, remote(2), DTLS), None);
}

#[test]
fn a_peer_that_is_gone_leaves_nothing() {
    let mut mux = mux();
    mux.verified(A, MAIN, remote(1));
    mux.verified(A, Lane(2), remote(2));
    mux.lane(A, remote(3)).unwrap();
    mux.add_names(A, ["aaa2"].into_iter());
    mux.remove(A);
    mux.remove(B);
    assert!(mux.paths.is_empty() && mux.names.is_empty());
}

#[test]
fn strangers_leave_nothing() {
    let mux = mux();
    for n in 0..=255u8 {
        let noise: Vec<u8> = (0..64).map(|i: u8| n.wrapping_mul(31).wrapping_add(i)).collect();
        assert_eq!(mux.find(MAIN, remote(u16::from(n)), &noise), None);
        assert_eq!(mux.find(MAIN, remote(u16::from(n)), &[n]), None);
    }
    let bytes = request(1, "aaaa:them");
    for len in 0..bytes.len() {
        assert_eq!(mux.find(MAIN, remote(1), &bytes[..len]), None);
    }
    assert!(mux.paths.is_empty());
}

proptest::proptest! {
    /// Whatever happens in whatever order: tables and peers agree, no two peers share a path, and
    /// who is gone has left nothing.
    #[test]
    fn the_tables_agree(steps in proptest::collection::vec((0..5u8, 0..4u32, 0..3u16, 0..4u16), 0..80)) {
        let mut mux = Mux::new(1, 3);
        for (step, n, port, lane) in steps {
            let (key, lane) = (Key::new(n), Lane(lane % 3));
            match step {
                0 => mux.add_names(key, [&*format!("name{n}{port}")].into_iter()),
                1 => mux.verified(key, lane, remote(port)),
                2 => {
                    if let Some(lane) = mux.lane(key, remote(port)) {
                        assert_eq!(mux.find(lane, remote(port), DTLS), Some(key));
                        assert_eq!(mux.lane(key, remote(port)), Some(lane));
                    }
                }
                3 => mux.sent(Instant::ZERO, key, &request(n as u8, "them:us")),
                _ => {
                    mux.remove(key);
                    assert!(mux.paths.values().all(|owner| owner.key != key));
                    assert!(mux.names.values().all(|owner| *owner != key));
                }
            }
            let held: usize = mux.peers.iter().map(|peer| peer.paths.len()).sum();
            assert_eq!(held, mux.paths.len());
            for (n, peer) in mux.peers.iter().enumerate() {
                for (remote, lane) in &peer.paths {
                    assert_eq!(mux.paths[&(*lane, *remote)].key.index(), n);
                }
            }
        }
    }

    /// Any bytes: no panic, and nobody's.
    #[test]
    fn any_bytes_are_a_strangers(bytes in proptest::collection::vec(0..=255u8, 0..100)) {
        let mux = mux();
        assert_eq!(mux.find(MAIN, remote(1), &bytes), None);
        Mux::is_proof(&bytes);
    }
}
