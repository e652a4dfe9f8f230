//! Both descriptions are there: transports learn what was agreed, and begin.

use dtls::Role as DtlsRole;
use sansio::Instant;
use sdp::attribute::Setup;

use super::error::NegotiationError;
use super::read::Remote;
use super::state::PendingRemote;
use super::write::Local;
use crate::connection::PeerConnection;
use crate::state::SignalingState;

/// Who made the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Offerer,
    Answerer,
}

impl PeerConnection {
    pub(super) fn commit(
        &mut self,
        now: Instant,
        side: Side,
        mut local: Local,
        answered: PendingRemote,
    ) {
        let PendingRemote { remote, mut text, transceivers } = answered;
        text.sdp.shrink_to_fit();
        let role = dtls_role(side, &local, &remote);
        if let Some(credentials) = local.restart.take() {
            for transport in &mut self.transports {
                transport.ice.restart_with(now, credentials.clone());
            }
        }
        self.decide_sped(&local, &remote);
        self.apply_transport(now, side, &remote, role);
        self.negotiation.agreed = self.agree(&local, &remote, &transceivers);
        let negotiation = &mut self.negotiation;
        negotiation.decide_snap(&local, &remote);
        negotiation.current_local = Some(local);
        negotiation.remote_data = remote.data().cloned();
        negotiation.created = None;
        negotiation.needed = false;
        negotiation.state = SignalingState::Stable;
        if let Some(data) = &negotiation.remote_data {
            self.data.set_max_message_size(data.max_message_size);
        }
        self.negotiation.current_remote = Some((remote, text));
        self.start_data(now);
        self.check_need();
    }

    fn apply_transport(&mut self, now: Instant, side: Side, remote: &Remote, role: DtlsRole) {
        let (Some(theirs), Some(transport)) = (&remote.transport, self.transports.first_mut())
        else {
            return;
        };
        let ice = &mut transport.ice;
        if ice.remote_credentials() != Some(&theirs.credentials) {
            // RFC 8445 §6.1.1: the offerer controls, unless the other side is lite.
            ice.set_role(
                now,
                match side {
                    Side::Offerer => ice::Role::Controlling,
                    Side::Answerer => ice::Role::Controlled,
                },
            );
            ice.set_remote_implementation(now, theirs.implementation);
            ice.set_remote_renomination(now, theirs.renominates);
            ice.set_remote_credentials(now, theirs.credentials.clone());
        }
        for candidate in &theirs.candidates {
            ice.add_remote_candidate(now, candidate.clone());
        }
        if theirs.end_of_candidates {
            ice.end_of_remote_candidates(now);
        }
        transport.set_dtls_parameters(role, theirs.fingerprints.clone());
    }

    /// RFC 8842 §4: another certificate, or the opposite role, would be another association, which
    /// takes another connection here.
    pub(super) fn check_association(&self, remote: &Remote) -> Result<(), NegotiationError> {
        let before = self.negotiation.current_remote.as_ref();
        let before = before.and_then(|(remote, _)| remote.transport.as_ref());
        match (before, &remote.transport) {
            (Some(before), Some(theirs))
                if !theirs.fingerprints.iter().any(|f| before.fingerprints.contains(f)) =>
            {
                let what = "a fingerprint of another certificate";
                Err(NegotiationError::Unacceptable { index: theirs.section, what })
            }
            _ => Ok(()),
        }
    }

    /// The role that our answer takes (RFC 8842 §5.3): the DTLS client's, which saves half a round
    /// trip, unless the offer wants that one or DTLS is at work already.
    pub(super) fn answer_setup(&self, remote: &Remote) -> Setup {
        let running = self.transports.first().and_then(|t| t.dtls.connection());
        let theirs = remote.transport.as_ref().map(|t| t.setup);
        match (running.map(dtls::Connection::role), theirs) {
            (Some(DtlsRole::Server), _) | (None, Some(Setup::Active)) => Setup::Passive,
            (Some(DtlsRole::Client) | None, _) => Setup::Active,
        }
    }

    /// RFC 8445 §6.1.1: the offerer controls. It does so from the offer on: checks of the other
    /// side may overtake its answer.
    pub(super) fn control_ice(&mut self, now: Instant) {
        for transport in &mut self.transports {
            if transport.ice.remote_credentials().is_none() {
                transport.ice.set_role(now, ice::Role::Controlling);
            }
        }
    }

    /// The other side's credentials changed (RFC 8839 §4.4.1.1.1).
    pub(super) fn is_ice_restart(&self, remote: &Remote) -> bool {
        let known = self.transports.first().and_then(|t| t.ice.remote_credentials());
        let theirs = remote.transport.as_ref().map(|t| &t.credentials);
        matches!((known, theirs), (Some(known), Some(theirs)) if known != theirs)
    }

    /// Credentials for a restart, if there is something to restart.
    pub(super) fn fresh_credentials(&mut self) -> Option<ice::Credentials> {
        let begun = self.negotiation.current_remote.is_some();
        begun.then(|| ice::Credentials::random(&mut *self.rng))
    }
}

/// Who is the DTLS client (RFC 8842 §5): the active side.
fn dtls_role(side: Side, local: &Local, remote: &Remote) -> DtlsRole {
    let theirs = remote.transport.as_ref().map(|t| t.setup);
    match (side, theirs) {
        (Side::Answerer, _) if local.setup == Setup::Active => DtlsRole::Client,
        (Side::Offerer, Some(Setup::Passive)) => DtlsRole::Client,
        _ => DtlsRole::Server,
    }
}
