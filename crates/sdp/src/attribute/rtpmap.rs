//! `a=rtpmap`: what a payload type stands for. RFC 8866 §6.6.

use core::fmt;

use crate::attribute::PayloadType;
use crate::error::Reason;
use crate::fields::{Fields, U32, number, split_once};
use crate::own::into_owned;
use crate::text::Token;

/// `111 opus/48000/2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rtpmap<'a> {
    /// The payload type.
    pub payload_type: PayloadType,
    /// The name of the payload format, in upper or lower case.
    pub encoding: Token<'a>,
    /// The unit of time stamps: so many of them a second.
    pub clock_rate: u32,
    /// For audio, the number of channels; see [`Rtpmap::channels`].
    pub parameters: Option<Token<'a>>,
}

into_owned!(Rtpmap { payload_type, encoding, clock_rate, parameters });

impl<'a> Rtpmap<'a> {
    /// Reads `111 opus/48000/2`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let payload_type = PayloadType::read(&mut fields)?;
        let word = fields.word("encoding name")?;
        let (encoding, rest) = split_once(word, b'/').ok_or(Reason::Missing("clock rate"))?;
        let (clock_rate, parameters) = match split_once(rest, b'/') {
            Some((clock_rate, parameters)) => (clock_rate, Some(Token::parsed(parameters))),
            None => (rest, None),
        };
        if encoding.is_empty() {
            return Err(Reason::Missing("encoding name"));
        }
        let encoding = Token::parsed(encoding);
        let clock_rate = number(clock_rate, "clock rate", U32)?;
        Ok(Self { payload_type, encoding, clock_rate, parameters })
    }

    /// The number of channels of audio, 1 if it is not said.
    pub fn channels(&self) -> u8 {
        self.parameters.as_deref().and_then(|channels| channels.parse().ok()).unwrap_or(1)
    }
}

impl fmt::Display for Rtpmap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payload_type, encoding, clock_rate, parameters } = self;
        write!(f, "{payload_type} {encoding}/{clock_rate}")?;
        parameters.as_ref().map_or(Ok(()), |parameters| write!(f, "/{parameters}"))
    }
}
