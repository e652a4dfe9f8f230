//! Restart: new credentials, and data that does not notice.

use patchcord_ice::{Agent, Config, Credentials, Discard, State};
use sansio::{Machine, Path};
use stun::attribute::Username;
use stun::{Class, Message};
use testkit::LinkConfig;

use crate::forge::{Check, agent, answer, count, drain, hand, path, them, usual_path};
use crate::scene::{
    A, address, agree, at, completed, connected_scene, describe, ms, signal, states,
};

#[test]
fn the_old_route_carries_data_until_the_new_one_is_valid() {
    let mut pair = connected_scene(1);
    let (old_ufrag, old_route) = (pair.a.local_credentials().ufrag().to_owned(), pair.a.route());
    pair.a_events.clear();
    pair.b_events.clear();

    // a offers a restart, and the answer takes its time: consent of the old path is kept.
    pair.a.restart(pair.now);
    assert_ne!(pair.a.local_credentials().ufrag(), old_ufrag);
    assert_eq!(pair.a.ufrags().count(), 2);
    assert!(pair.a.remote_credentials().is_none());
    pair.run_for(ms(60_000));
    assert_eq!(pair.a.route(), old_route);
    assert_eq!((pair.a.state(), pair.b.state()), (State::Connected, State::Completed));

    // Now b has moved.
    pair.b.add_local_candidate(pair.now, address("198.51.100.99:6000")).unwrap();
    pair.b.end_of_local_candidates(pair.now);
    pair.b.dead = vec![address(crate::scene::B)];
    pair.b.restart(pair.now);
    signal(&mut pair);
    assert_eq!(pair.a.route(), old_route);
    let begun = pair.now;
    assert!(pair.run_until(|pair| pair.a.route() != old_route, ms(1000)));
    assert_eq!(pair.now, begun + ms(150), "the second check goes after 50 ms");
    assert_eq!(pair.a.route().unwrap().path.remote, address("198.51.100.99:6000"));
    assert!(pair.run_until(completed, ms(1000)));
    assert!(agree(&pair));
    assert!(!states(&pair.a_events).contains(&State::Checking), "never without a route");
    assert!(!states(&pair.b_events).contains(&State::Checking), "never without a route");

    // The old generation is forgotten when its consent is over.
    pair.run_for(ms(31_000));
    assert_eq!((pair.a.ufrags().count(), pair.b.ufrags().count()), (1, 1));
}

#[test]
fn restarts_over_bad_links_end_in_agreement() {
    for seed in 0..100 {
        let mut pair = connected_scene(seed);
        let link = LinkConfig { loss: 0.15, jitter: ms(30), ..LinkConfig::delayed(ms(50)) };
        (pair.a_to_b.config, pair.b_to_a.config) = (link, link);
        for _ in 0..3 {
            pair.a.restart(pair.now);
            let offer = pair.a.signalled();
            pair.run_for(ms(200));
            pair.b.restart(pair.now);
            describe(&mut pair.b, pair.now, offer);
            let answer = pair.b.signalled();
            pair.run_for(ms(200));
            describe(&mut pair.a, pair.now, answer);
            assert!(pair.run_until(completed, ms(20_000)), "seed {seed}");
            assert!(agree(&pair), "seed {seed}");
            assert!(pair.a.ufrags().count() <= 2);
        }
    }
}

#[test]
fn a_failed_agent_lives_again() {
    let mut pair = connected_scene(1);
    pair.a_to_b.config.loss = 1.0;
    pair.b_to_a.config.loss = 1.0;
    pair.run_for(ms(60_000));
    assert_eq!((pair.a.state(), pair.b.state()), (State::Failed, State::Failed));
    pair.a_to_b.config.loss = 0.0;
    pair.b_to_a.config.loss = 0.0;
    pair.run_for(ms(60_000));
    assert_eq!(pair.a.state(), State::Failed, "consent does not come back by itself");
    pair.a.restart(pair.now);
    pair.b.restart(pair.now);
    assert_eq!(pair.a.state(), State::Checking);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
}

#[test]
fn other_remote_credentials_begin_a_generation_too() {
    // The call is answered twice (forking): the second answer counts.
    let mut pair = connected_scene(1);
    let (route, ours) = (pair.a.route(), pair.a.local_credentials().clone());
    pair.b.restart(pair.now);
    let of_b = pair.b.signalled();
    describe(&mut pair.a, pair.now, of_b);
    assert_eq!((pair.a.route(), pair.a.local_credentials()), (route, &ours));
    let of_a = pair.a.signalled();
    describe(&mut pair.b, pair.now, of_a);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    let _ = at(0);
}

/// Hands over a nomination, answers the checks that it triggers, and tells by which names they were.
fn nominate(agent: &mut Agent, millis: u64, from: Path, check: &Check) -> Vec<String> {
    hand(agent, at(millis), from, &check.write()).unwrap();
    let sent = drain(agent, at(millis));
    assert_eq!(count(&sent, Class::SuccessResponse), 1);
    let requests: Vec<_> = sent
        .iter()
        .filter(|(_, bytes)| Message::parse(bytes).unwrap().class() == Class::Request)
        .collect();
    for (path, bytes) in &requests {
        hand(agent, at(millis + 1), *path, &answer(*path, bytes)).unwrap();
    }
    let name = |bytes: &[u8]| {
        Message::parse(bytes).unwrap().get::<Username>().unwrap().unwrap().as_str().to_owned()
    };
    requests.iter().map(|(_, bytes)| name(bytes)).collect()
}

#[test]
fn who_restarts_may_go_on_calling_us_by_our_former_name() {
    // libwebrtc offers a restart, and checks from a new socket before our answer has come: by its
    // new name, and our old one. It never calls this pair by another.
    const NEW_SOCKET: &str = "198.51.100.1:6001";
    let mut agent = agent(Config::default());
    agent.set_remote_credentials(at(0), them());
    let first = Check { nominates: true, ..Check::to(&agent) };
    let former = agent.local_credentials().ufrag().to_owned();
    assert_eq!(nominate(&mut agent, 0, usual_path(), &first), [format!("them:{former}")]);
    assert_eq!(agent.route().map(|route| route.path), Some(usual_path()));

    agent.restart(at(100));
    agent.set_remote_credentials(at(100), Credentials::new("anew", them().pwd()).unwrap());
    drain(&mut agent, at(100));
    let early = Check { id: 2, username: format!("{former}:anew"), ..first.clone() };
    let new_path = path(A, NEW_SOCKET);
    assert_eq!(nominate(&mut agent, 110, new_path, &early), [format!("anew:{former}")]);
    assert_eq!(agent.route().map(|route| route.path), Some(new_path));
    assert_eq!(agent.selected_pair().map(|pair| pair.path), Some(new_path));

    // It lasts as long as that generation does, not only as long as the one before is remembered.
    let mut millis = 120;
    while millis < 60_000 {
        millis += 1000;
        agent.handle_timeout(at(millis));
        let refreshed = nominate(&mut agent, millis, new_path, &early);
        assert!(refreshed.iter().all(|name| *name == format!("anew:{former}")), "{refreshed:?}");
    }
    assert_eq!(agent.state(), State::Connected);
    assert_eq!(agent.ufrags().collect::<Vec<_>>()[1], former);

    // Whoever is not of the new generation is of the old one, and that is over.
    let late = hand(&mut agent, at(millis), new_path, &first.write());
    assert_eq!(late, Err(Discard::UnknownUser));
    let forged = Check { pwd: "not the password of before".replace(' ', "_"), ..early };
    assert!(hand(&mut agent, at(millis), new_path, &forged.write()).is_err());
}
