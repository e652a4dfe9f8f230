//! A lite agent on the other side: it answers, and uses what is nominated.

use std::collections::VecDeque;

use patchcord_ice::{Candidate, CandidateKind, Config, Credentials, Implementation, Role, State};
use sansio::{Datagram, Instant, Machine, Path, Transmit};
use stun::attribute::{UseCandidate, XorMappedAddress};
use stun::{IntegrityKey, Message, MessageBuilder};
use testkit::{LinkConfig, Pair};

use crate::scene::{A, B, Host, address, at, host, ms};

/// A whole lite agent, RFC 8445 §2.5.
#[derive(Debug, Default)]
struct Lite {
    nominated: Option<Path>,
    responses: VecDeque<(Path, Vec<u8>)>,
}

fn credentials() -> Credentials {
    Credentials::new("lite", "asd88fgpdd777uzjYhagZg").unwrap()
}

impl Machine for Lite {
    type Path = Path;
    type Event = ();
    type Discard = stun::ParseError;

    fn handle_input(
        &mut self,
        _: Instant,
        input: Datagram<'_, Path>,
    ) -> Result<(), stun::ParseError> {
        let key = IntegrityKey::short_term(credentials().pwd());
        let request = Message::parse(input.data)?;
        request.check_integrity(&key).unwrap();
        if request.get::<UseCandidate>().unwrap().is_some() {
            self.nominated = Some(input.path);
        }
        let mut out = Vec::new();
        MessageBuilder::success(&mut out, &request)
            .attribute(&XorMappedAddress(input.path.remote))
            .integrity(&key)
            .fingerprint();
        self.responses.push_back((input.path, out));
        Ok(())
    }
    fn handle_timeout(&mut self, _: Instant) {}
    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let (path, bytes) = self.responses.pop_front()?;
        buf.extend_from_slice(&bytes);
        Some(Transmit::new(path, bytes.len()))
    }
    fn poll_event(&mut self) -> Option<()> {
        None
    }
    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

fn scene(link: LinkConfig, seed: u64, remotes: &[&str]) -> Pair<Host, Lite> {
    // Even the answerer controls a lite agent.
    let mut a = host(Config::default(), seed, Role::Controlled, &[A]);
    a.set_remote_implementation(at(0), Implementation::Lite);
    assert_eq!(a.role(), Role::Controlling);
    a.set_role(at(0), Role::Controlled);
    assert_eq!(a.role(), Role::Controlling);
    scene_of(a, link, seed, remotes)
}

fn scene_of(mut a: Host, link: LinkConfig, seed: u64, remotes: &[&str]) -> Pair<Host, Lite> {
    a.set_remote_credentials(at(0), credentials());
    for (n, text) in remotes.iter().enumerate() {
        a.add_remote_candidate(
            at(0),
            Candidate {
                foundation: n.to_string().into(),
                component: 1,
                transport: sansio::Transport::Udp,
                tcp_type: None,
                priority: 2_130_706_431 - n as u32,
                address: patchcord_ice::Address::Ip(address(text)),
                kind: CandidateKind::Host,
                related: None,
                ufrag: None,
            },
        );
    }
    a.end_of_remote_candidates(at(0));
    Pair::new(a, Lite::default(), link, seed)
}

#[test]
fn the_first_check_nominates() {
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[B]);
    assert!(pair.run_until(|pair| pair.a.state() == State::Completed, ms(1000)));
    assert_eq!(pair.now, at(100), "one round trip");
    assert_eq!(pair.trace.entries().len(), 2);
    assert_eq!(pair.b.nominated.map(Path::reversed), pair.a.route().map(|route| route.path));
}

#[test]
fn bad_links_and_dead_addresses_end_in_agreement() {
    for seed in 0..100 {
        let link = LinkConfig { loss: 0.2, jitter: ms(20), ..LinkConfig::delayed(ms(20)) };
        let mut pair = scene(link, seed, &["198.51.100.7:7", B]);
        if seed % 2 == 0 {
            pair.a.dead = vec![address("198.51.100.7:7")];
        }
        assert!(pair.run_until(|pair| pair.a.state() == State::Completed, ms(20_000)), "{seed}");
        pair.run_for(ms(100));
        assert_eq!(pair.b.nominated.map(Path::reversed), pair.a.route().map(|route| route.path));
        pair.run_for(ms(60_000));
        assert!(pair.a.route().is_some(), "consent is renewed: {seed}");
    }
}

#[test]
fn a_lite_agent_asks_another_one() {
    // That chooses for itself, RFC 8445 §8.2, and answers whoever asks.
    let config = Config { implementation: Implementation::Lite, ..Config::default() };
    for (role, expected) in
        [(Role::Controlling, State::Completed), (Role::Controlled, State::Connected)]
    {
        let mut a = host(config, 1, role, &[A]);
        a.set_remote_implementation(at(0), Implementation::Lite);
        assert_eq!(a.role(), role);
        let mut pair = scene_of(a, LinkConfig::delayed(ms(50)), 1, &[B]);
        assert!(pair.run_until(|pair| pair.a.route().is_some(), ms(1000)));
        assert_eq!((pair.now, pair.a.state()), (at(100), expected));
        pair.run_for(ms(60_000));
        assert_eq!(pair.a.state(), expected, "consent goes on");
    }
}
