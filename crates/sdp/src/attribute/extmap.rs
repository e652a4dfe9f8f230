//! `a=extmap`: header extensions of RTP and their numbers. RFC 8285 §5 to §8.

use core::fmt;

use crate::attribute::Direction;
use crate::error::Reason;
use crate::fields::{Fields, number, split_once};
use crate::own::into_owned;
use crate::text::{Text, Token};

/// `2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Extmap<'a> {
    /// The number in packets: 1 to 14 with headers of one byte, 1 to 255 with two; an offer may
    /// use 4096 to 4351 for those that do not fit (RFC 8285 §7).
    pub id: u16,
    /// Which way it is used; as the media, if it is not said.
    pub direction: Option<Direction>,
    /// What it is.
    pub uri: Token<'a>,
    /// What the extension adds; for an encrypted one, the URI of what is encrypted (RFC 6904 §4).
    pub attributes: Option<Text<'a>>,
}

into_owned!(Extmap { id, direction, uri, attributes });

impl<'a> Extmap<'a> {
    /// An extension that is used as the media is.
    pub fn new(id: u16, uri: impl Into<Token<'a>>) -> Self {
        Self { id, direction: None, uri: uri.into(), attributes: None }
    }

    /// Reads `2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let word = fields.word("id")?;
        let (id, direction) = match split_once(word, b'/') {
            None => (word, None),
            Some((id, direction)) => (id, Some(Direction::parse(direction)?)),
        };
        let id = number(id, "id", 1..=4351)?;
        let uri = fields.token("URI")?;
        let attributes = Some(fields.rest()).filter(|rest| !rest.is_empty());
        Ok(Self { id, direction, uri, attributes })
    }
}

impl fmt::Display for Extmap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)?;
        if let Some(direction) = self.direction {
            write!(f, "/{direction}")?;
        }
        f.write_str(" ")?;
        f.write_str(&self.uri)?;
        self.attributes.as_ref().map_or(Ok(()), |attributes| write!(f, " {attributes}"))
    }
}
