//! `a=sctpmap`: how the drafts before RFC 8841 described data channels
//! (draft-ietf-mmusic-sctp-sdp-05 §4.2), with `m=application 9 DTLS/SCTP 5000`.

use core::fmt;

use crate::error::Reason;
use crate::fields::{Fields, PORTS};
use crate::own::into_owned;
use crate::text::Token;

/// `5000 webrtc-datachannel 1024`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sctpmap<'a> {
    /// The SCTP port.
    pub port: u16,
    /// What is spoken over it, `webrtc-datachannel`.
    pub protocol: Token<'a>,
    /// The number of streams.
    pub streams: Option<u16>,
}

into_owned!(Sctpmap { port, protocol, streams });

impl<'a> Sctpmap<'a> {
    /// Reads `5000 webrtc-datachannel 1024`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let port = fields.number("port", PORTS)?;
        let protocol = fields.token("protocol")?;
        let streams = match fields.next() {
            Some(word) => Some(crate::fields::number(word, "number of streams", 0..=0xffff)?),
            None => None,
        };
        Ok(Self { port, protocol, streams })
    }
}

impl fmt::Display for Sctpmap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.port, self.protocol)?;
        self.streams.map_or(Ok(()), |streams| write!(f, " {streams}"))
    }
}
