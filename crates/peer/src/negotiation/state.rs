//! What is outstanding, and what was agreed.

use std::collections::VecDeque;

use sansio::Rng;

use super::read::Remote;
use super::write::Local;
use crate::description::{IceCandidate, SessionDescription};
use crate::event::Event;
use crate::state::{IceGatheringState, SignalingState};

/// One media section. Its index is the same in all descriptions of a connection, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(super) mid: Option<String>,
    /// The m= line's words, so that a section which we reject can be written back (RFC 3264 §6).
    pub(super) media: String,
    pub(super) protocol: String,
    pub(super) formats: String,
    pub(super) kind: SectionKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionKind {
    /// The data section.
    Data,
    /// Port 0: media, which comes with the media crates, or a second data section.
    Rejected,
}

/// What the other side's data section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RemoteData {
    /// SCTP port.
    pub(crate) port: u16,
    /// Bytes; what `a=max-message-size` says (RFC 8841 §6.1).
    pub(crate) max_message_size: usize,
}

/// A description that was created and may be set.
#[derive(Debug)]
pub(super) struct Created {
    pub(super) local: Local,
    pub(super) description: SessionDescription,
    /// The local candidates inside.
    pub(super) candidates: usize,
}

#[derive(Debug)]
pub(crate) struct Negotiation {
    pub(crate) state: SignalingState,
    /// The session id of our descriptions, RFC 9429 §5.2.1: 62 random bits.
    pub(super) session_id: u64,
    pub(super) session_version: u64,
    /// Somebody created a channel.
    pub(super) wants_data: bool,
    /// An offer is needed, and the application was told.
    pub(super) needed: bool,
    /// The description that was created last.
    pub(super) created: Option<Created>,
    pub(super) pending_local: Option<Local>,
    pub(super) pending_remote: Option<(Remote, SessionDescription)>,
    pub(super) current_local: Option<Local>,
    pub(super) current_remote: Option<(Remote, SessionDescription)>,
    pub(crate) remote_data: Option<RemoteData>,
    /// Local candidates that the other side learns from our description.
    pub(super) told: usize,
    /// Local candidates there are.
    pub(super) found: usize,
    pub(super) gathered: bool,
}

impl Negotiation {
    pub(crate) fn new(rng: &mut dyn Rng) -> Self {
        Self {
            state: SignalingState::Stable,
            session_id: rng.next_u64() >> 2,
            session_version: 0,
            wants_data: false,
            needed: false,
            created: None,
            pending_local: None,
            pending_remote: None,
            current_local: None,
            current_remote: None,
            remote_data: None,
            told: 0,
            found: 0,
            gathered: false,
        }
    }

    /// A channel was created: the data section is needed, if it is not there yet.
    pub(crate) fn want_data(&mut self, events: &mut VecDeque<Event>) {
        self.wants_data = true;
        self.check_need(events);
    }

    /// Says once that an offer is needed (W3C webrtc-pc §4.7.3), when nothing is outstanding.
    pub(super) fn check_need(&mut self, events: &mut VecDeque<Event>) {
        let missing = self.wants_data && !self.sections().iter().any(Section::is_data);
        if missing && !self.needed && self.state == SignalingState::Stable {
            self.needed = true;
            events.push_back(Event::NegotiationNeeded);
        }
    }

    /// A local candidate was found. Those that are not inside our description are told one by one.
    pub(crate) fn candidate_found(
        &mut self,
        candidate: &ice::Candidate,
        ufrag: &str,
        events: &mut VecDeque<Event>,
    ) {
        self.found += 1;
        if self.local().is_some() && self.found > self.told {
            events.push_back(Event::IceCandidate(Some(self.trickled(candidate, ufrag))));
        }
    }

    pub(super) fn trickled(&self, candidate: &ice::Candidate, ufrag: &str) -> IceCandidate {
        let sections = self.local().map(|local| local.sections.as_slice()).unwrap_or_default();
        let index = sections.iter().position(Section::is_data);
        IceCandidate {
            candidate: super::candidates::to_sdp(candidate).to_string(),
            sdp_mid: index.and_then(|i| sections.get(i)).and_then(|s| s.mid.clone()),
            sdp_m_line_index: index.and_then(|i| u16::try_from(i).ok()),
            username_fragment: Some(ufrag.to_owned()),
        }
    }

    pub(crate) fn gathering_state(&self) -> IceGatheringState {
        match (self.local(), self.gathered) {
            (None, _) => IceGatheringState::New,
            (Some(_), false) => IceGatheringState::Gathering,
            (Some(_), true) => IceGatheringState::Complete,
        }
    }

    /// Our description that is outstanding, or else the one that was agreed.
    pub(crate) fn local(&self) -> Option<&Local> {
        self.pending_local.as_ref().or(self.current_local.as_ref())
    }

    pub(crate) fn remote(&self) -> Option<&SessionDescription> {
        let latest = self.pending_remote.as_ref().or(self.current_remote.as_ref());
        latest.map(|(_, description)| description)
    }

    pub(super) fn remote_sections(&self) -> &[Section] {
        let latest = self.pending_remote.as_ref().or(self.current_remote.as_ref());
        latest.map(|(remote, _)| remote.sections.as_slice()).unwrap_or_default()
    }

    /// The sections that were agreed.
    pub(super) fn sections(&self) -> &[Section] {
        self.current_local.as_ref().map(|local| local.sections.as_slice()).unwrap_or_default()
    }
}

impl Section {
    pub(super) fn is_data(&self) -> bool {
        self.kind == SectionKind::Data
    }
}
