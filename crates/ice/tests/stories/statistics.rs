//! Statistics under the names of W3C webrtc-stats: pairs, candidates, the transport.

use patchcord_ice::{CandidateKind, CandidatePair, PairState};
use sansio::Datagram;
use testkit::LinkConfig;

use crate::scene::{
    A, B, Hosts, address, agree, at, completed, connected_scene, ms, scene, signal,
};

const A2: &str = "192.0.2.2:5000";

/// Data of this size goes from one side to the other along the sender's route.
fn say(pair: &mut Hosts, from_a: bool, size: usize) {
    let now = pair.now;
    let (from, to) = match from_a {
        true => (&mut pair.a.agent, &mut pair.b.agent),
        false => (&mut pair.b.agent, &mut pair.a.agent),
    };
    let mut buf = vec![20; size];
    let route = from.route().unwrap();
    let transmit = from.wrap(now, route, &mut buf, 0).unwrap();
    assert_eq!(transmit.len, size);
    to.unwrap(now, Datagram::new(transmit.path.reversed(), now, &mut buf)).unwrap();
}

fn on<'a>(pair: &'a Hosts, local: &str) -> CandidatePair<'a> {
    pair.a.candidate_pairs().find(|pair| pair.path.local == address(local)).unwrap()
}

#[test]
fn data_is_counted_where_it_goes() {
    let mut pair = connected_scene(1);
    assert_eq!(on(&pair, A).stats.traffic, Default::default(), "checks are no data");
    for size in [100, 200] {
        say(&mut pair, true, size);
    }
    let sent = pair.now;
    pair.run_for(ms(50));
    say(&mut pair, false, 1000);
    let traffic = pair.a.selected_pair().unwrap().stats.traffic;
    assert_eq!((traffic.packets_sent, traffic.bytes_sent), (2, 300));
    assert_eq!((traffic.packets_received, traffic.bytes_received), (1, 1000));
    assert_eq!(traffic.last_packet_sent, Some(sent));
    assert_eq!(traffic.last_packet_received, Some(pair.now));
    pair.a.handle_unsent(200);
    let traffic = on(&pair, A).stats.traffic;
    assert_eq!((traffic.packets_discarded_on_send, traffic.bytes_discarded_on_send), (1, 200));
}

#[test]
fn each_pair_keeps_what_went_its_way() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A, A2], &[B]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.run_for(ms(1000));
    assert_eq!(pair.a.counters().route_changes, 1);
    say(&mut pair, true, 100);
    // Data of the other side on another pair than the one in use.
    let backup = pair.b.candidate_pairs().find(|p| p.path.remote == address(A2)).unwrap().path;
    let now = pair.now;
    let mut data = [20; 10];
    pair.a.agent.unwrap(now, Datagram::new(backup.reversed(), now, &mut data)).unwrap();
    assert_eq!(on(&pair, A2).stats.traffic.bytes_received, 10);

    // b moves: nothing but the route tells where data goes.
    pair.a.set_remote_renomination(now, true);
    pair.a.dead = vec![address(A)];
    pair.b.dead = vec![address(A)];
    pair.run_for(ms(8000));
    assert_eq!(pair.a.route().unwrap().path.local, address(A2));
    say(&mut pair, true, 7);
    let sent = |local| on(&pair, local).stats.traffic.bytes_sent;
    assert_eq!((sent(A), sent(A2)), (100, 7));
    assert_eq!(pair.a.counters().route_changes, 2);
}

#[test]
fn checks_are_counted_by_kind() {
    let mut pair = connected_scene(1);
    let before = on(&pair, A).stats;
    // A check, one that b's triggered while it was under way, and the nomination; two measure.
    assert_eq!((before.requests_sent, before.responses_received), (3, 2));
    assert_eq!((before.requests_received, before.responses_sent), (2, 2));
    assert_eq!(before.total_round_trip_time, 2 * ms(100));
    pair.run_for(ms(60_000));
    let after = on(&pair, A).stats;
    assert!((10..=15).contains(&after.consent_requests_sent), "{after:?}");
    assert_eq!(after.requests_sent, before.requests_sent);
    let answered = after.responses_received - before.responses_received;
    assert_eq!(answered, after.consent_requests_sent);
    assert_eq!(after.total_round_trip_time, ms(100) * (2 + answered as u32));
    assert_eq!(after.current_round_trip_time, Some(ms(100)));
}

#[test]
fn pairs_name_their_candidates() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A, A2], &[B]);
    // b does not know A2: it learns it from a check.
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    pair.b.set_remote_credentials(at(0), of_a.0.clone());
    pair.b.add_remote_candidate(at(0), of_a.1[0].clone());
    crate::scene::describe(&mut pair.a, at(0), of_b);
    pair.run_for(ms(1000));
    let known: Vec<_> = pair.b.known_remote_candidates().collect();
    let kinds: Vec<_> = known.iter().map(|known| known.candidate.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::PeerReflexive]);
    assert!(known.iter().all(|known| known.ufrag.as_deref() == Some(of_a.0.ufrag())));
    let locals: Vec<_> = pair.b.known_local_candidates().collect();
    assert_eq!(locals.len(), 1);
    assert_eq!(locals[0].ufrag.as_deref(), Some(pair.b.local_credentials().ufrag()));
    assert_eq!(locals[0].relay, None);
    let mut ids = vec![];
    for described in pair.b.candidate_pairs() {
        assert_eq!(described.state, PairState::Succeeded);
        assert_eq!(described.local_id, locals[0].id);
        let remote = known.iter().find(|known| known.id == described.remote_id).unwrap();
        assert_eq!(&remote.candidate, described.remote);
        ids.push(described.id.to_string());
    }
    ids.dedup();
    assert_eq!(ids.len(), 2);
}
