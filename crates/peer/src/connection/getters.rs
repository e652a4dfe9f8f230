//! States, descriptions and statistics.

use super::close::CloseReason;
use super::machine::PeerConnection;
use crate::state::{ConnectionState, IceConnectionState, IceGatheringState, SignalingState};
use crate::stats::{DatagramCounters, Stats};
use crate::transport::{Dtls, Transport};

impl PeerConnection {
    /// W3C `signalingState`.
    pub fn signaling_state(&self) -> SignalingState {
        self.negotiation.state
    }

    /// W3C `iceGatheringState`.
    pub fn ice_gathering_state(&self) -> IceGatheringState {
        self.negotiation.gathering_state()
    }

    /// W3C `iceConnectionState`: the states of all transports together (webrtc-pc §4.3.4).
    pub fn ice_connection_state(&self) -> IceConnectionState {
        use ice::State as S;
        if self.end.is_some() {
            return IceConnectionState::Closed;
        }
        let any = |wanted: &[S]| self.transports.iter().any(|t| wanted.contains(&t.ice.state()));
        let all = |wanted: &[S]| self.transports.iter().all(|t| wanted.contains(&t.ice.state()));
        if any(&[S::Failed]) {
            IceConnectionState::Failed
        } else if any(&[S::Disconnected]) {
            IceConnectionState::Disconnected
        } else if all(&[S::New, S::Closed]) {
            IceConnectionState::New
        } else if any(&[S::New, S::Checking]) {
            IceConnectionState::Checking
        } else if all(&[S::Completed, S::Closed]) {
            IceConnectionState::Completed
        } else {
            IceConnectionState::Connected
        }
    }

    /// W3C `connectionState`: ICE and DTLS of all transports together (webrtc-pc §4.3.3).
    pub fn connection_state(&self) -> ConnectionState {
        match &self.end {
            Some(CloseReason::Dtls(reason)) if reason.state() == dtls::State::Failed => {
                return ConnectionState::Failed;
            }
            Some(_) => return ConnectionState::Closed,
            None => {}
        }
        let dtls_failed = self.transports.iter().any(|t| matches!(t.dtls, Dtls::Failed));
        match self.ice_connection_state() {
            _ if dtls_failed => ConnectionState::Failed,
            IceConnectionState::Failed => ConnectionState::Failed,
            IceConnectionState::Disconnected => ConnectionState::Disconnected,
            IceConnectionState::New if !self.transports.iter().any(Transport::dtls_has_begun) => {
                ConnectionState::New
            }
            IceConnectionState::Connected | IceConnectionState::Completed
                if self.transports.iter().all(Transport::dtls_is_connected) =>
            {
                ConnectionState::Connected
            }
            _ => ConnectionState::Connecting,
        }
    }

    /// The user name fragments by which STUN requests for this connection can be told from those
    /// for others that share its socket: the first half of USERNAME (RFC 8445 §7.2.2).
    pub fn local_ufrags(&self) -> impl Iterator<Item = &str> {
        self.transports.iter().flat_map(|transport| transport.ice.ufrags())
    }

    fn datagram_counters(&self) -> DatagramCounters {
        let mut counters = self.counters;
        for ice in self.transports.iter().map(|transport| transport.ice.counters()) {
            counters.embedded_sent += ice.embedded_sent;
            counters.embedded_received += ice.embedded_received;
        }
        counters
    }

    /// What this connection did so far.
    pub fn stats(&self) -> Stats {
        let transport = self.transports.first();
        let dtls = transport.and_then(|t| t.dtls.connection());
        Stats {
            path: transport.and_then(|t| t.ice.route()).map(|route| route.path),
            round_trip_time: transport.and_then(|t| t.ice.rtt()),
            dtls_version: dtls.and_then(dtls::Connection::version),
            dtls_cipher: dtls.and_then(dtls::Connection::cipher_suite),
            dtls_group: dtls.and_then(dtls::Connection::group),
            datagrams: self.datagram_counters(),
            channels: self.data.counters(),
            interleaving: self.data.is_interleaving(),
            association: self.data.association_counters(),
            mtu: self.data.packet_size(),
            media: self.media_counters(),
        }
    }
}
