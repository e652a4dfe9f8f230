//! Our descriptions, from what was agreed and gathered (RFC 9429 §5.2, §5.3). They are written
//! anew each time, so that they hold all candidates so far.

use sctp::InitToken;
use sdp::attribute::{Fingerprint, Group, IceOptions, MsidSemantic, SctpInit, Sctpmap, Setup};
use sdp::{Attribute, Connection, Media, Origin, Session};

use super::candidates::{default_destination, to_sdp};
use super::offer::DATA_FORMAT;
use super::read::RENOMINATION;
use super::section::{Content, Section};
use super::sped::Sped;
use super::state::Negotiation;
use super::write_rtp::write_rtp;
use crate::connection::PeerConnection;
use crate::description::{SdpType, SessionDescription};

/// What makes one of our descriptions.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(super) kind: SdpType,
    pub(super) version: u64,
    pub(super) sections: Vec<Section>,
    pub(super) setup: Setup,
    /// All sections share a transport, and say so.
    pub(super) bundle: bool,
    /// Headers of one and of two bytes may be mixed, RFC 8285 §6.
    pub(super) mixed: bool,
    /// Names of SPED that it says.
    pub(super) sped: Sped,
    /// New ICE credentials: with them the agent begins anew when both descriptions are there.
    pub(super) restart: Option<ice::Credentials>,
    /// The INIT of the association, draft-hancke-tsvwg-snap.
    pub(super) init: Option<InitToken>,
}

impl Local {
    /// The section that stands for the transport: the first that is not rejected (RFC 9143 §7.2).
    pub(super) fn tagged(&self) -> Option<(usize, &Section)> {
        self.sections.iter().enumerate().find(|(_, section)| !section.is_rejected())
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
        let mut session = Session::new(Origin {
            username: "-".into(),
            session_id: self.negotiation.session_id.to_string().into(),
            session_version: local.version.to_string().into(),
            // RFC 9429 §5.2.1: the address of a host is nobody's business.
            address: Connection::from(core::net::IpAddr::from([127, 0, 0, 1])),
        });
        if self.config.ice.implementation == ice::Implementation::Lite {
            session.attributes.push(Attribute::IceLite);
        }
        let alive = || local.sections.iter().filter(|section| !section.is_rejected());
        let bundle = Group::bundle(alive().filter_map(Section::mid).map(str::to_owned));
        if local.bundle && !bundle.mids.is_empty() {
            session.attributes.push(bundle.into());
        }
        if alive().any(|section| section.rtp().is_some()) {
            if local.mixed {
                session.attributes.push(Attribute::ExtmapAllowMixed);
            }
            session.attributes.push(semantic(local).into());
        }
        let tagged = local.tagged().map(|(index, _)| index);
        let sections = local.sections.iter().enumerate();
        session.media = sections
            .map(|(index, section)| self.section(section, local, Some(index) == tagged))
            .collect();
        SessionDescription { kind: local.kind, sdp: session.to_string() }
    }

    fn section<'a>(&'a self, section: &'a Section, local: &Local, tagged: bool) -> Media<'a> {
        let line = &section.line;
        let mut media = Media::new(line.media.as_str().into(), line.protocol.as_str());
        media.formats = line.formats.split(' ').map(Into::into).collect();
        if section.is_rejected() {
            media.port = 0;
        } else {
            if tagged {
                self.write_candidates(&mut media);
            }
            self.write_transport(&mut media, local);
        }
        if let Some(mid) = section.mid() {
            media.attributes.push(Attribute::Mid(mid.into()));
        }
        match &section.content {
            Content::Data => self.write_data(section, local, &mut media),
            Content::Rtp(rtp) => write_rtp(rtp, self.media.cname(), &mut media),
            Content::Rejected => {}
        }
        media
    }

    /// Where the transport is. One section says it for all (RFC 9143 §7.1.3).
    fn write_candidates(&self, media: &mut Media<'_>) {
        let Some(transport) = self.transports.first() else { return };
        // RFC 8840 §4.1.1: port 9 while there is no candidate.
        if let Some(address) = default_destination(&transport.ice) {
            media.port = address.port();
            media.connections = vec![Connection::from(address.ip())];
        }
        let candidates = transport.ice.signalled_candidates();
        media.attributes.extend(candidates.map(|candidate| to_sdp(&candidate).into()));
        if self.negotiation.gathered {
            media.attributes.push(Attribute::EndOfCandidates);
        }
    }

    /// The parameters of the transport. RFC 9429 §5.2.1 wants them in one section alone; browsers
    /// repeat them in all, and others rely on it.
    fn write_transport(&self, media: &mut Media<'_>, local: &Local) {
        let Some(transport) = self.transports.first() else { return };
        let attributes = &mut media.attributes;
        let credentials = local.restart.as_ref().unwrap_or(transport.ice.local_credentials());
        attributes.push(Attribute::IceUfrag(credentials.ufrag().to_owned().into()));
        attributes.push(Attribute::IcePwd(credentials.pwd().to_owned().into()));
        // RFC 8838 §4.1.1 and RFC 8445 §10.
        // draft-thatcher-ice-renomination §3: what this side can follow.
        let follows = self.config.ice.renomination.then_some(RENOMINATION);
        let options = ["ice2", "trickle"].into_iter().chain(follows).chain(local.sped.names());
        attributes.push(options.collect::<IceOptions<'_>>().into());
        let fingerprint = self.config.dtls.certificate.fingerprint(dtls::HashFunction::Sha256);
        let function = fingerprint.function().name();
        attributes.push(Fingerprint::new(function, fingerprint.digest()).into());
        attributes.push(local.setup.into());
    }

    fn write_data(&self, section: &Section, local: &Local, media: &mut Media<'_>) {
        let port = self.config.sctp.local_port;
        if section.line.protocol == "DTLS/SCTP" {
            // The form before RFC 8841, with the port for a format.
            let protocol = DATA_FORMAT.into();
            media.attributes.push(Sctpmap { port, protocol, streams: None }.into());
        } else {
            media.attributes.push(Attribute::SctpPort(port));
        }
        let size = u64::try_from(self.config.max_message_size).unwrap_or(u64::MAX);
        media.attributes.push(Attribute::MaxMessageSize(size));
        let init = local.init.as_ref();
        media.attributes.extend(init.map(|init| SctpInit::new(init.as_bytes()).into()));
    }
}

/// The streams of all sections, as the drafts before RFC 8830 had it and browsers still write it.
fn semantic(local: &Local) -> MsidSemantic<'static> {
    let msids = local.sections.iter().filter_map(|s| s.rtp()?.msid.as_ref());
    let mut streams: Vec<&str> = Vec::new();
    for stream in msids.flat_map(|msid| &msid.streams) {
        if !streams.contains(&stream.as_str()) {
            streams.push(stream);
        }
    }
    let words: Vec<&str> = [" WMS"].into_iter().chain(streams).collect();
    MsidSemantic { text: words.join(" ").into() }
}
