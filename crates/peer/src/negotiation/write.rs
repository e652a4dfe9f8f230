//! Our descriptions, from what was agreed and gathered (RFC 9429 §5.2, §5.3). They are written
//! anew each time, so that they hold all candidates so far.

use sdp::attribute::{Fingerprint, Group, IceOptions, Sctpmap, Setup};
use sdp::{Attribute, Connection, Media, Origin, Session, protocol};

use super::candidates::{default_destination, to_sdp};
use super::read::Remote;
use super::state::{Negotiation, Section, SectionKind};
use crate::connection::PeerConnection;
use crate::description::{SdpType, SessionDescription};

/// The format of a data section, RFC 8841 §4.3.
const FORMAT: &str = "webrtc-datachannel";

/// What makes one of our descriptions.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(super) kind: SdpType,
    pub(super) version: u64,
    pub(super) sections: Vec<Section>,
    pub(super) setup: Setup,
}

impl Local {
    /// An offer of all sections that were agreed, and of a data section if one is wanted.
    pub(super) fn offer(negotiation: &mut Negotiation) -> Self {
        let mut sections = negotiation.sections().to_vec();
        if negotiation.wants_data && !sections.iter().any(Section::is_data) {
            sections.push(Section {
                mid: Some(free_mid(&sections)),
                media: "application".into(),
                protocol: protocol::SCTP.into(),
                formats: FORMAT.into(),
                kind: SectionKind::Data,
            });
        }
        let version = negotiation.next_version();
        Self { kind: SdpType::Offer, version, sections, setup: Setup::ActPass }
    }

    /// An answer to all sections of an offer.
    pub(super) fn answer(remote: &Remote, setup: Setup, version: u64) -> Self {
        Self { kind: SdpType::Answer, version, sections: remote.sections.clone(), setup }
    }

    /// The same, as the answer left it: what was rejected is so for good.
    pub(super) fn agreed(mut self, remote: &Remote) -> Self {
        for (ours, theirs) in self.sections.iter_mut().zip(&remote.sections) {
            ours.kind = theirs.kind;
        }
        self
    }
}

impl Negotiation {
    /// RFC 9429 §5.2.2: each description that is created has a version of its own.
    pub(super) fn next_version(&mut self) -> u64 {
        self.session_version += 1;
        self.session_version
    }
}

impl PeerConnection {
    pub(super) fn written(&self, local: &Local) -> SessionDescription {
        let negotiation = &self.negotiation;
        let mut session = Session::new(Origin {
            username: "-".into(),
            session_id: negotiation.session_id.to_string().into(),
            session_version: local.version.to_string().into(),
            // RFC 9429 §5.2.1: the address of a host is nobody's business.
            address: Connection::from(core::net::IpAddr::from([127, 0, 0, 1])),
        });
        let bundled = local.sections.iter().filter(|s| s.is_data()).filter_map(Section::mid);
        let bundle = Group::bundle(bundled.map(str::to_owned));
        if !bundle.mids.is_empty() {
            session.attributes.push(bundle.into());
        }
        session.media = local.sections.iter().map(|section| self.section(section, local)).collect();
        SessionDescription { kind: local.kind, sdp: session.to_string() }
    }

    fn section<'a>(&'a self, section: &'a Section, local: &Local) -> Media<'a> {
        let mut media = Media::new(section.media.as_str().into(), section.protocol.as_str());
        media.formats = section.formats.split(' ').map(Into::into).collect();
        media.port = 0;
        if section.is_data() {
            self.write_transport(&mut media, local.setup);
        }
        if let Some(mid) = section.mid() {
            media.attributes.push(Attribute::Mid(mid.into()));
        }
        if section.is_data() {
            self.write_data(section, &mut media);
        }
        media
    }

    fn write_transport(&self, media: &mut Media<'_>, setup: Setup) {
        let Some(transport) = self.transports.first() else { return };
        let ice = &transport.ice;
        // RFC 8840 §4.1.1: port 9 while there is no candidate.
        let default = default_destination(ice);
        media.port = default.map_or(9, |address| address.port());
        if let Some(address) = default {
            media.connections = vec![Connection::from(address.ip())];
        }
        let attributes = &mut media.attributes;
        attributes.extend(ice.local_candidates().map(|candidate| to_sdp(candidate).into()));
        if self.negotiation.gathered {
            attributes.push(Attribute::EndOfCandidates);
        }
        let credentials = ice.local_credentials();
        attributes.push(Attribute::IceUfrag(credentials.ufrag().to_owned().into()));
        attributes.push(Attribute::IcePwd(credentials.pwd().to_owned().into()));
        // RFC 8838 §4.1.1 and RFC 8445 §10.
        attributes.push(["ice2", "trickle"].into_iter().collect::<IceOptions<'_>>().into());
        let fingerprint = self.config.dtls.certificate.fingerprint(dtls::HashFunction::Sha256);
        let function = fingerprint.function().name();
        attributes.push(Fingerprint::new(function, fingerprint.digest()).into());
        attributes.push(setup.into());
    }

    fn write_data(&self, section: &Section, media: &mut Media<'_>) {
        let port = self.config.sctp.local_port;
        if section.protocol == "DTLS/SCTP" {
            // The form before RFC 8841, with the port for a format.
            media.attributes.push(Sctpmap { port, protocol: FORMAT.into(), streams: None }.into());
        } else {
            media.attributes.push(Attribute::SctpPort(port));
        }
        let size = u64::try_from(self.config.max_message_size).unwrap_or(u64::MAX);
        media.attributes.push(Attribute::MaxMessageSize(size));
    }
}

impl Section {
    pub(super) fn mid(&self) -> Option<&str> {
        self.mid.as_deref()
    }
}

/// The lowest number that no section has for a name.
fn free_mid(sections: &[Section]) -> String {
    let taken = |mid: &str| sections.iter().any(|section| section.mid() == Some(mid));
    (0..=sections.len()).map(|n| n.to_string()).find(|mid| !taken(mid)).unwrap_or_default()
}
