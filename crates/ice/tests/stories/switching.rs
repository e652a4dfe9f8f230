//! The selected pair is not for ever: a better one comes up, or it falls silent.

use patchcord_ice::{Agent, Config, Event, PairState, State};
use sansio::{Datagram, Machine, Path, Rng};
use stun::attribute::ErrorCode;
use stun::{AttributeType, IntegrityKey, Message, MessageBuilder};
use testkit::{LinkConfig, SeededRng};

use crate::forge::{Check, agent, answer, drain, hand, path, them};
use crate::scene::{
    A, B, Hosts, address, agree, at, completed, ladder, ms, scene, scene_with, signal, states,
};

const A2: &str = "192.0.2.2:5000";
const B2: &str = "198.51.100.2:6000";

/// Both sides know what `a=ice-options:renomination` says.
fn renominating(mut pair: Hosts) -> Hosts {
    pair.a.set_remote_renomination(at(0), true);
    pair.b.set_remote_renomination(at(0), true);
    pair
}

/// Two addresses at `a`, one at `b`, and two valid pairs.
fn two_paths(config: Config, seed: u64, renominates: bool) -> Hosts {
    let mut pair = scene_with(config, LinkConfig::delayed(ms(20)), seed, &[A, A2], &[B]);
    if renominates {
        pair = renominating(pair);
    }
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(2000)) && agree(&pair));
    pair.run_for(ms(1000));
    let valid = |pair: &patchcord_ice::CandidatePair<'_>| pair.state == PairState::Succeeded;
    assert_eq!(pair.a.candidate_pairs().filter(valid).count(), 2);
    (pair.a_events, pair.b_events) = (vec![], vec![]);
    pair
}

fn local_of_a(pair: &Hosts) -> Option<core::net::SocketAddr> {
    pair.a.route().map(|route| route.path.local)
}

/// The numbers of the nominations that `a` has sent, one for each.
fn numbers(pair: &Hosts) -> Vec<Option<u32>> {
    let number = |bytes: &[u8]| {
        let message = Message::parse(bytes).unwrap();
        let nominates = message.attributes().any(|it| it.kind == AttributeType::USE_CANDIDATE);
        let number = message.get::<stun::attribute::Nomination>().unwrap().map(|it| it.0);
        nominates.then_some(number)
    };
    pair.trace.entries().filter_map(|entry| number(&entry.data)).collect()
}

#[test]
fn when_the_path_falls_silent_another_takes_over() {
    // Whether or not the other side has heard of renomination.
    for renominates in [false, true] {
        let mut pair = two_paths(Config::default(), 1, renominates);
        let start = pair.now;
        pair.a.dead = vec![address(A)];
        pair.b.dead = vec![address(A)];
        let moved = |pair: &mut Hosts| local_of_a(pair) == Some(address(A2)) && agree(pair);
        assert!(pair.run_until(moved, ms(30_000)), "{renominates}");
        // 7 s of silence after the last sign of life, and two round trips.
        assert!(pair.now - start <= ms(7_000 + 80), "{renominates}");
        assert_eq!(states(&pair.a_events)[0], State::Disconnected);
        pair.run_for(ms(120_000));
        assert!(agree(&pair));
        assert_eq!((pair.a.state(), pair.b.state()), (State::Completed, State::Completed));
        assert!(!states(&pair.a_events).contains(&State::Failed));
    }
}

#[test]
fn when_one_direction_dies_both_sides_move() {
    // b still hears a on the old path, and must follow nevertheless.
    for renominates in [false, true] {
        let mut pair = two_paths(Config::default(), 1, renominates);
        pair.a.dead = vec![address(A)];
        pair.run_for(ms(45_000));
        assert!(agree(&pair), "{renominates}");
        assert_eq!(local_of_a(&pair), Some(address(A2)));
    }
}

#[test]
fn a_path_that_was_never_checked_is_found_when_it_is_needed() {
    // Nominated before Ta was over: there is one pair only.
    let mut pair = scene(LinkConfig::delayed(ms(10)), 1, &[A, A2], &[B, B2]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.run_for(ms(1000));
    pair.a.dead = vec![address(A), address(B)];
    pair.b.dead = vec![address(A), address(B)];
    let start = pair.now;
    let path = Path::udp(address(A2), address(B2));
    let moved = |pair: &mut Hosts| pair.a.route().is_some_and(|r| r.path == path) && agree(pair);
    assert!(pair.run_until(moved, ms(30_000)));
    assert!(pair.now - start <= ms(7_500), "{:?}", pair.now - start);
}

#[test]
fn a_better_address_that_comes_later_is_turned_to() {
    // The relay-like case: what is nominated is worse than what comes up.
    for renominates in [false, true] {
        let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A], &[B]);
        if renominates {
            pair = renominating(pair);
        }
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(1000)));
        pair.run_for(ms(1000));
        let start = pair.now;
        let better = "[2001:db8::1]:5000";
        pair.b.add_local_candidate(start, address("[2001:db8::2]:6000")).unwrap();
        pair.b.end_of_local_candidates(start);
        pair.a.add_local_candidate(start, address(better)).unwrap();
        pair.a.end_of_local_candidates(start);
        let of_b = pair.b.signalled().1[1].clone();
        pair.a.add_remote_candidate(start, of_b);
        pair.run_for(ms(200));
        let expected = if renominates { better } else { A };
        assert_eq!(local_of_a(&pair), Some(address(expected)));
        assert!(agree(&pair));
        let numbered = if renominates { vec![Some(1), Some(2)] } else { vec![None] };
        assert_eq!(numbers(&pair), numbered);
    }
}

#[test]
fn without_the_configuration_nothing_is_numbered() {
    let config = Config { renomination: false, ..Config::default() };
    let pair = two_paths(config, 1, true);
    assert_eq!(numbers(&pair), [None]);
}

#[test]
fn data_on_another_path_tells_that_the_other_side_has_moved() {
    // b loses its address and goes on by the other one: a need not wait for 7 s of silence.
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A], &[B, B2]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.run_for(ms(1000));
    let start = pair.now;
    pair.b.remove_local_candidate(start, address(B));
    pair.b.dead = vec![address(B)];
    let sent = pair.b.route().unwrap().path;
    assert_eq!(sent.local, address(B2));
    pair.run_for(ms(20));
    let (now, mut data) = (pair.now, [20, 0, 0]);
    pair.a.agent.unwrap(now, Datagram::new(sent.reversed(), now, &mut data)).unwrap();
    assert!(pair.run_until(|pair| agree(pair), ms(1000)));
    assert_eq!(pair.now - start, ms(20 + 20 + 20), "a nomination, and its answer");
}

#[test]
fn what_was_under_way_does_not_move_it_back() {
    let mut pair = two_paths(Config::default(), 1, true);
    let old = pair.b.route().unwrap().path;
    pair.a.remove_local_candidate(pair.now, address(A));
    assert!(pair.run_until(|pair| agree(pair), ms(1000)));
    assert_ne!(pair.b.route().unwrap().path, old);
    for _ in 0..5 {
        let (now, mut data) = (pair.now, [20, 0, 0]);
        pair.b.agent.unwrap(now, Datagram::new(old, now, &mut data)).unwrap();
        pair.run_for(ms(10));
    }
    assert_ne!(pair.b.route().unwrap().path, old);
}

#[test]
fn backups_are_kept_alive_at_a_low_rate() {
    for (interval, expected) in [(Some(ms(25_000)), 4), (None, 0)] {
        let config = Config { backup_interval: interval, ..Config::default() };
        let mut pair = two_paths(config, 1, true);
        let requests = |pair: &Hosts| {
            let backup = pair.a.candidate_pairs().find(|pair| pair.path.local == address(A2));
            backup.unwrap().stats.requests_sent
        };
        let before = requests(&pair);
        pair.run_for(ms(100_000));
        assert_eq!(requests(&pair) - before, expected);
        assert!(agree(&pair));
        assert_eq!(numbers(&pair), [Some(1)], "they nominate nothing");
    }
}

#[test]
fn a_backup_that_dies_is_given_up_silently() {
    let mut pair = two_paths(Config::default(), 1, true);
    (pair.a.dead, pair.b.dead) = (vec![address(A2)], vec![address(A2)]);
    pair.run_for(ms(80_000));
    let backup = pair.a.candidate_pairs().find(|pair| pair.path.local == address(A2)).unwrap();
    assert_eq!(backup.state, PairState::Failed);
    assert_eq!((states(&pair.a_events), states(&pair.b_events)), (vec![], vec![]));
    let said = ladder(&pair).len();
    pair.run_for(ms(20_000));
    assert!(ladder(&pair).len() - said <= 4 * 2 * 5, "consent alone goes on");
}

#[test]
fn an_interface_that_comes_is_a_backup() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A], &[B]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)));
    pair.run_for(ms(1000));
    pair.a.add_local_candidate(pair.now, address(A2)).unwrap();
    pair.a.end_of_local_candidates(pair.now);
    pair.run_for(ms(100));
    assert_eq!(local_of_a(&pair), Some(address(A)), "it is not better");
    pair.a.remove_local_candidate(pair.now, address(A));
    assert_eq!(local_of_a(&pair), Some(address(A2)), "and ready at once");
}

/// Makes everything to and from these addresses of `a` vanish.
fn kill(pair: &mut Hosts, dead: &[&str]) {
    let dead: Vec<_> = dead.iter().map(|text| address(text)).collect();
    (pair.a.dead, pair.b.dead) = (dead.clone(), dead);
}

#[test]
fn a_better_path_that_was_given_up_is_taken_back() {
    for renominates in [false, true] {
        let mut pair = two_paths(Config::default(), 1, renominates);
        kill(&mut pair, &[A]);
        pair.run_for(ms(180_000));
        assert!(agree(&pair) && local_of_a(&pair) == Some(address(A2)), "{renominates}");
        kill(&mut pair, &[]);
        let start = pair.now;
        let back = |pair: &mut Hosts| local_of_a(pair) == Some(address(A)) && agree(pair);
        assert!(pair.run_until(back, ms(60_000)), "{renominates}");
        // Each side asks every 25 s, for 2 s; then a nomination.
        assert!(pair.now - start <= ms(27_000 + 40 + 40), "{renominates}: {:?}", pair.now - start);
    }
}

#[test]
fn what_was_given_up_is_asked_for_politely() {
    let mut pair = two_paths(Config::default(), 1, true);
    kill(&mut pair, &[A]);
    pair.run_for(ms(60_000));
    let requests = |pair: &Hosts| {
        let former = pair.a.candidate_pairs().find(|pair| pair.path.local == address(A));
        former.unwrap().stats.requests_sent
    };
    let (before, said) = (requests(&pair), ladder(&pair).len());
    pair.run_for(ms(270_000));
    assert_eq!(requests(&pair) - before, 10, "one each 27 s");
    // And by the other side, and both consent checks each 4 s at least, with their answers.
    assert!(ladder(&pair).len() - said <= 2 * 10 + 2 * 2 * 270 / 4);
}

#[test]
fn a_path_that_comes_and_goes_has_to_rest() {
    for renominates in [false, true] {
        let mut pair = two_paths(Config::default(), 1, renominates);
        let mut back = 0;
        for _ in 0..60 {
            kill(&mut pair, &[A]);
            pair.run_for(ms(10_000));
            kill(&mut pair, &[]);
            pair.run_for(ms(50_000));
            back += u32::from(local_of_a(&pair) == Some(address(A)));
            assert!(agree(&pair), "{renominates}");
        }
        // In an hour it is trusted after rests of 0, 25, 75, 175, 375, 775 and 1575 s, and no more.
        assert_eq!(back, 7, "{renominates}");
        let lost = |state: &&State| **state == State::Disconnected;
        assert_eq!(states(&pair.a_events).iter().filter(lost).count(), 8, "{renominates}");
    }
}

#[test]
fn a_better_pair_whose_first_checks_were_lost_is_turned_to_nevertheless() {
    for (renominates, expected) in [(false, A2), (true, A)] {
        let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A, A2], &[B]);
        if renominates {
            pair = renominating(pair);
        }
        signal(&mut pair);
        kill(&mut pair, &[A]);
        assert!(pair.run_until(completed, ms(1000)));
        assert_eq!(local_of_a(&pair), Some(address(A2)), "{renominates}");
        kill(&mut pair, &[]);
        pair.run_for(ms(2000));
        assert!(agree(&pair) && local_of_a(&pair) == Some(address(expected)), "{renominates}");
    }
}

#[test]
fn pairs_that_never_worked_are_forgotten() {
    let mut pair = renominating(scene(LinkConfig::delayed(ms(20)), 1, &[A, A2], &[B]));
    signal(&mut pair);
    kill(&mut pair, &[A]);
    assert!(pair.run_until(completed, ms(1000)));
    pair.run_for(ms(60_000));
    assert_eq!(pair.a.candidate_pairs().count(), 1);
    let said = ladder(&pair).len();
    pair.run_for(ms(100_000));
    assert!(ladder(&pair).len() - said <= 2 * 2 * 100 / 4, "consent alone goes on");
}

#[test]
fn many_switches_over_bad_links_end_in_agreement() {
    for seed in 0..60 {
        let link = LinkConfig { loss: 0.1, jitter: ms(10), ..LinkConfig::delayed(ms(30)) };
        let mut pair = scene(link, seed, &[A, A2], &[B, B2]);
        if seed % 2 == 0 {
            pair = renominating(pair);
        }
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(20_000)), "seed {seed}");
        for round in 0..4 {
            let dead = if round % 2 == 0 { [A, B] } else { [A2, B2] };
            let dead = dead.map(address).to_vec();
            (pair.a.dead, pair.b.dead) = (dead.clone(), dead);
            pair.run_for(ms(60_000));
            assert!(agree(&pair), "seed {seed}, round {round}");
        }
        let changed = |event: &Event| matches!(event, Event::RoleChanged(_));
        assert!(!pair.a_events.iter().chain(&pair.b_events).any(changed), "seed {seed}");
    }
}

#[test]
fn whatever_path_is_left_is_found() {
    // Of nine paths one lives at a time; dead addresses are removed or not, and come back.
    let ours = [A, A2, "192.0.2.3:5000"];
    let theirs = [B, B2, "198.51.100.3:6000"];
    for seed in 0..40 {
        let mut rng = SeededRng::new(seed);
        let mut pair = scene(LinkConfig::delayed(ms(30)), seed, &ours, &theirs);
        if seed % 2 == 0 {
            pair = renominating(pair);
        }
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(20_000)), "seed {seed}");
        for round in 0..6 {
            let mut live = || (ours.len() * rng.next_u32() as usize) >> 32;
            let (a, b) = (ours[live()], theirs[live()]);
            let dead: Vec<_> =
                ours.iter().chain(&theirs).filter(|it| ![a, b].contains(*it)).collect();
            let dead: Vec<_> = dead.into_iter().map(|text| address(text)).collect();
            (pair.a.dead, pair.b.dead) = (dead.clone(), dead.clone());
            for text in dead {
                if rng.next_u32().is_multiple_of(3) {
                    pair.a.remove_local_candidate(pair.now, text);
                    pair.b.remove_local_candidate(pair.now, text);
                }
            }
            for (host, text) in [(&mut pair.a, a), (&mut pair.b, b)] {
                host.add_local_candidate(pair.now, address(text)).unwrap();
                host.end_of_local_candidates(pair.now);
            }
            pair.run_for(ms(45_000));
            let expected = Path::udp(address(a), address(b));
            assert_eq!(pair.a.route().map(|it| it.path), Some(expected), "{seed}, {round}");
            assert!(agree(&pair), "seed {seed}, round {round}");
        }
    }
}

/// A controlled agent that has two valid pairs with `them`, of which the first is selected.
fn chosen() -> (Agent, [Path; 2]) {
    let mut agent = agent(Config::default());
    agent.set_remote_credentials(at(0), them());
    let paths = [path(A, B), path(A, B2)];
    for (path, nominates) in paths.into_iter().zip([true, false]) {
        let check = Check { nominates, ..Check::to(&agent) }.write();
        hand(&mut agent, at(0), path, &check).unwrap();
        answer_all(&mut agent, 0, &paths);
    }
    assert_eq!(agent.selected_pair().map(|pair| pair.path), Some(paths[0]));
    (agent, paths)
}

/// `them` answer what comes along these paths.
fn answer_all(agent: &mut Agent, millis: u64, paths: &[Path]) {
    for (path, bytes) in drain(agent, at(millis)) {
        if paths.contains(&path) {
            let _ = hand(agent, at(millis), path, &answer(path, &bytes));
        }
    }
}

#[test]
fn when_consent_expires_data_goes_where_there_is_consent() {
    // Nobody nominates anything else.
    let (mut agent, paths) = chosen();
    for millis in (0..60_000).step_by(50) {
        agent.handle_timeout(at(millis));
        answer_all(&mut agent, millis, &paths[1..]);
        let expected = if millis < 30_000 { paths[0] } else { paths[1] };
        assert_eq!(agent.route().map(|route| route.path), Some(expected), "{millis}");
    }
    assert_eq!(agent.state(), State::Connected);
}

#[test]
fn who_withdraws_consent_is_not_asked_elsewhere() {
    // RFC 7675 §5.2.
    let (mut agent, [selected, _]) = chosen();
    let due = agent.poll_timeout().unwrap();
    let asked = drain(&mut agent, due);
    let (_, request) = asked.iter().find(|(path, _)| *path == selected).unwrap();
    let mut out = vec![];
    let forbidden = ErrorCode::new(403, "Forbidden").unwrap();
    MessageBuilder::error(&mut out, &Message::parse(request).unwrap(), forbidden)
        .integrity(&IntegrityKey::short_term(them().pwd()))
        .fingerprint();
    hand(&mut agent, due, selected, &out).unwrap();
    assert_eq!((agent.state(), agent.route()), (State::Failed, None));
    assert_eq!((agent.poll_timeout(), drain(&mut agent, due + ms(60_000))), (None, vec![]));
}
