//! `b=`: how much bandwidth is proposed. RFC 8866 §5.8.

use core::fmt;

use crate::error::Reason;
use crate::fields::{Fields, U64, number, split_once};
use crate::own::{IntoOwned, into_owned};
use crate::text::Token;

/// `AS:512`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bandwidth<'a> {
    /// What is meant, and in which unit.
    pub kind: BandwidthKind<'a>,
    /// The value, in the unit that `kind` has.
    pub value: u64,
}

/// The meaning of a [`Bandwidth`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BandwidthKind<'a> {
    /// `AS`, application specific: with all overhead, in kbit/s (RFC 8866 §5.8).
    ApplicationSpecific,
    /// `CT`, of the whole conference, in kbit/s (RFC 8866 §5.8).
    ConferenceTotal,
    /// `TIAS`, without transport overhead, in bit/s (RFC 3890 §6.2).
    TransportIndependent,
    /// `RR`, RTCP of receivers, in bit/s (RFC 3556 §2).
    RtcpReceivers,
    /// `RS`, RTCP of senders, in bit/s (RFC 3556 §2).
    RtcpSenders,
    /// Another one.
    Other(Token<'a>),
}

into_owned!(Bandwidth { kind, value });

impl<'a> Bandwidth<'a> {
    /// Reads `AS:512`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let text = Fields::new(text).word("bandwidth type")?;
        let (kind, value) = split_once(text, b':').ok_or(Reason::Missing("bandwidth"))?;
        let kind = match kind {
            "" => return Err(Reason::Missing("bandwidth type")),
            "AS" => BandwidthKind::ApplicationSpecific,
            "CT" => BandwidthKind::ConferenceTotal,
            "TIAS" => BandwidthKind::TransportIndependent,
            "RR" => BandwidthKind::RtcpReceivers,
            "RS" => BandwidthKind::RtcpSenders,
            _ => BandwidthKind::Other(Token::parsed(kind)),
        };
        Ok(Self { kind, value: number(value, "bandwidth", U64)? })
    }
}

impl BandwidthKind<'_> {
    /// Its name in a description.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ApplicationSpecific => "AS",
            Self::ConferenceTotal => "CT",
            Self::TransportIndependent => "TIAS",
            Self::RtcpReceivers => "RR",
            Self::RtcpSenders => "RS",
            Self::Other(name) => name,
        }
    }
}

impl IntoOwned for BandwidthKind<'_> {
    type Owned = BandwidthKind<'static>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::ApplicationSpecific => BandwidthKind::ApplicationSpecific,
            Self::ConferenceTotal => BandwidthKind::ConferenceTotal,
            Self::TransportIndependent => BandwidthKind::TransportIndependent,
            Self::RtcpReceivers => BandwidthKind::RtcpReceivers,
            Self::RtcpSenders => BandwidthKind::RtcpSenders,
            Self::Other(name) => BandwidthKind::Other(name.into_owned()),
        }
    }
}

impl fmt::Display for Bandwidth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.value)
    }
}
