//! What a description says through its attributes: of the session, of a media description, and of
//! a media description with what the session says for it.

use crate::attribute::{
    Attribute, Candidate, Direction, Extmap, Fingerprint, Fmtp, Group, IceOptions, Msid,
    PayloadType, Rid, RtcpFb, Rtpmap, SctpInit, Setup, Simulcast, Ssrc, SsrcAttribute, SsrcGroup,
};
use crate::connection::Connection;
use crate::media::Media;
use crate::session::Session;
use crate::text::{Text, Token};

/// All values of one attribute.
macro_rules! all {
    ($holder:expr, $attribute:ident) => {
        $holder.attributes.iter().filter_map(|attribute| match attribute {
            Attribute::$attribute(value) => Some(value),
            _ => None,
        })
    };
}

/// The value of one attribute.
macro_rules! first {
    ($holder:expr, $attribute:ident) => {
        all!($holder, $attribute).next()
    };
}

/// What may stand both in the session and in media descriptions.
macro_rules! shared {
    ($($type:ident)*) => {
        $(impl<'a> $type<'a> {
            /// Whether an attribute without a value stands here.
            fn has(&self, flag: &Attribute<'_>) -> bool {
                self.attributes.iter().any(|attribute| attribute == flag)
            }

            /// The ICE user name fragment that stands here, RFC 8839 §5.4.
            pub fn ice_ufrag(&self) -> Option<&str> {
                first!(self, IceUfrag).map(Token::as_str)
            }

            /// The ICE password that stands here, RFC 8839 §5.4.
            pub fn ice_pwd(&self) -> Option<&str> {
                first!(self, IcePwd).map(Token::as_str)
            }

            /// The ICE options that stand here, RFC 8839 §5.6.
            pub fn ice_options(&self) -> Option<&IceOptions<'a>> {
                first!(self, IceOptions)
            }

            /// The fingerprints that stand here, RFC 8122 §5.
            pub fn fingerprints(&self) -> impl Iterator<Item = &Fingerprint<'a>> {
                all!(self, Fingerprint)
            }

            /// Who begins, as it stands here, RFC 8842 §5.2.
            pub fn setup(&self) -> Option<Setup> {
                first!(self, Setup).copied()
            }

            /// The name of the DTLS association that stands here, RFC 8842 §4.
            pub fn tls_id(&self) -> Option<&str> {
                first!(self, TlsId).map(Token::as_str)
            }

            /// The direction that stands here, RFC 8866 §6.7.
            pub fn direction(&self) -> Option<Direction> {
                first!(self, Direction).copied()
            }

            /// The header extensions that stand here, RFC 8285 §5.
            pub fn extmaps(&self) -> impl Iterator<Item = &Extmap<'a>> {
                all!(self, Extmap)
            }

            /// Whether `a=extmap-allow-mixed` stands here, RFC 8285 §6.
            pub fn extmap_allow_mixed(&self) -> bool {
                self.has(&Attribute::ExtmapAllowMixed)
            }

            /// Whether `a=cryptex` stands here, RFC 9335 §4.
            pub fn cryptex(&self) -> bool {
                self.has(&Attribute::Cryptex)
            }

            /// Whether `a=end-of-candidates` stands here, RFC 8840 §8.2.
            pub fn end_of_candidates(&self) -> bool {
                self.has(&Attribute::EndOfCandidates)
            }
        })*
    };
}

shared!(Session Media);

impl<'a> Session<'a> {
    /// The groups, RFC 5888 §5.
    pub fn groups(&self) -> impl Iterator<Item = &Group<'a>> {
        all!(self, Group)
    }

    /// The groups of media that share a transport, RFC 9143.
    pub fn bundle_groups(&self) -> impl Iterator<Item = &Group<'a>> {
        self.groups().filter(|group| group.is_bundle())
    }

    /// Whether the agent does no checks of its own, RFC 8839 §5.3.
    pub fn ice_lite(&self) -> bool {
        self.has(&Attribute::IceLite)
    }

    /// The assertion of who the user is, RFC 8827 §5.
    pub fn identity(&self) -> Option<&str> {
        first!(self, Identity).map(Text::as_str)
    }
}

impl<'a> Media<'a> {
    /// Its name, RFC 5888 §4.
    pub fn mid(&self) -> Option<&str> {
        first!(self, Mid).map(Token::as_str)
    }

    /// The candidates, RFC 8839 §5.1.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate<'a>> {
        all!(self, Candidate).map(|candidate| &**candidate)
    }

    /// Whether this is only of use within its bundle, RFC 9143 §6.
    pub fn bundle_only(&self) -> bool {
        self.has(&Attribute::BundleOnly)
    }

    /// The port of SCTP: `a=sctp-port` (RFC 8841 §5), or that of `a=sctpmap` before it.
    pub fn sctp_port(&self) -> Option<u16> {
        let port = first!(self, SctpPort).copied();
        port.or_else(|| first!(self, Sctpmap).map(|map| map.port))
    }

    /// The largest message the writer will receive, in bytes; 0: any (RFC 8841 §6). Without it:
    /// 65536.
    pub fn max_message_size(&self) -> Option<u64> {
        first!(self, MaxMessageSize).copied()
    }

    /// The INIT chunk of the association.
    pub fn sctp_init(&self) -> Option<&SctpInit<'a>> {
        first!(self, SctpInit)
    }

    /// Whether RTP and RTCP share a port, RFC 5761 §5.1, RFC 8858 §3.
    pub fn rtcp_mux(&self) -> bool {
        self.has(&Attribute::RtcpMux) || self.has(&Attribute::RtcpMuxOnly)
    }

    /// Whether RTCP packets may be short, RFC 5506 §5.
    pub fn rtcp_rsize(&self) -> bool {
        self.has(&Attribute::RtcpRsize)
    }

    /// What the payload types stand for, RFC 8866 §6.6.
    pub fn rtp_maps(&self) -> impl Iterator<Item = &Rtpmap<'a>> {
        all!(self, Rtpmap)
    }

    /// What a payload type stands for.
    pub fn rtp_map(&self, payload_type: PayloadType) -> Option<&Rtpmap<'a>> {
        self.rtp_maps().find(|map| map.payload_type == payload_type)
    }

    /// The parameters of the formats, RFC 8866 §6.15.
    pub fn fmtps(&self) -> impl Iterator<Item = &Fmtp<'a>> {
        all!(self, Fmtp)
    }

    /// The parameters of a payload type.
    pub fn fmtp(&self, payload_type: PayloadType) -> Option<&Fmtp<'a>> {
        self.fmtps().find(|fmtp| fmtp.payload_type() == Some(payload_type))
    }

    /// The feedback that the writer may send, RFC 4585 §4.2.
    pub fn rtcp_fbs(&self) -> impl Iterator<Item = &RtcpFb<'a>> {
        all!(self, RtcpFb)
    }

    /// The streams that the media belongs to, RFC 8830 §2.
    pub fn msids(&self) -> impl Iterator<Item = &Msid<'a>> {
        all!(self, Msid)
    }

    /// The encodings, RFC 8851 §4.
    pub fn rids(&self) -> impl Iterator<Item = &Rid<'a>> {
        all!(self, Rid)
    }

    /// The encodings that are sent or received at the same time, RFC 8853 §5.1.
    pub fn simulcast(&self) -> Option<&Simulcast<'a>> {
        first!(self, Simulcast)
    }

    /// The attributes of RTP sources, RFC 5576 §4.1.
    pub fn ssrcs(&self) -> impl Iterator<Item = &SsrcAttribute<'a>> {
        all!(self, Ssrc)
    }

    /// One attribute of one RTP source: `cname`, `msid`.
    pub fn ssrc_attribute(&self, ssrc: Ssrc, name: &str) -> Option<&str> {
        let found = self.ssrcs().find(|source| source.ssrc == ssrc && source.name == *name);
        found.and_then(|source| source.value.as_deref())
    }

    /// The groups of RTP sources, RFC 5576 §4.2.
    pub fn ssrc_groups(&self) -> impl Iterator<Item = &SsrcGroup<'a>> {
        all!(self, SsrcGroup)
    }
}

/// A media description and the session it is in.
///
/// Several attributes may stand in either; what stands in the media description wins.
#[derive(Clone, Copy, Debug)]
pub struct Section<'s, 'a> {
    /// The session.
    pub session: &'s Session<'a>,
    /// The media description.
    pub media: &'s Media<'a>,
}

impl<'s, 'a> Section<'s, 'a> {
    /// The ICE user name fragment, RFC 8839 §5.4.
    pub fn ice_ufrag(&self) -> Option<&'s str> {
        self.media.ice_ufrag().or_else(|| self.session.ice_ufrag())
    }

    /// The ICE password, RFC 8839 §5.4.
    pub fn ice_pwd(&self) -> Option<&'s str> {
        self.media.ice_pwd().or_else(|| self.session.ice_pwd())
    }

    /// Whether the agent has an option, RFC 8839 §5.6. Those of the session hold for all media.
    pub fn has_ice_option(&self, option: &str) -> bool {
        let here = self.media.ice_options().into_iter().chain(self.session.ice_options());
        here.into_iter().any(|options| options.contains(option))
    }

    /// The fingerprints. Those of the session hold if the media description has none at all
    /// (RFC 8122 §5).
    pub fn fingerprints(&self) -> impl Iterator<Item = &'s Fingerprint<'a>> {
        let own = self.media.fingerprints().next().is_some();
        let session = self.session.fingerprints().filter(move |_| !own);
        self.media.fingerprints().chain(session)
    }

    /// Who begins, RFC 8842 §5.2.
    pub fn setup(&self) -> Option<Setup> {
        self.media.setup().or_else(|| self.session.setup())
    }

    /// The name of the DTLS association, RFC 8842 §4.
    pub fn tls_id(&self) -> Option<&'s str> {
        self.media.tls_id().or_else(|| self.session.tls_id())
    }

    /// Which way media flows; both ways when nothing is said (RFC 8866 §6.7).
    pub fn direction(&self) -> Direction {
        self.media.direction().or_else(|| self.session.direction()).unwrap_or_default()
    }

    /// The address of `c=` (RFC 8866 §5.7).
    pub fn connection(&self) -> Option<&'s Connection<'a>> {
        self.media.connections.first().or(self.session.connection.as_ref())
    }

    /// The header extensions. Those of the session hold for all media (RFC 8285 §5).
    pub fn extmaps(&self) -> impl Iterator<Item = &'s Extmap<'a>> {
        self.media.extmaps().chain(self.session.extmaps())
    }

    /// Whether headers of one and of two bytes may be mixed, RFC 8285 §6.
    pub fn extmap_allow_mixed(&self) -> bool {
        self.media.extmap_allow_mixed() || self.session.extmap_allow_mixed()
    }

    /// Whether header extensions may be encrypted, RFC 9335 §4.
    pub fn cryptex(&self) -> bool {
        self.media.cryptex() || self.session.cryptex()
    }

    /// Whether all candidates are known, RFC 8840 §8.2.
    pub fn end_of_candidates(&self) -> bool {
        self.media.end_of_candidates() || self.session.end_of_candidates()
    }
}
