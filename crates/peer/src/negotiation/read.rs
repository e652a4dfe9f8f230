//! A remote description, checked and reduced to what matters. Nothing is applied here, so that a
//! description that is refused changes nothing.

use dtls::Fingerprint;
use sctp::InitToken;
use sdp::attribute::Setup;
use sdp::{Media, MediaKind, Section as Description, Session};

use super::candidates::from_sdp;
use super::error::NegotiationError;
use super::read_rtp::{RemoteRtp, is_media};
use super::section::{Content, Line, Section};
use super::sped::Sped;
use super::state::RemoteData;
use crate::config::Config;
use crate::media::{Codec, carries_media};

/// What is assumed without `a=sctp-port` (RFC 8841 §5.1 asks for it; old gateways leave it out).
const DEFAULT_SCTP_PORT: u16 = 5000;
/// What is assumed without `a=max-message-size` (RFC 8841 §6.1).
const DEFAULT_MAX_MESSAGE_SIZE: usize = 65_536;

/// The ICE option of who follows from one nominated pair to another, draft-thatcher-ice-renomination
/// §3.
pub(super) const RENOMINATION: &str = "renomination";

/// What the other side said.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(super) sections: Vec<RemoteSection>,
    pub(super) transport: Option<RemoteTransport>,
    /// Headers of one and of two bytes may be mixed, RFC 8285 §6.
    pub(super) mixed: bool,
}

/// What the other side said about one media section.
#[derive(Clone, Debug)]
pub(crate) struct RemoteSection {
    pub(super) mid: Option<String>,
    pub(super) line: Line,
    pub(super) content: RemoteContent,
}

#[derive(Clone, Debug)]
pub(crate) enum RemoteContent {
    /// The data section.
    Data(RemoteData),
    /// Sound or pictures.
    Rtp(Box<RemoteRtp>),
    /// Port 0, or nothing that we could accept.
    Rejected,
}

/// What the other side said about the transport that carries all sections.
#[derive(Clone, Debug)]
pub(crate) struct RemoteTransport {
    /// The index of the section that says it.
    pub(super) section: usize,
    /// It carries a bundle.
    pub(super) bundle: bool,
    pub(super) credentials: ice::Credentials,
    pub(super) implementation: ice::Implementation,
    /// It follows from one nominated pair to another.
    pub(super) renominates: bool,
    /// Names of SPED.
    pub(super) sped: Sped,
    pub(super) setup: Setup,
    pub(super) fingerprints: Vec<Fingerprint>,
    pub(super) candidates: Vec<ice::Candidate>,
    pub(super) end_of_candidates: bool,
}

impl Remote {
    /// Reads an offer. `agreed` are the sections of earlier negotiations: their order holds for
    /// ever (RFC 3264 §8). A section must have a codec of ours.
    pub(super) fn offer(
        text: &str,
        agreed: &[Section],
        config: &Config,
    ) -> Result<Self, NegotiationError> {
        let codecs = &config.codecs;
        let acceptable = |rtp: &RemoteRtp| {
            let known = |theirs: &&Codec| codecs.iter().any(|ours| ours.is_same_format(theirs));
            rtp.rtcp_mux && rtp.codecs.iter().filter(known).any(carries_media)
        };
        let remote = Self::read(text, config.max_sections, acceptable)?;
        let differs = |(index, known): &(usize, &Section)| match remote.sections.get(*index) {
            None => true,
            // RFC 9429 §5.2.2: what was rejected may be used for something else.
            Some(_) if known.is_rejected() => false,
            Some(section) => {
                section.line.media != known.line.media
                    || (section.mid != known.mid && section.mid.is_some())
            }
        };
        match agreed.iter().enumerate().find(differs) {
            Some((index, _)) => Err(NegotiationError::Mismatch { index }),
            None => Ok(remote),
        }
    }

    /// Reads an answer to an offer with these sections.
    pub(super) fn answer(
        text: &str,
        offered: &[Section],
        config: &Config,
    ) -> Result<Self, NegotiationError> {
        let max_sections = config.max_sections.max(offered.len());
        let mut remote = Self::read(text, max_sections, |_| true)?;
        let pairs = offered.iter().zip(&remote.sections);
        let same = |(ours, theirs): (&Section, &RemoteSection)| {
            ours.line.media == theirs.line.media && (theirs.mid.is_none() || ours.mid == theirs.mid)
        };
        let matching = pairs.take_while(|pair| same(*pair)).count();
        if matching != offered.len() || matching != remote.sections.len() {
            return Err(NegotiationError::Mismatch { index: matching });
        }
        for (index, (ours, theirs)) in offered.iter().zip(&mut remote.sections).enumerate() {
            match (&ours.content, &theirs.content) {
                (Content::Rejected, _) => theirs.content = RemoteContent::Rejected,
                (Content::Rtp(ours), RemoteContent::Rtp(theirs)) => {
                    theirs.check_answer(&ours.codecs, index)?;
                }
                _ => {}
            }
        }
        match &remote.transport {
            // RFC 8842 §5.2: an answer chooses.
            Some(RemoteTransport { setup: Setup::ActPass, section: index, .. }) => {
                let what = "an answer with setup:actpass";
                Err(NegotiationError::Unacceptable { index: *index, what })
            }
            _ => Ok(remote),
        }
    }

    pub(super) fn data(&self) -> Option<&RemoteData> {
        self.sections.iter().find_map(|section| match &section.content {
            RemoteContent::Data(data) => Some(data),
            _ => None,
        })
    }

    fn read(
        text: &str,
        max_sections: usize,
        acceptable: impl Fn(&RemoteRtp) -> bool,
    ) -> Result<Self, NegotiationError> {
        let session = Session::parse(text)?;
        if session.media.len() > max_sections {
            return Err(NegotiationError::Mismatch { index: max_sections });
        }
        check_mids(&session)?;
        let mut sections = Vec::with_capacity(session.media.len());
        let mut has_data = false;
        for section in session.sections() {
            let content = read_content(section).filter(|content| match content {
                RemoteContent::Data(_) => !core::mem::replace(&mut has_data, true),
                RemoteContent::Rtp(rtp) => acceptable(rtp),
                RemoteContent::Rejected => true,
            });
            let media = section.media;
            let formats: Vec<&str> = media.formats.iter().map(sdp::Token::as_str).collect();
            sections.push(RemoteSection {
                mid: media.mid().map(str::to_owned),
                line: Line {
                    media: media.kind.as_str().to_owned(),
                    protocol: media.protocol.as_str().to_owned(),
                    formats: formats.join(" "),
                },
                content: content.unwrap_or(RemoteContent::Rejected),
            });
        }
        let transport = unite(&session, &mut sections)?;
        let mixed = session.sections().any(|section| section.extmap_allow_mixed());
        Ok(Self { sections, transport, mixed })
    }
}

impl RemoteSection {
    pub(super) fn rtp(&self) -> Option<&RemoteRtp> {
        match &self.content {
            RemoteContent::Rtp(rtp) => Some(rtp),
            RemoteContent::Data(_) | RemoteContent::Rejected => None,
        }
    }

    pub(super) fn is_rejected(&self) -> bool {
        matches!(self.content, RemoteContent::Rejected)
    }
}

/// RFC 5888 §4: no name is given twice.
fn check_mids(session: &Session<'_>) -> Result<(), NegotiationError> {
    let mids: Vec<_> = session.media.iter().map(Media::mid).collect();
    let twice = |(index, mid): &(usize, &Option<&str>)| {
        mid.is_some() && mids.iter().take(*index).any(|earlier| earlier == *mid)
    };
    match mids.iter().enumerate().find(twice) {
        Some((index, _)) => {
            Err(NegotiationError::Unacceptable { index, what: "a mid given twice" })
        }
        None => Ok(()),
    }
}

/// `None`: nothing that we could accept.
fn read_content(section: Description<'_, '_>) -> Option<RemoteContent> {
    let media = section.media;
    let in_bundle = |mid| section.session.bundle_groups().any(|group| group.contains(mid));
    // RFC 9143 §6: port 0 with `a=bundle-only` is of use in a bundle alone.
    if media.is_rejected() || (media.port == 0 && !media.mid().is_some_and(in_bundle)) {
        None
    } else if media.kind == MediaKind::Application && media.is_sctp() {
        // RFC 8841 §4 and its predecessor `DTLS/SCTP`. DTLS over TCP is offered where the default
        // candidate is TCP; what counts is which candidates work.
        Some(RemoteContent::Data(read_data(media)))
    } else if is_media(media) {
        RemoteRtp::read(section).map(Box::new).map(RemoteContent::Rtp)
    } else {
        None
    }
}

fn read_data(media: &Media<'_>) -> RemoteData {
    let max_message_size = match media.max_message_size() {
        None => DEFAULT_MAX_MESSAGE_SIZE,
        // RFC 8841 §6.1: zero means any size.
        Some(0) => usize::MAX,
        Some(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
    };
    RemoteData {
        port: media.sctp_port().unwrap_or(DEFAULT_SCTP_PORT),
        max_message_size,
        init: media.sctp_init().map(|init| InitToken::parse(&init.chunk())),
    }
}

/// Reads the transport of the first section that is not rejected, and rejects what is not in the
/// same bundle (RFC 9143 §7.3): there is one transport.
fn unite(
    session: &Session<'_>,
    sections: &mut [RemoteSection],
) -> Result<Option<RemoteTransport>, NegotiationError> {
    let Some(first) = sections.iter().position(|section| !section.is_rejected()) else {
        return Ok(None);
    };
    let mid = session.media.get(first).and_then(Media::mid);
    let bundle = mid.and_then(|mid| session.bundle_groups().find(|group| group.contains(mid)));
    for (index, section) in sections.iter_mut().enumerate() {
        let bundled = section.mid.as_deref().zip(bundle).is_some_and(|(mid, b)| b.contains(mid));
        if index != first && !bundled {
            section.content = RemoteContent::Rejected;
        }
    }
    // RFC 9143 §7.1: a section of a bundle may leave the parameters to the first of its group.
    let tagged = bundle.and_then(|group| session.section_by_mid(group.mids.first()?));
    let has_own = |section: &Description<'_, '_>| section.ice_ufrag().is_some();
    let section = session.section(first).filter(has_own).or(tagged).or(session.section(first));
    let Some(section) = section else { return Ok(None) };
    read_transport(section, first, bundle.is_some()).map(Some)
}

fn read_transport(
    section: Description<'_, '_>,
    index: usize,
    bundle: bool,
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
    let mut candidates: Vec<_> = section.media.candidates().filter_map(from_sdp).collect();
    candidates.shrink_to_fit();
    Ok(RemoteTransport {
        section: index,
        bundle,
        credentials,
        implementation: if section.session.ice_lite() {
            ice::Implementation::Lite
        } else {
            ice::Implementation::Full
        },
        renominates: section.has_ice_option(RENOMINATION),
        // RFC 8842 §5.1 asks for it; RFC 4145 §4 has a default.
        sped: Sped::read(|name| section.has_ice_option(name)),
        setup: section.setup().unwrap_or(Setup::Active),
        fingerprints,
        candidates,
        end_of_candidates: section.end_of_candidates(),
    })
}
