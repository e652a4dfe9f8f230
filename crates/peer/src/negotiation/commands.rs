//! The W3C's four commands (webrtc-pc §4.4.2), and the states that they need:
//!
//! ```text
//!              set_local(offer)                 set_remote(answer)
//!           ┌───────────────────► have-local-offer ───────────────────┐
//!   stable ─┤                                                         ├─► stable
//!           └───────────────────► have-remote-offer ──────────────────┘
//!              set_remote(offer)                 set_local(answer)
//! ```
//!
//! A rollback leads from either state in the middle back to `stable`. There is no implicit one: an
//! offer that meets an offer of ours is refused.

use sansio::Instant;

use super::commit::Side;
use super::error::NegotiationError;
use super::read::Remote;
use super::section::Section;
use super::state::{Created, PendingRemote};
use super::write::Local;
use crate::connection::PeerConnection;
use crate::description::{OfferOptions, SdpType, SessionDescription};
use crate::state::SignalingState as S;

impl PeerConnection {
    /// Makes an offer of what is there and what is wanted (W3C `createOffer`). Candidates that are
    /// known by now are inside.
    ///
    /// # Errors
    ///
    /// An offer of the other side is outstanding, or the connection is closed.
    pub fn create_offer(
        &mut self,
        _now: Instant,
        options: OfferOptions,
    ) -> Result<SessionDescription, NegotiationError> {
        self.expect_state("create_offer", &[S::Stable, S::HaveLocalOffer])?;
        let restart = if options.ice_restart { self.fresh_credentials() } else { None };
        let local = self.build_offer(restart);
        Ok(self.created(local))
    }

    /// Makes an answer to the offer that is outstanding (W3C `createAnswer`).
    ///
    /// # Errors
    ///
    /// No offer of the other side is outstanding.
    pub fn create_answer(&mut self, _now: Instant) -> Result<SessionDescription, NegotiationError> {
        self.expect_state("create_answer", &[S::HaveRemoteOffer])?;
        let Some(pending) = self.negotiation.pending_remote.take() else {
            return Err(self.invalid_state("create_answer"));
        };
        let version = self.negotiation.next_version();
        let restart = self.is_ice_restart(&pending.remote);
        let restart = if restart { self.fresh_credentials() } else { None };
        let setup = self.answer_setup(&pending.remote);
        let local = self.build_answer(&pending, setup, version, restart);
        self.negotiation.pending_remote = Some(pending);
        Ok(self.created(local))
    }

    /// Sets our description (W3C `setLocalDescription`). `None` creates the offer or the answer
    /// that the state asks for, and sets it.
    ///
    /// # Errors
    ///
    /// It does not fit the state, or it is not the description that was created last.
    pub fn set_local_description(
        &mut self,
        now: Instant,
        description: Option<SessionDescription>,
    ) -> Result<(), NegotiationError> {
        let description = match (description, self.negotiation.state) {
            (Some(description), _) => description,
            (None, S::HaveRemoteOffer) => self.create_answer(now)?,
            (None, _) => self.create_offer(now, OfferOptions::default())?,
        };
        match description.kind {
            SdpType::Offer => {
                self.expect_state("set_local_description(offer)", &[S::Stable, S::HaveLocalOffer])?;
                let local = self.take_created(&description)?;
                self.associate_local(&local);
                self.expect_sped(&local);
                self.negotiation.pending_local = Some(local);
                self.negotiation.state = S::HaveLocalOffer;
                self.control_ice(now);
            }
            SdpType::Answer => {
                self.expect_state("set_local_description(answer)", &[S::HaveRemoteOffer])?;
                let local = self.take_created(&description)?;
                if let Some(pending) = self.negotiation.pending_remote.take() {
                    self.commit(now, Side::Answerer, local, pending);
                }
            }
            SdpType::Rollback => self.rollback("set_local_description(rollback)")?,
        }
        self.settle(now);
        Ok(())
    }

    /// Sets the other side's description (W3C `setRemoteDescription`).
    ///
    /// # Errors
    ///
    /// It does not fit the state, is not SDP, lacks what WebRTC needs, or does not match the offer.
    pub fn set_remote_description(
        &mut self,
        now: Instant,
        description: SessionDescription,
    ) -> Result<(), NegotiationError> {
        match description.kind {
            SdpType::Offer => {
                let command = "set_remote_description(offer)";
                self.expect_state(command, &[S::Stable, S::HaveRemoteOffer])?;
                let agreed = &self.negotiation.agreed;
                let remote = Remote::offer(&description.sdp, agreed, &self.config)?;
                self.check_association(&remote)?;
                self.check_init(&remote)?;
                let transceivers = self.associate_offer(&remote);
                let pending = PendingRemote { remote, text: description, transceivers };
                self.negotiation.pending_remote = Some(pending);
                self.negotiation.created = None;
                self.negotiation.state = S::HaveRemoteOffer;
            }
            SdpType::Answer => {
                self.expect_state("set_remote_description(answer)", &[S::HaveLocalOffer])?;
                let offered = self.negotiation.pending_local.as_ref();
                let offered: &[Section] =
                    offered.map(|l| l.sections.as_slice()).unwrap_or_default();
                let remote = Remote::answer(&description.sdp, offered, &self.config)?;
                self.check_association(&remote)?;
                self.check_init(&remote)?;
                if let Some(local) = self.negotiation.pending_local.take() {
                    let (text, transceivers) = (description, Vec::new());
                    let answer = PendingRemote { remote, text, transceivers };
                    self.commit(now, Side::Offerer, local, answer);
                }
            }
            SdpType::Rollback => self.rollback("set_remote_description(rollback)")?,
        }
        self.settle(now);
        Ok(())
    }

    /// Our description, the outstanding one or else the agreed one, with all candidates so far
    /// (W3C `localDescription`).
    pub fn local_description(&self) -> Option<SessionDescription> {
        self.negotiation.local().map(|local| self.written(local))
    }

    /// The other side's description, as it was set (W3C `remoteDescription`).
    pub fn remote_description(&self) -> Option<&SessionDescription> {
        self.negotiation.remote().map(|(_, text)| text)
    }

    fn created(&mut self, local: Local) -> SessionDescription {
        let description = self.written(&local);
        self.negotiation.created = Some(Created {
            local,
            description: description.clone(),
            candidates: self.negotiation.found,
        });
        description
    }

    fn take_created(
        &mut self,
        description: &SessionDescription,
    ) -> Result<Local, NegotiationError> {
        match self.negotiation.created.take() {
            Some(created) if created.description == *description => {
                self.negotiation.told = created.candidates;
                Ok(created.local)
            }
            other => {
                self.negotiation.created = other;
                Err(NegotiationError::Modified(description.kind))
            }
        }
    }

    fn rollback(&mut self, command: &'static str) -> Result<(), NegotiationError> {
        self.expect_state(command, &[S::HaveLocalOffer, S::HaveRemoteOffer])?;
        self.negotiation.pending_local = None;
        self.negotiation.pending_remote = None;
        self.negotiation.created = None;
        self.negotiation.state = S::Stable;
        self.negotiation.needed = false;
        self.dissociate();
        self.check_need();
        Ok(())
    }

    fn expect_state(&self, command: &'static str, states: &[S]) -> Result<(), NegotiationError> {
        if states.contains(&self.negotiation.state) {
            Ok(())
        } else {
            Err(self.invalid_state(command))
        }
    }

    fn invalid_state(&self, command: &'static str) -> NegotiationError {
        NegotiationError::InvalidState { command, state: self.negotiation.state }
    }
}
