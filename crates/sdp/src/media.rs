//! `m=` and what follows it: one media description. RFC 8866 §5.14.

use core::fmt;

use crate::attribute::{Attribute, PayloadType};
use crate::bandwidth::Bandwidth;
use crate::connection::Connection;
use crate::error::Reason;
use crate::fields::{Fields, PORTS, number};
use crate::own::{IntoOwned, into_owned};
use crate::text::{Text, Token};

/// One media description. What it says through attributes is in [`crate::attribute`]; what the
/// session says for it, too, is in [`Section`](crate::Section).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Media<'a> {
    /// What kind of media.
    pub kind: MediaKind<'a>,
    /// The port; 9 where ICE has still to find one, 0 where the media is rejected, or offered with
    /// `a=bundle-only`.
    pub port: u16,
    /// `/2` behind the port: so many pairs of ports. Not for WebRTC.
    pub port_count: Option<u16>,
    /// The protocols, [`protocol::RTP`] or [`protocol::SCTP`].
    pub protocol: Token<'a>,
    /// The formats, the best liked first: for RTP payload types, for SCTP `webrtc-datachannel`.
    pub formats: Vec<Token<'a>>,
    /// `i=`, a title for people.
    pub information: Option<Text<'a>>,
    /// `c=`, where the media goes; many for multicast.
    pub connections: Vec<Connection<'a>>,
    /// `b=`, how much bandwidth.
    pub bandwidth: Vec<Bandwidth<'a>>,
    /// `k=`, obsolete. Kept as text.
    pub key: Option<Text<'a>>,
    /// `a=`, in their order.
    pub attributes: Vec<Attribute<'a>>,
}

/// The kind of a media description (RFC 8866 §8.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind<'a> {
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Data channels, for WebRTC.
    Application,
    /// Another kind.
    Other(Token<'a>),
}

/// The protocols of WebRTC.
pub mod protocol {
    /// Media over DTLS-SRTP (RFC 8827 §6.5, RFC 9429 §5.1.2).
    pub const RTP: &str = "UDP/TLS/RTP/SAVPF";
    /// Data channels over SCTP over DTLS (RFC 8841 §4).
    pub const SCTP: &str = "UDP/DTLS/SCTP";
}

into_owned!(Media {
    kind,
    port,
    port_count,
    protocol,
    formats,
    information,
    connections,
    bandwidth,
    key,
    attributes,
});

impl<'a> Media<'a> {
    /// A description without formats and attributes, whose address ICE has still to find.
    pub fn new(kind: MediaKind<'a>, protocol: impl Into<Token<'a>>) -> Self {
        Self {
            kind,
            port: 9,
            port_count: None,
            protocol: protocol.into(),
            formats: Vec::new(),
            information: None,
            connections: vec![Connection::UNKNOWN],
            bandwidth: Vec::new(),
            key: None,
            attributes: Vec::new(),
        }
    }

    /// Data channels (RFC 8841 §4), without attributes.
    pub fn data_channels() -> Self {
        let mut media = Self::new(MediaKind::Application, protocol::SCTP);
        media.formats.push("webrtc-datachannel".into());
        media
    }

    /// Reads the value of an `m=` line, `audio 9 UDP/TLS/RTP/SAVPF 111 0`.
    pub(crate) fn parse_line(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let kind = MediaKind::from(fields.word("media")?);
        let port = fields.word("port")?;
        let (port, port_count) = match port.split_once('/') {
            None => (port, None),
            Some((port, count)) => (port, Some(number(count, "number of ports", PORTS)?)),
        };
        let port = number(port, "port", PORTS)?;
        let protocol = fields.token("protocol")?;
        let formats = fields.tokens();
        let media = Self {
            port,
            port_count,
            formats,
            connections: Vec::new(),
            ..Self::new(kind, protocol)
        };
        if media.is_rtp() {
            media.formats.iter().try_for_each(|format| PayloadType::parse(format).map(drop))?;
        }
        Ok(media)
    }

    /// Adds an attribute behind the others.
    pub fn push(&mut self, attribute: impl Into<Attribute<'a>>) -> &mut Self {
        self.attributes.push(attribute.into());
        self
    }

    /// Whether this is media over RTP, of any profile.
    pub fn is_rtp(&self) -> bool {
        self.protocol.contains("RTP/")
    }

    /// Whether these are data channels, or something else over SCTP.
    pub fn is_sctp(&self) -> bool {
        self.protocol.ends_with("DTLS/SCTP")
    }

    /// Whether there is to be no such media: port 0 (RFC 3264 §5.1, §6), except for what is only
    /// of use within its bundle (RFC 9143 §6).
    pub fn is_rejected(&self) -> bool {
        self.port == 0 && !self.attributes.contains(&Attribute::BundleOnly)
    }

    /// The payload types, if this is RTP.
    pub fn payload_types(&self) -> impl Iterator<Item = PayloadType> {
        let formats = if self.is_rtp() { &*self.formats } else { &[] };
        formats.iter().filter_map(|format| PayloadType::parse(format).ok())
    }
}

impl MediaKind<'_> {
    /// Its name in a description.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Application => "application",
            Self::Other(name) => name,
        }
    }
}

impl<'a> From<&'a str> for MediaKind<'a> {
    fn from(text: &'a str) -> Self {
        match text {
            "audio" => Self::Audio,
            "video" => Self::Video,
            "application" => Self::Application,
            other => Self::Other(Token::from(other)),
        }
    }
}

impl IntoOwned for MediaKind<'_> {
    type Owned = MediaKind<'static>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Audio => MediaKind::Audio,
            Self::Video => MediaKind::Video,
            Self::Application => MediaKind::Application,
            Self::Other(name) => MediaKind::Other(name.into_owned()),
        }
    }
}

/// Writes the lines of this media description.
impl fmt::Display for Media<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={} {}", self.kind.as_str(), self.port)?;
        if let Some(count) = self.port_count {
            write!(f, "/{count}")?;
        }
        write!(f, " {}", self.protocol)?;
        for format in &self.formats {
            f.write_str(" ")?;
            f.write_str(format)?;
        }
        f.write_str("\r\n")?;
        super::write::line(f, "i=", self.information.as_ref())?;
        super::write::lines(f, "c=", &self.connections)?;
        super::write::lines(f, "b=", &self.bandwidth)?;
        super::write::line(f, "k=", self.key.as_ref())?;
        super::write::lines(f, "", &self.attributes)
    }
}
