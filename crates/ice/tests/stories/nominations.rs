//! Nominations by others: one too many, one too early, and by agents of another school.

use patchcord_ice::{Config, Role, State};
use sansio::Path;

use crate::forge::{Check, agent, answer, drain, hand, path, them};
use crate::scene::{A, at};

const WORST: &str = "198.51.100.1:1";
const BEST: &str = "198.51.100.2:2";

/// Hands over a nomination, and answers the checks that it triggers.
fn nominate(agent: &mut patchcord_ice::Agent, millis: u64, from: Path, priority: u32) {
    let check = Check { nominates: true, priority: Some(priority), ..Check::to(agent) };
    hand(agent, at(millis), from, &check.write()).unwrap();
    for (path, bytes) in drain(agent, at(millis)) {
        // Our own responses are not for us.
        let _ = hand(agent, at(millis + 1), path, &answer(path, &bytes));
    }
}

fn selected(agent: &patchcord_ice::Agent) -> Option<Path> {
    agent.selected_pair().map(|pair| pair.path)
}

#[test]
fn of_several_nominated_pairs_the_best_is_used() {
    // An RFC 5245 agent nominates with every check.
    let (worst, best) = (path(A, WORST), path(A, BEST));
    for best_first in [false, true] {
        let mut agent = agent(Config::default());
        agent.set_remote_credentials(at(0), them());
        let first = if best_first { (best, 2) } else { (worst, 1) };
        let second = if best_first { (worst, 1) } else { (best, 2) };
        nominate(&mut agent, 10, first.0, first.1);
        assert_eq!(selected(&agent), Some(first.0));
        nominate(&mut agent, 20, second.0, second.1);
        assert_eq!(selected(&agent), Some(best));
        assert_eq!(agent.route().map(|route| route.path), Some(best));
    }
}

#[test]
fn when_the_selected_pair_is_silent_another_nomination_wins() {
    let (worst, best) = (path(A, WORST), path(A, BEST));
    let mut agent = agent(Config::default());
    agent.set_remote_credentials(at(0), them());
    nominate(&mut agent, 10, best, 2);
    sansio::Machine::handle_timeout(&mut agent, at(8000));
    assert_eq!(agent.state(), State::Disconnected);
    nominate(&mut agent, 8000, worst, 1);
    assert_eq!(selected(&agent), Some(worst));
    assert_eq!(agent.state(), State::Connected);
}

#[test]
fn a_controlling_agent_is_not_told() {
    let mut agent = agent(Config::default());
    agent.set_role(at(0), Role::Controlling);
    agent.set_remote_credentials(at(0), them());
    let check =
        Check { role: Role::Controlled, nominates: true, tie_breaker: 0, ..Check::to(&agent) };
    hand(&mut agent, at(0), path(A, BEST), &check.write()).unwrap();
    for (path, bytes) in drain(&mut agent, at(0)) {
        let _ = hand(&mut agent, at(1), path, &answer(path, &bytes));
    }
    assert!(agent.route().is_some());
    assert_eq!(selected(&agent), None);
}

#[test]
fn of_numbered_nominations_the_highest_holds() {
    let (worst, best) = (path(A, WORST), path(A, BEST));
    let mut agent = agent(Config::default());
    agent.set_remote_credentials(at(0), them());
    let number = |agent: &mut patchcord_ice::Agent, millis, from, number| {
        let check = Check { number: Some(number), ..Check::to(agent) };
        hand(agent, at(millis), from, &check.write()).unwrap();
        for (path, bytes) in drain(agent, at(millis)) {
            let _ = hand(agent, at(millis + 1), path, &answer(path, &bytes));
        }
        selected(agent)
    };
    assert_eq!(number(&mut agent, 10, best, 3), Some(best));
    assert_eq!(number(&mut agent, 20, worst, 2), Some(best), "it came late");
    assert_eq!(number(&mut agent, 30, worst, 4), Some(worst), "worse, but wanted");
    assert_eq!(number(&mut agent, 40, best, 3), Some(worst), "again late");
    assert_eq!(number(&mut agent, 50, best, u32::MAX), Some(best));
    assert_eq!(number(&mut agent, 60, worst, u32::MAX), Some(worst), "no number is left");
}

#[test]
fn numbers_are_not_looked_at_when_they_are_switched_off() {
    let mut agent = agent(Config { renomination: false, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    let check = Check { number: Some(1), ..Check::to(&agent) };
    hand(&mut agent, at(0), path(A, BEST), &check.write()).unwrap();
    for (path, bytes) in drain(&mut agent, at(0)) {
        let _ = hand(&mut agent, at(1), path, &answer(path, &bytes));
    }
    assert!(agent.route().is_some());
    assert_eq!(selected(&agent), None);
}
