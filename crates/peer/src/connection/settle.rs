//! FACTS: one ascent. What happened below is told to what stands above, in a fixed order, until
//! nothing moves: ice ─► dtls ─► sctp ─► channels ─► application.

use dtls::Role;
use sansio::{Instant, Machine};

use super::close::CloseReason;
use super::machine::PeerConnection;
use crate::channels::Parity;
use crate::event::Event;
use crate::state::{ConnectionState, IceConnectionState, IceGatheringState, SignalingState};

/// The states that the application was told last.
#[derive(Debug, Default)]
pub(super) struct Reported {
    pub(super) signaling: SignalingState,
    pub(super) gathering: IceGatheringState,
    pub(super) ice: IceConnectionState,
    pub(super) connection: ConnectionState,
}

impl PeerConnection {
    pub(crate) fn settle(&mut self, now: Instant) {
        self.wake();
        while self.settle_ice(now) | self.settle_dtls(now) {}
        self.start_srtp();
        if let Some(time) = self.transports.first().and_then(|transport| transport.ice.rtt()) {
            self.media.set_round_trip_time(time);
        }
        self.data.settle(now);
        self.report_states();
    }

    /// True: DTLS was started by what ICE found.
    fn settle_ice(&mut self, now: Instant) -> bool {
        let Self { transports, data, events, config, negotiation, .. } = self;
        let mut moved = false;
        for transport in transports {
            while let Some(event) = transport.ice.poll_event() {
                match event {
                    ice::Event::RouteChanged(route) => {
                        data.path_changed(now);
                        events.push_back(Event::SelectedPathChange(route.path));
                    }
                    ice::Event::LocalCandidate(candidate) => {
                        let ufrag = transport.ice.local_credentials().ufrag();
                        negotiation.candidate_found(&candidate, ufrag, events);
                    }
                    ice::Event::MappingDoubted => events.push_back(Event::MappingDoubted),
                    ice::Event::NameToResolve(name) => events.push_back(Event::NameToResolve(name)),
                    ice::Event::SocketWanted(wanted) => {
                        events.push_back(Event::SocketWanted(wanted));
                    }
                    ice::Event::SocketReleased(id) => events.push_back(Event::SocketReleased(id)),
                    ice::Event::RelayFailed { relay, error } => {
                        events.push_back(Event::RelayFailed { relay, error });
                    }
                    ice::Event::GatheringStateChanged(state) => {
                        negotiation.gathered = state == ice::GatheringState::Complete;
                    }
                    ice::Event::LocalCandidateRemoved(candidate) => {
                        let ufrag = transport.ice.local_credentials().ufrag();
                        negotiation.candidate_removed(&candidate, ufrag, events);
                    }
                    _ => {}
                }
            }
            moved |= transport.start_dtls(now, config);
            transport.settle_handshake(now, config);
        }
        moved
    }

    /// True: something ended, and ICE may have more to say.
    fn settle_dtls(&mut self, now: Instant) -> bool {
        let mut moved = false;
        while let Some(event) = self
            .transports
            .first_mut()
            .and_then(|transport| transport.dtls.connection_mut())
            .and_then(Machine::poll_event)
        {
            match event {
                dtls::Event::Connected { .. } => {
                    self.start_data(now);
                    self.descend_overtook(now);
                }
                // Fingerprints alone count here, so nobody is asked.
                dtls::Event::CertificatePresented => {}
                dtls::Event::Closed(reason) => {
                    self.finish(now, CloseReason::Dtls(reason));
                    moved = true;
                }
            }
        }
        moved
    }

    /// Starts the association when DTLS is up and the descriptions ask for it.
    pub(crate) fn start_data(&mut self, now: Instant) {
        let Self { transports, data, negotiation, config, rng, .. } = self;
        let Some(remote) = &negotiation.remote_data else { return };
        let Some(connection) = transports.first().and_then(|t| t.dtls.connection()) else { return };
        if connection.state() != dtls::State::Connected {
            return;
        }
        let parity = match connection.role() {
            Role::Client => Parity::Even,
            Role::Server => Parity::Odd,
        };
        let sctp = sctp::Config {
            remote_port: remote.port,
            max_incoming_message_size: config.max_message_size,
            // A message is read when it is whole.
            receive_window: config.sctp.receive_window.max(config.max_message_size),
            ..config.sctp.clone()
        };
        data.start(now, sctp, negotiation.snap.tokens(), parity, rng.fork());
    }

    /// Keys for media, as soon as there may be any: they and their tables take kilobytes.
    fn start_srtp(&mut self) {
        let Self { transports, transceivers, config, .. } = self;
        let Some(transport) = transports.first_mut() else { return };
        if transport.srtp.is_none() && !transceivers.is_empty() {
            transport.start_srtp(config);
        }
    }

    /// Tells the application which states changed, those below first.
    pub(crate) fn report_states(&mut self) {
        let signaling = self.signaling_state();
        if core::mem::replace(&mut self.reported.signaling, signaling) != signaling {
            self.events.push_back(Event::SignalingStateChange(signaling));
        }
        let gathering = self.ice_gathering_state();
        if core::mem::replace(&mut self.reported.gathering, gathering) != gathering {
            self.events.push_back(Event::IceGatheringStateChange(gathering));
            if gathering == IceGatheringState::Complete {
                self.events.push_back(Event::IceCandidate(None));
            }
        }
        let ice = self.ice_connection_state();
        if core::mem::replace(&mut self.reported.ice, ice) != ice {
            self.events.push_back(Event::IceConnectionStateChange(ice));
        }
        let connection = self.connection_state();
        if core::mem::replace(&mut self.reported.connection, connection) != connection {
            self.events.push_back(Event::ConnectionStateChange(connection));
        }
    }
}
