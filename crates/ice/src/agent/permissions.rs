//! Whom relays let in: those that pairs lead to, and no others for long, RFC 8656 §9.

use core::net::{IpAddr, SocketAddr};

use sansio::Path;
use turn::client::PeerError;

use crate::agent::generation::{Generation, Remote};
use crate::agent::machine::Agent;
use crate::agent::pair::Pair;
use crate::agent::relays::Relay;

impl Agent {
    /// Asks the relay to let datagrams of this pair through. If that is one address too many, the
    /// oldest goes to which no pair leads.
    pub(super) fn permit(&mut self, path: Path) {
        let Some(index) = self.relay_of(path.local) else { return };
        let ip = path.remote.ip();
        let client = self.relays[index].client_mut();
        if !matches!(client.map(|client| client.permit(ip)), Some(Err(PeerError::TooMany(_)))) {
            return;
        }
        let paired = self.paired(index);
        let is_unused = |ip: &IpAddr| !paired.iter().any(|peer| peer.ip() == *ip);
        let Some(client) = self.relays[index].client_mut() else { return };
        // If all are in use, the pair fails by itself.
        let oldest = client.permitted().find(is_unused);
        if let Some(oldest) = oldest {
            client.forget(oldest);
            // There is room now.
            let _ = client.permit(ip);
        }
    }

    /// Asks for a channel: the pair carries data.
    pub(super) fn bind(&mut self, path: Path) {
        let relay = self.relay_of(path.local).and_then(|index| self.relays.get_mut(index));
        if let Some(client) = relay.and_then(Relay::client_mut) {
            // Without a channel it goes in indications.
            let _ = client.bind(path.remote);
        }
    }

    /// Ceases to keep what the relay grants to addresses that are neither candidates of the other
    /// side any more nor in a pair, and channels of no pair. After a restart it waits for the first of
    /// those candidates: as a rule the other side is where it was.
    pub(super) fn forget_strangers(&mut self, index: usize) {
        if self.current.remotes.is_empty() {
            return;
        }
        let paired = self.paired(index);
        let candidates = &self.current.remotes;
        let Some(client) = &mut self.relays[index].client else { return };
        let is_known = |ip: IpAddr| {
            let is_candidate = |remote: &Remote| remote.address.ip() == ip;
            candidates.iter().any(is_candidate) || paired.iter().any(|peer| peer.ip() == ip)
        };
        for ip in client.permitted().filter(|ip| !is_known(*ip)).collect::<Vec<_>>() {
            client.forget(ip);
        }
        for peer in client.channel_peers().filter(|it| !paired.contains(it)).collect::<Vec<_>>() {
            client.unbind(peer);
        }
    }

    /// Where the pairs of a relay lead.
    fn paired(&self, index: usize) -> Vec<SocketAddr> {
        let Some(relay) = self.relays.get(index) else { return Vec::new() };
        let generations = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        let pairs = generations.flat_map(|generation: &Generation| &generation.pairs);
        let is_its = |pair: &&Pair| relay.has(pair.path.local);
        pairs.filter(is_its).map(|pair| pair.path.remote).collect()
    }
}
