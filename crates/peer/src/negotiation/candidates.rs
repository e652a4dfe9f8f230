//! Candidates: theirs trickle in (RFC 8838), ours trickle out; and their two forms, of signalling
//! and of the agent.

use core::net::{IpAddr, SocketAddr};

use ice::TcpType;
use sansio::{Instant, Transport};
use sdp::attribute::{self, CandidateAddress};

use super::error::NegotiationError;
use crate::connection::PeerConnection;
use crate::description::{IceCandidate, SdpType};

impl PeerConnection {
    /// Adds a candidate of the other side (W3C `addIceCandidate`). `None`, or an empty text: there
    /// will be no more. What cannot be used is ignored; one with a name waits for
    /// [`resolve_name`](Self::resolve_name).
    ///
    /// # Errors
    ///
    /// There is no remote description yet, the section is unknown, or it is not a candidate.
    pub fn add_ice_candidate(
        &mut self,
        now: Instant,
        candidate: Option<IceCandidate>,
    ) -> Result<(), NegotiationError> {
        let state = self.negotiation.state;
        if self.negotiation.remote().is_none() || self.close_reason().is_some() {
            return Err(NegotiationError::InvalidState { command: "add_ice_candidate", state });
        }
        let Some(candidate) = candidate.filter(|c| !c.candidate.is_empty()) else {
            self.add_remote(now, None);
            return Ok(());
        };
        let ours = self.is_for_transport(&candidate)?;
        let parsed = sdp::Candidate::parse(&candidate.candidate)?;
        let mut parsed = from_sdp(&parsed);
        if let (Some(one), Some(ufrag)) = (&mut parsed, candidate.username_fragment) {
            one.ufrag = Some(ufrag.into_boxed_str());
        }
        if let Some(candidate) = parsed.filter(|_| ours) {
            self.add_remote(now, Some(candidate));
        }
        Ok(())
    }

    /// Removes a candidate of the other side that [`add_ice_candidate`](Self::add_ice_candidate), or
    /// its description, had added: it is of no use any more. One that is not known changes nothing.
    ///
    /// # Errors
    ///
    /// It is not a candidate.
    pub fn remove_ice_candidate(
        &mut self,
        now: Instant,
        candidate: &IceCandidate,
    ) -> Result<(), NegotiationError> {
        let parsed = from_sdp(&sdp::Candidate::parse(&candidate.candidate)?);
        if let (Some(gone), Some(pending)) = (&parsed, &mut self.negotiation.pending_remote)
            && let Some(transport) = &mut pending.remote.transport
        {
            transport.candidates.retain(|known| known.address != gone.address);
        }
        if let (Some(gone), Some(transport)) = (&parsed, self.transports.first_mut()) {
            transport.ice.remove_remote_candidate(now, gone);
        }
        self.settle(now);
        Ok(())
    }

    /// The shell's part of gathering: datagrams can be sent from, and arrive at, this address of
    /// ours. Before the local description is created it becomes part of it, later `IceCandidate`
    /// tells of it.
    pub fn add_local_candidate(&mut self, now: Instant, address: SocketAddr) {
        if let Some(transport) = self.transports.first_mut()
            && let Err(error) = transport.ice.add_local_candidate(now, address)
        {
            tracing::debug!(%error, %address, "not a candidate");
        }
        self.settle(now);
    }

    /// The same, but the other side is told `name` in place of the IP address: one that the shell
    /// tells by multicast DNS who asks for it (draft-ietf-mmusic-mdns-ice-candidates §3.1).
    pub fn add_hidden_candidate(&mut self, now: Instant, address: SocketAddr, name: &str) {
        if let Some(transport) = self.transports.first_mut()
            && let Err(error) = transport.ice.add_hidden_candidate(now, address, name)
        {
            tracing::debug!(%error, %address, "not a candidate");
        }
        self.settle(now);
    }

    /// The shell's answer to [`Event::NameToResolve`](crate::Event::NameToResolve): the addresses of
    /// a name that a candidate of the other side has. None: there are none.
    pub fn resolve_name(&mut self, now: Instant, name: &str, addresses: &[IpAddr]) {
        for transport in &mut self.transports {
            transport.ice.resolve_name(now, name, addresses);
        }
        self.settle(now);
    }

    /// The shell's part of gathering: a STUN server sees what we send from `base`, a local
    /// candidate, as coming from `mapped` (RFC 8445 §5.1.1.2).
    pub fn add_server_reflexive_candidate(
        &mut self,
        now: Instant,
        base: SocketAddr,
        mapped: SocketAddr,
    ) {
        if let Some(transport) = self.transports.first_mut()
            && let Err(error) = transport.ice.add_server_reflexive_candidate(now, base, mapped)
        {
            tracing::debug!(%error, %base, %mapped, "not a candidate");
        }
        self.settle(now);
    }

    /// A STUN server does not see us at `mapped` any more when we send from `base`: the candidate that
    /// was [added](Self::add_server_reflexive_candidate) goes, and `IceCandidateRemoved` tells of it.
    pub fn remove_server_reflexive_candidate(
        &mut self,
        now: Instant,
        base: SocketAddr,
        mapped: SocketAddr,
    ) {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.remove_server_reflexive_candidate(now, base, mapped);
        }
        self.settle(now);
    }

    /// An address of ours is gone: nothing can be sent from there any more, and nothing arrives.
    /// Its candidates go with it, `IceCandidateRemoved` tells of each, and data takes another path
    /// if there is one. No restart is needed.
    pub fn remove_local_candidate(&mut self, now: Instant, address: SocketAddr) {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.remove_local_candidate(now, address);
        }
        self.settle(now);
    }

    /// The shell's part of gathering: there are no more addresses. It is complete when the relays
    /// have answered too.
    pub fn end_of_local_candidates(&mut self, now: Instant) {
        for transport in &mut self.transports {
            transport.ice.end_of_local_candidates(now);
        }
        self.settle(now);
    }

    /// Whether a candidate is one of the transport that carries the bundle. An offerer does not know
    /// yet that its sections will share one, and may gather for each (RFC 9429 §4.1.1): of those in
    /// its offer only the transport of the section that we have taken will live.
    fn is_for_transport(&self, candidate: &IceCandidate) -> Result<bool, NegotiationError> {
        let Some((remote, text)) = self.negotiation.remote() else { return Ok(false) };
        let index = match (candidate.sdp_mid.as_deref(), candidate.sdp_m_line_index) {
            (Some(mid), _) if !mid.is_empty() => {
                remote.sections.iter().position(|section| section.mid.as_deref() == Some(mid))
            }
            (_, Some(index)) => Some(usize::from(index)),
            _ => return Ok(true),
        };
        let section = index.and_then(|index| remote.sections.get(index));
        let section = section.ok_or(NegotiationError::UnknownSection)?;
        let carries = index == remote.transport.as_ref().map(|transport| transport.section);
        Ok(carries || section.is_rejected() || text.kind == SdpType::Answer)
    }

    /// Candidates for an offer that is outstanding wait with it.
    fn add_remote(&mut self, now: Instant, candidate: Option<ice::Candidate>) {
        if let Some(pending) = &mut self.negotiation.pending_remote {
            match (&mut pending.remote.transport, candidate) {
                (Some(transport), Some(candidate)) => transport.candidates.push(candidate),
                (Some(transport), None) => transport.end_of_candidates = true,
                (None, _) => {}
            }
            return;
        }
        if let Some(transport) = self.transports.first_mut() {
            match candidate {
                Some(candidate) => transport.ice.add_remote_candidate(now, candidate),
                None => transport.ice.end_of_remote_candidates(now),
            }
        }
        self.settle(now);
    }
}

/// A candidate of ours as signalling has it.
pub(super) fn to_sdp(candidate: &ice::Candidate) -> sdp::Candidate<'static> {
    use ice::CandidateKind as Kind;
    let (address, port) = match &candidate.address {
        ice::Address::Ip(address) => (CandidateAddress::Ip(address.ip()), address.port()),
        ice::Address::Name { name, port } => {
            (CandidateAddress::Name(name.to_string().into()), *port)
        }
    };
    let nowhere = SocketAddr::from(([0, 0, 0, 0], 9));
    let mut out =
        sdp::Candidate::host(candidate.foundation.to_string(), candidate.priority, nowhere);
    (out.address, out.port) = (address, port);
    out.component = candidate.component;
    if candidate.transport == Transport::Tcp {
        out.transport = "tcp".into();
        out.tcp_type = candidate.tcp_type.map(|tcp_type| match tcp_type {
            TcpType::Active => attribute::TcpType::Active,
            TcpType::Passive => attribute::TcpType::Passive,
            TcpType::SimultaneousOpen => attribute::TcpType::SimultaneousOpen,
        });
    }
    out.kind = match candidate.kind {
        Kind::Host => attribute::CandidateKind::Host,
        Kind::ServerReflexive => attribute::CandidateKind::ServerReflexive,
        Kind::PeerReflexive => attribute::CandidateKind::PeerReflexive,
        Kind::Relayed => attribute::CandidateKind::Relayed,
    };
    out.related = candidate.related.map(|related| attribute::RelatedAddress {
        address: CandidateAddress::Ip(related.ip()),
        port: related.port(),
    });
    out
}

/// A candidate of theirs as the agent has it; `None` if it is of a kind that nobody has defined
/// yet.
pub(super) fn from_sdp(candidate: &sdp::Candidate<'_>) -> Option<ice::Candidate> {
    let kind = match candidate.kind {
        attribute::CandidateKind::Host => ice::CandidateKind::Host,
        attribute::CandidateKind::ServerReflexive => ice::CandidateKind::ServerReflexive,
        attribute::CandidateKind::PeerReflexive => ice::CandidateKind::PeerReflexive,
        attribute::CandidateKind::Relayed => ice::CandidateKind::Relayed,
        _ => return None,
    };
    let transport = match candidate.transport()? {
        attribute::Transport::Udp => Transport::Udp,
        attribute::Transport::Tcp => Transport::Tcp,
    };
    let port = candidate.port;
    let address = match &candidate.address {
        CandidateAddress::Ip(ip) => ice::Address::Ip(SocketAddr::new(*ip, port)),
        CandidateAddress::Name(name) => ice::Address::Name { name: name.as_str().into(), port },
    };
    let related = candidate.related.as_ref().and_then(|related| match related.address {
        CandidateAddress::Ip(ip) => Some(SocketAddr::new(ip, related.port)),
        CandidateAddress::Name(_) => None,
    });
    Some(ice::Candidate {
        foundation: candidate.foundation.as_str().into(),
        component: candidate.component,
        transport,
        tcp_type: candidate.tcp_type.map(|tcp_type| match tcp_type {
            attribute::TcpType::Active => TcpType::Active,
            attribute::TcpType::Passive => TcpType::Passive,
            attribute::TcpType::SimultaneousOpen => TcpType::SimultaneousOpen,
        }),
        priority: candidate.priority,
        address,
        kind,
        related,
        ufrag: candidate.extension("ufrag").map(Into::into),
    })
}

/// The default destination of RFC 8839 §4.2.1.2: what stands in `m=` and `c=`.
/// IPv4 first: what reads it is old.
pub(super) fn default_destination(agent: &ice::Agent) -> Option<SocketAddr> {
    let over_udp = agent.signalled_candidates().filter(|it| it.transport == Transport::Udp);
    let addresses: Vec<_> = over_udp.filter_map(|candidate| candidate.socket_addr()).collect();
    addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied()
}
