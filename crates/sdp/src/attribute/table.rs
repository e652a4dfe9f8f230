//! The attributes that are understood: name, type, category (RFC 8859) and parser, side by side.

use core::fmt;

use crate::attribute::{
    Candidate, ConnectionReuse, Decimal, Direction, Extmap, Fingerprint, Fmtp, Group, IceOptions,
    Msid, MsidSemantic, MuxCategory, Rid, Rtcp, RtcpFb, Rtpmap, SctpInit, Sctpmap, Setup,
    Simulcast, SsrcAttribute, SsrcGroup,
};
use crate::error::Reason;
use crate::fields::{Fields, PORTS, U64, only_number, only_word, split_once};
use crate::own::IntoOwned;
use crate::text::{Text, Token};

macro_rules! attributes {
    (
        values { $($(#[$value_doc:meta])* $value_name:literal $value:ident($type:ty) $value_mux:ident $parse:expr;)* }
        flags { $($(#[$flag_doc:meta])* $flag_name:literal $flag:ident $flag_mux:ident;)* }
        directions { $($direction_name:literal $direction:ident;)* }
    ) => {
        /// An attribute of a session or of a media description.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Attribute<'a> {
            $($(#[$value_doc])* $value($type),)*
            $($(#[$flag_doc])* $flag,)*
            /// `a=sendrecv`, `a=sendonly`, `a=recvonly`, `a=inactive`: RFC 8866 §6.7.
            Direction(Direction),
            /// An attribute that is not in this table.
            Unknown(UnknownAttribute<'a>),
            /// A line whose letter RFC 8866 does not define, whole. It is no attribute, but this
            /// is where it stood.
            UnknownLine(Text<'a>),
        }

        impl<'a> Attribute<'a> {
            /// Reads what follows `a=`. An error comes with the name of the attribute.
            pub(crate) fn parse(text: &'a str) -> Result<Self, (&'static str, Reason)> {
                let (name, value) = match split_once(text, b':') {
                    Some((name, value)) => (name, Some(value)),
                    None => (text, None),
                };
                match name {
                    $($value_name => match $parse(value.unwrap_or_default()) {
                        Ok(value) => Ok(Self::$value(value)),
                        Err(reason) => Err((concat!("a=", $value_name), reason)),
                    },)*
                    _ => Self::parse_flag(name, value),
                }
            }

            fn parse_flag(
                name: &'a str,
                value: Option<&'a str>,
            ) -> Result<Self, (&'static str, Reason)> {
                match (name.trim_end_matches([' ', '\t']), value) {
                    $(($flag_name, None) => Ok(Self::$flag),)*
                    $(($direction_name, None) => Ok(Self::Direction(Direction::$direction)),)*
                    ("", _) => Err(("a=", Reason::Missing("name"))),
                    _ => Ok(Self::Unknown(UnknownAttribute {
                        name: Text::parsed(name),
                        value: value.map(Text::parsed),
                    })),
                }
            }

            /// The name, `candidate`; of an unknown line its letter.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$value(_) => $value_name,)*
                    $(Self::$flag => $flag_name,)*
                    Self::Direction(direction) => direction.as_str(),
                    Self::Unknown(unknown) => &unknown.name,
                    Self::UnknownLine(line) => line.split('=').next().unwrap_or_default(),
                }
            }

            /// What becomes of it when several media descriptions share a transport.
            pub const fn mux_category(&self) -> MuxCategory {
                match self {
                    $(Self::$value(_) => MuxCategory::$value_mux,)*
                    $(Self::$flag => MuxCategory::$flag_mux,)*
                    Self::Direction(_) => MuxCategory::Normal,
                    Self::Unknown(_) | Self::UnknownLine(_) => MuxCategory::Tbd,
                }
            }

            /// The same, borrowing from nothing.
            pub fn into_owned(self) -> Attribute<'static> {
                match self {
                    $(Self::$value(value) => Attribute::$value(IntoOwned::into_owned(value)),)*
                    $(Self::$flag => Attribute::$flag,)*
                    Self::Direction(direction) => Attribute::Direction(direction),
                    Self::Unknown(unknown) => Attribute::Unknown(unknown.into_owned()),
                    Self::UnknownLine(line) => Attribute::UnknownLine(line.into_owned()),
                }
            }
        }

        impl IntoOwned for Attribute<'_> {
            type Owned = Attribute<'static>;

            fn into_owned(self) -> Attribute<'static> {
                Attribute::into_owned(self)
            }
        }

        /// Writes the line without its end, `a=mid:0`.
        impl fmt::Display for Attribute<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // A candidate brings its name along: it travels alone, too.
                if let Self::Candidate(candidate) = self {
                    f.write_str("a=")?;
                    return candidate.fmt(f);
                }
                match self {
                    $(Self::$value(value) => {
                        f.write_str(concat!("a=", $value_name, ":"))?;
                        value.fmt(f)
                    })*
                    $(Self::$flag => f.write_str(concat!("a=", $flag_name)),)*
                    $(Self::Direction(Direction::$direction) => {
                        f.write_str(concat!("a=", $direction_name))
                    })*
                    Self::Unknown(unknown) => unknown.fmt(f),
                    Self::UnknownLine(line) => line.fmt(f),
                }
            }
        }
    };
}

// The commonest come first: names are compared in this order.
attributes! {
    values {
        /// Feedback a receiver may send, RFC 4585 §4.2.
        "rtcp-fb" RtcpFb(RtcpFb<'a>) IdenticalPerPt RtcpFb::parse;
        /// What a payload type stands for, RFC 8866 §6.6.
        "rtpmap" Rtpmap(Rtpmap<'a>) IdenticalPerPt Rtpmap::parse;
        /// Parameters of a format, RFC 8866 §6.15.
        "fmtp" Fmtp(Fmtp<'a>) IdenticalPerPt Fmtp::parse;
        /// A header extension of RTP, RFC 8285 §5.
        "extmap" Extmap(Extmap<'a>) Special Extmap::parse;
        /// An attribute of an RTP source, RFC 5576 §4.1.
        "ssrc" Ssrc(SsrcAttribute<'a>) Normal SsrcAttribute::parse;
        /// An ICE candidate, RFC 8839 §5.1. Boxed, because it is far larger than the rest.
        "candidate" Candidate(Box<Candidate<'a>>) Transport |text| Candidate::parse_value(text).map(Box::new);
        /// The name of a media description, RFC 5888 §4.
        "mid" Mid(Token<'a>) Normal |text| only_word(text, "mid");
        /// The ICE user name fragment, RFC 8839 §5.4.
        "ice-ufrag" IceUfrag(Token<'a>) Transport |text| credential(text, "ufrag");
        /// The ICE password, RFC 8839 §5.4.
        "ice-pwd" IcePwd(Token<'a>) Transport |text| credential(text, "password");
        /// Options of the ICE agent, RFC 8839 §5.6.
        "ice-options" IceOptions(IceOptions<'a>) Normal IceOptions::parse;
        /// The hash of the certificate, RFC 8122 §5.
        "fingerprint" Fingerprint(Fingerprint<'a>) Transport Fingerprint::parse;
        /// Who begins, RFC 4145 §4, RFC 8842 §5.2.
        "setup" Setup(Setup) Transport Setup::parse;
        /// The stream that media belongs to, RFC 8830 §2.
        "msid" Msid(Msid<'a>) Normal Msid::parse;
        /// Where RTCP goes, RFC 3605 §2.1.
        "rtcp" Rtcp(Rtcp<'a>) Transport Rtcp::parse;
        /// Extended reports of RTCP, RFC 3611 §5.1. Kept as text.
        "rtcp-xr" RtcpXr(Text<'a>) Normal |text| some_text(text, "format");
        /// RTP sources that belong together, RFC 5576 §4.2.
        "ssrc-group" SsrcGroup(SsrcGroup<'a>) Normal SsrcGroup::parse;
        /// Media descriptions that belong together, RFC 5888 §5.
        "group" Group(Group<'a>) Normal Group::parse;
        /// The streams of the session, from drafts before RFC 8830.
        "msid-semantic" MsidSemantic(MsidSemantic<'a>) Tbd MsidSemantic::parse;
        /// An encoding, RFC 8851 §4.
        "rid" Rid(Rid<'a>) Normal Rid::parse;
        /// Encodings sent at the same time, RFC 8853 §5.1.
        "simulcast" Simulcast(Simulcast<'a>) Normal Simulcast::parse;
        /// The port of SCTP, RFC 8841 §5.
        "sctp-port" SctpPort(u16) Caution |text| only_number(text, "port", PORTS);
        /// The largest message a side will receive, in bytes, 0: any; RFC 8841 §6.
        "max-message-size" MaxMessageSize(u64) Caution |text| only_number(text, "size", U64);
        /// The INIT chunk of the association, draft-hancke-tsvwg-snap.
        "sctp-init" SctpInit(SctpInit<'a>) Tbd SctpInit::parse;
        /// Data channels as the drafts before RFC 8841 had them.
        "sctpmap" Sctpmap(Sctpmap<'a>) Tbd Sctpmap::parse;
        /// The name of a DTLS association, RFC 8842 §4.
        "tls-id" TlsId(Token<'a>) Transport |text| only_word(text, "id");
        /// An assertion of who the user is, RFC 8827 §5. Kept as text.
        "identity" Identity(Text<'a>) Normal |text| some_text(text, "assertion");
        /// Whether a connection is a new one, RFC 4145 §5.
        "connection" Connection(ConnectionReuse) Transport ConnectionReuse::parse;
        /// Candidates of the other side that ended up in use, RFC 8839 §5.2. Kept as text.
        "remote-candidates" RemoteCandidates(Text<'a>) Transport |text| some_text(text, "candidate");
        /// The time between checks, in milliseconds, RFC 8839 §5.5.
        "ice-pacing" IcePacing(u64) Normal |text| only_number(text, "pacing", 0..=9_999_999_999);
        /// Sizes of images, RFC 6236 §3.1. Kept as text.
        "imageattr" Imageattr(Text<'a>) IdenticalPerPt |text| some_text(text, "value");
        /// Media in a packet, in milliseconds, RFC 8866 §6.4.
        "ptime" Ptime(Decimal<'a>) IdenticalPerPt Decimal::parse;
        /// Media in a packet at most, in milliseconds, RFC 8866 §6.5.
        "maxptime" Maxptime(Decimal<'a>) IdenticalPerPt Decimal::parse;
        /// Frames a second at most, RFC 8866 §6.13.
        "framerate" Framerate(Decimal<'a>) IdenticalPerPt Decimal::parse;
    }
    flags {
        /// RTP and RTCP share a port, RFC 5761 §5.1.
        "rtcp-mux" RtcpMux Identical;
        /// They cannot do otherwise, RFC 8858 §3.
        "rtcp-mux-only" RtcpMuxOnly Identical;
        /// RTCP packets may be short, RFC 5506 §5.
        "rtcp-rsize" RtcpRsize Identical;
        /// Header extensions of one and of two bytes in one stream, RFC 8285 §6.
        "extmap-allow-mixed" ExtmapAllowMixed Identical;
        /// All candidates are known, RFC 8840 §8.2.
        "end-of-candidates" EndOfCandidates Identical;
        /// Only of use within its bundle, RFC 9143 §6.
        "bundle-only" BundleOnly Normal;
        /// The agent does no checks of its own, RFC 8839 §5.3.
        "ice-lite" IceLite Normal;
        /// Somebody on the way has changed addresses, RFC 8839 §5.3.
        "ice-mismatch" IceMismatch Normal;
        /// Header extensions and CSRCs are encrypted, RFC 9335 §4.
        "cryptex" Cryptex Transport;
    }
    directions {
        "sendrecv" SendRecv;
        "sendonly" SendOnly;
        "recvonly" RecvOnly;
        "inactive" Inactive;
    }
}

/// An attribute that is kept as it is: `a=name` or `a=name:value`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnknownAttribute<'a> {
    /// What stands before the first colon.
    pub name: Text<'a>,
    /// What stands behind it.
    pub value: Option<Text<'a>>,
}
crate::own::into_owned!(UnknownAttribute { name, value });

impl fmt::Display for UnknownAttribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a=")?;
        f.write_str(&self.name)?;
        self.value.as_ref().map_or(Ok(()), |value| write!(f, ":{value}"))
    }
}

/// Both credentials of ICE have at most 256 characters (RFC 8839 §5.4). That they are long enough
/// is for the agent to judge.
fn credential<'a>(text: &'a str, field: &'static str) -> Result<Token<'a>, Reason> {
    const MAX: usize = 256;
    let word = only_word(text, field)?;
    if word.len() > MAX {
        return Err(Reason::TooLong { field, max: MAX, had: word.len() });
    }
    Ok(word)
}

fn some_text<'a>(text: &'a str, field: &'static str) -> Result<Text<'a>, Reason> {
    let rest = Fields::new(text).rest();
    if rest.is_empty() { Err(Reason::Missing(field)) } else { Ok(rest) }
}

macro_rules! from_values {
    ($($type:ident)*) => {
        $(impl<'a> From<$type<'a>> for Attribute<'a> {
            fn from(value: $type<'a>) -> Self {
                Self::$type(value)
            }
        })*
    };
}

from_values!(Extmap Fingerprint Fmtp Group IceOptions Msid MsidSemantic Rid Rtcp RtcpFb Rtpmap);
from_values!(SctpInit Sctpmap Simulcast SsrcGroup);

impl<'a> From<Candidate<'a>> for Attribute<'a> {
    fn from(candidate: Candidate<'a>) -> Self {
        Self::Candidate(Box::new(candidate))
    }
}

impl<'a> From<SsrcAttribute<'a>> for Attribute<'a> {
    fn from(attribute: SsrcAttribute<'a>) -> Self {
        Self::Ssrc(attribute)
    }
}

impl From<Direction> for Attribute<'_> {
    fn from(direction: Direction) -> Self {
        Self::Direction(direction)
    }
}

impl From<Setup> for Attribute<'_> {
    fn from(setup: Setup) -> Self {
        Self::Setup(setup)
    }
}
