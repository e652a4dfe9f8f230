//! Whether an offer is needed, W3C webrtc-pc §4.7.3.

use super::section::{Msid, Section};
use super::state::Negotiation;
use crate::connection::PeerConnection;
use crate::description::SdpType;
use crate::event::Event;
use crate::media::Transceiver;
use crate::state::SignalingState;

impl Negotiation {
    /// A channel was created: the data section is needed, if there was never one.
    pub(crate) fn want_data(&mut self, events: &mut std::collections::VecDeque<Event>) {
        self.wants_data = true;
        let needed = self.needs_data();
        if needed && self.state == SignalingState::Stable {
            self.tell_need(events);
        }
    }

    /// One that the other side has rejected does not count as missing: it would be rejected again.
    fn needs_data(&self) -> bool {
        self.wants_data && !self.agreed.iter().any(|s| s.line.media == "application")
    }

    fn tell_need(&mut self, events: &mut std::collections::VecDeque<Event>) {
        if !core::mem::replace(&mut self.needed, true) {
            events.push_back(Event::NegotiationNeeded);
        }
    }
}

impl PeerConnection {
    /// Says once that an offer is needed, when nothing is outstanding.
    pub(crate) fn check_need(&mut self) {
        if self.negotiation.state != SignalingState::Stable {
            return;
        }
        if self.negotiation.needs_data() || self.transceivers.iter().any(|t| self.needs_offer(t)) {
            self.negotiation.tell_need(&mut self.events);
        } else {
            self.negotiation.needed = false;
        }
    }

    fn needs_offer(&self, transceiver: &Transceiver) -> bool {
        let agreed = self.negotiation.agreed.iter();
        let index = agreed.clone().position(|s| s.transceiver() == Some(transceiver.id));
        let Some(index) = index else { return !transceiver.stopped };
        if transceiver.stopped {
            return true;
        }
        let Some(local) = &self.negotiation.current_local else { return true };
        let said = local.sections.get(index).and_then(Section::rtp);
        let theirs = self.negotiation.current_remote.as_ref();
        let theirs = theirs.and_then(|(remote, _)| remote.rtp(index));
        let (Some(said), Some(theirs)) = (said, theirs) else { return true };
        let streams = |msid: &Msid| msid.streams == transceiver.streams;
        if transceiver.direction.sends() && !said.msid.as_ref().is_some_and(streams) {
            return true;
        }
        let (wanted, theirs) = (transceiver.direction, theirs.direction.reversed());
        match local.kind {
            SdpType::Offer => said.direction != wanted && theirs != wanted,
            _ => said.direction != wanted.intersection(theirs),
        }
    }
}
