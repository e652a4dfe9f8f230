//! What is outstanding, and what was agreed.

use std::collections::VecDeque;

use sansio::Rng;
use sctp::{InitToken, TokenError};

use super::read::Remote;
use super::section::Section;
use super::snap::Snap;
use super::write::Local;
use crate::description::{IceCandidate, SessionDescription};
use crate::event::Event;
use crate::media::TransceiverId;
use crate::state::{IceGatheringState, SignalingState};

/// What the other side's data section says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteData {
    /// SCTP port.
    pub(crate) port: u16,
    /// Bytes; what `a=max-message-size` says (RFC 8841 §6.1).
    pub(crate) max_message_size: usize,
    /// The INIT that `a=sctp-init` says, or what is wrong with it.
    pub(crate) init: Option<Result<InitToken, TokenError>>,
}

/// A description that was created and may be set.
#[derive(Debug)]
pub(super) struct Created {
    pub(super) local: Local,
    pub(super) description: SessionDescription,
    /// The local candidates inside.
    pub(super) candidates: usize,
}

/// A description of the other side: an offer that awaits our answer, or an answer that completes
/// ours.
#[derive(Debug)]
pub(super) struct PendingRemote {
    pub(super) remote: Remote,
    pub(super) text: SessionDescription,
    /// The transceiver of each section of an offer, where there is one.
    pub(super) transceivers: Vec<Option<TransceiverId>>,
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
    pub(super) pending_remote: Option<PendingRemote>,
    pub(super) current_local: Option<Local>,
    pub(super) current_remote: Option<(Remote, SessionDescription)>,
    /// What both current descriptions say together.
    pub(super) agreed: Vec<Section>,
    pub(crate) remote_data: Option<RemoteData>,
    /// Whether descriptions carry the INITs of SCTP.
    pub(crate) snap: Snap,
    /// The INIT that our descriptions say, until that is decided.
    pub(super) init: Option<InitToken>,
    /// Names of sections below this number were used.
    pub(super) next_mid: usize,
    pub(super) next_transceiver: u32,
    /// Local candidates that the other side learns from our description.
    pub(super) told: usize,
    /// Local candidates there are.
    pub(super) found: usize,
    pub(crate) gathered: bool,
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
            agreed: Vec::new(),
            remote_data: None,
            snap: Snap::Open,
            init: None,
            next_mid: 0,
            next_transceiver: 0,
            told: 0,
            found: 0,
            gathered: false,
        }
    }

    pub(crate) fn next_transceiver(&mut self) -> TransceiverId {
        let id = TransceiverId(self.next_transceiver);
        self.next_transceiver += 1;
        id
    }

    /// Whether a section of a description of ours, or of one that we answer, is a transceiver's.
    pub(crate) fn has_section(&self, id: TransceiverId) -> bool {
        let outstanding = self.pending_local.iter().flat_map(|local| &local.sections);
        let mut sections = self.agreed.iter().chain(outstanding);
        let offered = self.pending_remote.as_ref();
        sections.any(|section| section.transceiver() == Some(id))
            || offered.is_some_and(|pending| pending.transceivers.contains(&Some(id)))
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

    /// A local candidate is gone. The other side may know of it if there is a description of ours.
    pub(crate) fn candidate_removed(
        &self,
        candidate: &ice::Candidate,
        ufrag: &str,
        events: &mut VecDeque<Event>,
    ) {
        if self.local().is_some() {
            events.push_back(Event::IceCandidateRemoved(self.trickled(candidate, ufrag)));
        }
    }

    fn trickled(&self, candidate: &ice::Candidate, ufrag: &str) -> IceCandidate {
        let local = self.local();
        let restart = local.and_then(|local| local.restart.as_ref());
        let section = local.and_then(Local::tagged);
        IceCandidate {
            candidate: super::candidates::to_sdp(candidate).to_string(),
            sdp_mid: section.and_then(|(_, section)| section.mid.clone()),
            sdp_m_line_index: section.and_then(|(index, _)| u16::try_from(index).ok()),
            username_fragment: Some(restart.map_or(ufrag, ice::Credentials::ufrag).to_owned()),
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

    /// The other side's description that is outstanding, or else the one that was agreed.
    pub(super) fn remote(&self) -> Option<(&Remote, &SessionDescription)> {
        let pending = self.pending_remote.as_ref().map(|p| (&p.remote, &p.text));
        pending.or(self.current_remote.as_ref().map(|(remote, text)| (remote, text)))
    }
}
