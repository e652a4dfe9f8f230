//! The servers that one socket asks. All are asked at first; the first answer counts, and its server
//! is the one that is asked again. When that falls silent, all are asked once more.

use core::net::SocketAddr;

use sansio::{Instant, Rng};

use super::Query;
use crate::net::Family;

/// The queries of the socket of one family.
#[derive(Debug)]
pub(crate) struct FamilyQueries {
    family: Family,
    queries: Vec<Query>,
    /// Whose answer counts.
    chosen: Option<usize>,
    /// There was an answer.
    answered: bool,
}

impl FamilyQueries {
    pub(crate) fn new(family: Family) -> Self {
        Self { family, queries: Vec::new(), chosen: None, answered: false }
    }

    /// Asks this server too, from `now` on, unless there is an answer by then.
    pub(crate) fn add(&mut self, now: Instant, server: SocketAddr) {
        let known = self.queries.iter().any(|query| query.server() == server);
        if Family::of(server.ip()) == self.family && !known {
            self.queries.push(Query::new(now, server));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Appends a request that is due, and says to which server.
    pub(crate) fn poll_transmit(
        &mut self,
        now: Instant,
        rng: &mut dyn Rng,
        out: &mut Vec<u8>,
    ) -> Option<SocketAddr> {
        if let Some(chosen) = self.chosen {
            let query = self.queries.get_mut(chosen)?;
            if query.poll_transmit(now, rng, out) {
                return Some(query.asked());
            }
            if query.is_answered() {
                return None;
            }
            self.chosen = None;
            for (n, query) in self.queries.iter_mut().enumerate() {
                if n != chosen {
                    query.restart(now);
                }
            }
        }
        let mut queries = self.queries.iter_mut();
        queries.find_map(|query| query.poll_transmit(now, rng, out).then_some(query.asked()))
    }

    /// Takes a datagram if it is an answer. `Some(None)`: it is, and brings no address that counts.
    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        remote: SocketAddr,
        datagram: &[u8],
    ) -> Option<Option<SocketAddr>> {
        let mut queries = self.queries.iter_mut().enumerate();
        let (n, answer) =
            queries.find_map(|(n, query)| Some((n, query.handle_input(now, remote, datagram)?)))?;
        let counts = answer.is_some() && self.chosen.is_none_or(|chosen| chosen == n);
        if counts {
            (self.chosen, self.answered) = (Some(n), true);
        }
        Some(answer.filter(|_| counts))
    }

    /// The host has other addresses: all are asked, and the first answer counts.
    pub(crate) fn ask_again(&mut self, now: Instant) {
        self.chosen = None;
        self.queries.iter_mut().for_each(|query| query.restart(now));
    }

    /// What was said may not be true any more: who is asked from time to time is asked now.
    pub(crate) fn doubt(&mut self, now: Instant) {
        match self.chosen.and_then(|chosen| self.queries.get_mut(chosen)) {
            Some(chosen) => chosen.doubt(now),
            None => self.queries.iter_mut().for_each(|query| query.doubt(now)),
        }
    }

    /// When there is something to do. `None`: nobody is to be asked.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self.chosen {
            Some(chosen) => self.queries.get(chosen).map(Query::poll_timeout),
            None => self.queries.iter().map(Query::poll_timeout).min(),
        }
    }

    /// It is known what there is to know.
    pub(crate) fn is_settled(&self) -> bool {
        self.answered || self.queries.iter().all(Query::is_settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn ms(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    /// Who is asked now, and what.
    fn asked(queries: &mut FamilyQueries, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        let (mut rng, mut all) = (Random::from_system().unwrap(), Vec::new());
        loop {
            let mut out = Vec::new();
            let Some(server) = queries.poll_transmit(now, &mut rng, &mut out) else { return all };
            all.push((server, out));
        }
    }

    fn answer(request: &[u8], seen: &str) -> Vec<u8> {
        let mut out = Vec::new();
        stun::server::answer(request, at(seen), &mut out).unwrap();
        out
    }

    fn two() -> FamilyQueries {
        let mut queries = FamilyQueries::new(Family::V4);
        for server in ["192.0.2.1:1", "192.0.2.2:2", "192.0.2.1:1", "[2001:db8::1]:3"] {
            queries.add(ms(0), at(server));
        }
        queries
    }

    #[test]
    fn the_first_answer_counts_and_its_server_is_asked_again() {
        let mut queries = two();
        let requests = asked(&mut queries, ms(0));
        assert_eq!(requests.len(), 2, "each server of this family once");
        assert!(!queries.is_settled());
        let (second, request) = &requests[1];
        let response = answer(request, "203.0.113.5:50");
        assert_eq!(
            queries.handle_input(ms(9), *second, &response),
            Some(Some(at("203.0.113.5:50")))
        );
        assert!(queries.is_settled());
        let late = answer(&requests[0].1, "203.0.113.5:51");
        assert_eq!(queries.handle_input(ms(10), requests[0].0, &late), Some(None), "too late");
        assert_eq!(queries.poll_timeout(), Some(ms(20_009)));
        let again = asked(&mut queries, ms(20_009));
        assert_eq!(again.iter().map(|(server, _)| *server).collect::<Vec<_>>(), [*second]);
    }

    #[test]
    fn when_the_chosen_one_falls_silent_all_are_asked() {
        let mut queries = two();
        let requests = asked(&mut queries, ms(0));
        let response = answer(&requests[0].1, "203.0.113.5:50");
        queries.handle_input(ms(0), requests[0].0, &response);
        let mut servers = Vec::new();
        while let Some(at) = queries.poll_timeout().filter(|at| *at <= ms(23_500)) {
            servers.extend(asked(&mut queries, at).into_iter().map(|(server, _)| server));
        }
        let chosen = requests[0].0;
        assert_eq!(servers, [chosen, chosen, chosen, requests[1].0]);
        assert!(queries.is_settled(), "it was known once");
    }

    /// A name with several addresses: they are asked one after the other until one answers.
    #[test]
    fn who_is_asked_later_is_not_asked_if_there_is_an_answer() {
        for answers in [true, false] {
            let mut queries = FamilyQueries::new(Family::V4);
            queries.add(ms(0), at("192.0.2.1:1"));
            queries.add(ms(250), at("192.0.2.2:1"));
            let first = asked(&mut queries, ms(0));
            assert_eq!(first.len(), 1);
            if answers {
                let response = answer(&first[0].1, "203.0.113.5:50");
                queries.handle_input(ms(100), first[0].0, &response);
            }
            assert_eq!(queries.poll_timeout(), Some(ms(if answers { 20_100 } else { 250 })));
            let second: Vec<_> =
                asked(&mut queries, ms(250)).into_iter().map(|(server, _)| server).collect();
            assert_eq!(second.contains(&at("192.0.2.2:1")), !answers);
            assert_eq!(queries.is_settled(), answers);
        }
    }

    #[test]
    fn without_servers_there_is_nothing_to_know() {
        let queries = FamilyQueries::new(Family::V6);
        assert!(queries.is_settled() && queries.is_empty());
        assert_eq!(queries.poll_timeout(), None);
    }
}
