//! A remote description, checked and reduced to what matters. Nothing is applied here, so that a
//! description that is refused changes nothing.

use dtls::Fingerprint;
use sdp::attribute::Setup;
use sdp::{Media, MediaKind, Section as Description, Session};

use super::candidates::from_sdp;
use super::error::NegotiationError;
use super::state::{RemoteData, Section, SectionKind};

/// What is assumed without `a=sctp-port` (RFC 8841 §5.1 asks for it; old gateways leave it out).
const DEFAULT_SCTP_PORT: u16 = 5000;
/// What is assumed without `a=max-message-size` (RFC 8841 §6.1).
const DEFAULT_MAX_MESSAGE_SIZE: usize = 65_536;

/// What the other side said.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(super) sections: Vec<Section>,
    pub(super) data: Option<RemoteData>,
    pub(super) transport: Option<RemoteTransport>,
}

/// What the other side said about the transport that carries the data section.
#[derive(Clone, Debug)]
pub(crate) struct RemoteTransport {
    pub(super) credentials: ice::Credentials,
    pub(super) implementation: ice::Implementation,
    pub(super) setup: Setup,
    pub(super) fingerprints: Vec<Fingerprint>,
    pub(super) candidates: Vec<ice::Candidate>,
    pub(super) end_of_candidates: bool,
}

impl Remote {
    /// Reads an offer. `agreed` are the sections of earlier negotiations: their order holds for
    /// ever (RFC 3264 §8).
    pub(super) fn offer(text: &str, agreed: &[Section]) -> Result<Self, NegotiationError> {
        let remote = Self::read(text)?;
        let differs = |(index, section): &(usize, &Section)| {
            remote.sections.get(*index).is_none_or(|s| s.media != section.media)
        };
        match agreed.iter().enumerate().find(differs) {
            Some((index, _)) => Err(NegotiationError::Mismatch { index }),
            None => Ok(remote),
        }
    }

    /// Reads an answer to an offer with these sections.
    pub(super) fn answer(text: &str, offered: &[Section]) -> Result<Self, NegotiationError> {
        let remote = Self::read(text)?;
        let pairs = offered.iter().zip(&remote.sections);
        let same = |(ours, theirs): (&Section, &Section)| {
            ours.media == theirs.media && (theirs.mid.is_none() || ours.mid == theirs.mid)
        };
        let matching = pairs.take_while(|pair| same(*pair)).count();
        if matching != offered.len() || matching != remote.sections.len() {
            return Err(NegotiationError::Mismatch { index: matching });
        }
        if let Some(transport) = &remote.transport
            && transport.setup == Setup::ActPass
        {
            // RFC 8842 §5.2: an answer chooses.
            let index = remote.data_index().unwrap_or_default();
            return Err(NegotiationError::Unacceptable {
                index,
                what: "an answer with setup:actpass",
            });
        }
        Ok(remote)
    }

    pub(super) fn data_index(&self) -> Option<usize> {
        self.sections.iter().position(Section::is_data)
    }

    fn read(text: &str) -> Result<Self, NegotiationError> {
        let session = Session::parse(text)?;
        let mut remote = Self { sections: Vec::new(), data: None, transport: None };
        for (index, section) in session.sections().enumerate() {
            let media = section.media;
            let wanted = remote.data.is_none() && is_data(media) && !media.is_rejected();
            if wanted {
                remote.data = Some(read_data(media));
                remote.transport = Some(read_transport(section, index)?);
            }
            let formats: Vec<&str> = media.formats.iter().map(sdp::Token::as_str).collect();
            remote.sections.push(Section {
                mid: media.mid().map(str::to_owned),
                media: media.kind.as_str().to_owned(),
                protocol: media.protocol.as_str().to_owned(),
                formats: formats.join(" "),
                kind: if wanted { SectionKind::Data } else { SectionKind::Rejected },
            });
        }
        Ok(remote)
    }
}

/// RFC 8841 §4 and its predecessor `DTLS/SCTP`. DTLS over TCP is offered where the default
/// candidate is TCP; what counts is which candidates work.
fn is_data(media: &Media<'_>) -> bool {
    media.kind == MediaKind::Application && media.is_sctp()
}

fn read_data(media: &Media<'_>) -> RemoteData {
    let max_message_size = match media.max_message_size() {
        None => DEFAULT_MAX_MESSAGE_SIZE,
        // RFC 8841 §6.1: zero means any size.
        Some(0) => usize::MAX,
        Some(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
    };
    RemoteData { port: media.sctp_port().unwrap_or(DEFAULT_SCTP_PORT), max_message_size }
}

fn read_transport(
    section: Description<'_, '_>,
    index: usize,
) -> Result<RemoteTransport, NegotiationError> {
    let missing = |missing| NegotiationError::Missing { index, missing };
    let ufrag = section.ice_ufrag().ok_or(missing("ice-ufrag"))?;
    let pwd = section.ice_pwd().ok_or(missing("ice-pwd"))?;
    let credentials = ice::Credentials::new(ufrag, pwd)
        .map_err(|error| NegotiationError::Credentials { index, error })?;
    // RFC 8122 §5: several are alternatives. Those of functions that we do not have do not help.
    let fingerprints: Vec<Fingerprint> = section
        .fingerprints()
        .filter_map(|fingerprint| fingerprint.to_string().parse().ok())
        .collect();
    if fingerprints.is_empty() {
        return Err(missing("fingerprint"));
    }
    Ok(RemoteTransport {
        credentials,
        implementation: if section.session.ice_lite() {
            ice::Implementation::Lite
        } else {
            ice::Implementation::Full
        },
        // RFC 8842 §5.1 asks for it; RFC 4145 §4 has a default.
        setup: section.setup().unwrap_or(Setup::Active),
        fingerprints,
        candidates: section.media.candidates().filter_map(from_sdp).collect(),
        end_of_candidates: section.end_of_candidates(),
    })
}
