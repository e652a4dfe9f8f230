//! SNAP: both descriptions carry an INIT, so that the association stands when DTLS does
//! (draft-hancke-tsvwg-snap §5).
//!
//! Whether they do is decided with the first data section that is agreed, and holds as long as the
//! association: later descriptions say the same.

use sctp::{InitToken, InitTokens, TokenError};

use super::error::NegotiationError;
use super::read::{Remote, RemoteContent};
use super::section::Section;
use super::state::Negotiation;
use super::write::Local;
use crate::connection::PeerConnection;

/// What was decided.
#[derive(Debug, Default)]
pub(crate) enum Snap {
    /// No data section was agreed yet.
    #[default]
    Open,
    /// One of us did not say an INIT: the association is set up over the wire.
    Declined,
    /// Both did.
    Agreed { ours: InitToken, theirs: InitToken },
}

impl Snap {
    /// Both INITs, if the association stands by them.
    pub(crate) fn tokens(&self) -> Option<InitTokens<'_>> {
        match self {
            Self::Agreed { ours, theirs } => Some(InitTokens { ours, theirs }),
            Self::Open | Self::Declined => None,
        }
    }
}

impl PeerConnection {
    /// The INIT that an offer with these sections says.
    pub(super) fn offered_init(&mut self, sections: &[Section]) -> Option<InitToken> {
        sections.iter().any(Section::may_carry_init).then(|| self.own_init()).flatten()
    }

    /// The INIT that the answer to an offer says: only if the offer says one.
    pub(super) fn answered_init(
        &mut self,
        remote: &Remote,
        sections: &[Section],
    ) -> Option<InitToken> {
        remote.init().and_then(|_| self.offered_init(sections))
    }

    /// Ours, which stays the same from the first description on.
    fn own_init(&mut self) -> Option<InitToken> {
        let Self { negotiation, config, rng, .. } = self;
        match &negotiation.snap {
            Snap::Declined => None,
            Snap::Agreed { ours, .. } => Some(ours.clone()),
            Snap::Open => config.snap.then(|| {
                let new = || InitToken::new(&config.sctp, &mut **rng);
                negotiation.init.get_or_insert_with(new).clone()
            }),
        }
    }

    /// What is no INIT is refused, and so is another one than before: it would be another
    /// association, which takes another connection here. One that comes later than the association
    /// is passed over, and not answered.
    pub(super) fn check_init(&self, remote: &Remote) -> Result<(), NegotiationError> {
        let Some((index, init)) = remote.sctp_init().filter(|_| self.config.snap) else {
            return Ok(());
        };
        match (init, &self.negotiation.snap) {
            (Err(error), _) => Err(NegotiationError::SctpInit { index, error: *error }),
            (Ok(init), Snap::Agreed { theirs, .. }) if init != theirs => {
                let what = "an sctp-init of another association";
                Err(NegotiationError::Unacceptable { index, what })
            }
            (Ok(_), _) => Ok(()),
        }
    }
}

impl Negotiation {
    /// Both descriptions are there: decides, once.
    pub(super) fn decide_snap(&mut self, local: &Local, remote: &Remote) {
        let agreed = local.sections.iter().any(Section::is_data) && remote.data().is_some();
        if !agreed || !matches!(self.snap, Snap::Open) {
            return;
        }
        self.init = None;
        self.snap = match (&local.init, remote.init()) {
            (Some(ours), Some(theirs)) => {
                Snap::Agreed { ours: ours.clone(), theirs: theirs.clone() }
            }
            _ => Snap::Declined,
        };
    }
}

impl Remote {
    /// The INIT that the data section says.
    fn init(&self) -> Option<&InitToken> {
        self.sctp_init().and_then(|(_, init)| init.as_ref().ok())
    }

    /// The same with its section, or what is wrong with it.
    fn sctp_init(&self) -> Option<(usize, &Result<InitToken, TokenError>)> {
        self.sections.iter().enumerate().find_map(|(index, section)| match &section.content {
            RemoteContent::Data(data) => Some((index, data.init.as_ref()?)),
            RemoteContent::Rtp(_) | RemoteContent::Rejected => None,
        })
    }
}

impl Section {
    /// The draft's §4.1: the attribute belongs to `UDP/DTLS/SCTP` and `TCP/DTLS/SCTP`, not to the
    /// form before RFC 8841.
    fn may_carry_init(&self) -> bool {
        self.is_data() && self.line.protocol != "DTLS/SCTP"
    }
}
