//! A STUN server that helps to discover how a NAT behaves, RFC 5780.

use core::net::{IpAddr, SocketAddr};
use std::collections::VecDeque;

use sansio::{Datagram, Instant, Path, Transmit};
use stun::behavior;

use super::Host;
use super::address::ip;

/// A STUN server with two addresses and two ports, 3478 and 3479.
#[derive(Debug)]
pub struct StunServer {
    server: behavior::Server,
    answers: VecDeque<(Path, Vec<u8>)>,
}

impl StunServer {
    /// A server at these addresses.
    #[track_caller]
    pub fn new(address: &str, other: &str) -> Self {
        let primary = SocketAddr::new(ip(address), 3478);
        let other = SocketAddr::new(ip(other), 3479);
        Self { server: behavior::Server { primary, other }, answers: VecDeque::new() }
    }

    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        vec![self.server.primary.ip(), self.server.other.ip()]
    }
}

impl Host for StunServer {
    fn handle_input(&mut self, _: Instant, input: Datagram<'_, Path>) {
        let mut out = Vec::new();
        if let Ok(path) = self.server.answer(input.path, input.data, &mut out) {
            self.answers.push_back((path, out));
        }
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let (path, answer) = self.answers.pop_front()?;
        buf.extend_from_slice(&answer);
        Some(Transmit::new(path, answer.len()))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}
