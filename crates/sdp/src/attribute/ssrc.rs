//! `a=ssrc`: attributes of one RTP source. RFC 5576 §4.1.

use core::fmt;

use crate::error::Reason;
use crate::fields::{Fields, U32, split_once};
use crate::own::{into_owned, owned};
use crate::text::{Text, Token};

/// The number of an RTP source (RFC 3550 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ssrc(pub u32);

/// `137953389 cname:ENT3iIfT6OPfQrNI`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SsrcAttribute<'a> {
    /// The source.
    pub ssrc: Ssrc,
    /// The name of the attribute, `cname`, `msid`; empty where a gateway announces no more than
    /// the source.
    pub name: Token<'a>,
    /// Its value.
    pub value: Option<Text<'a>>,
}

owned!(Ssrc);
into_owned!(SsrcAttribute { ssrc, name, value });

impl Ssrc {
    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        crate::fields::number(text, "SSRC", U32).map(Self)
    }
}

impl<'a> SsrcAttribute<'a> {
    /// The canonical name of a source (RFC 5576 §6.1).
    pub fn cname(ssrc: Ssrc, cname: impl Into<Text<'a>>) -> Self {
        Self { ssrc, name: "cname".into(), value: Some(cname.into()) }
    }

    /// Reads `137953389 cname:ENT3iIfT6OPfQrNI`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let ssrc = Ssrc::parse(fields.word("SSRC")?)?;
        let rest = fields.rest_str();
        let (name, value) = match split_once(rest, b':') {
            Some((name, value)) => (name, Some(Text::parsed(value))),
            None => (rest, None),
        };
        if name.contains([' ', '\t']) {
            return Err(Reason::Invalid { field: "attribute", expected: "one word" });
        }
        Ok(Self { ssrc, name: Token::parsed(name), value })
    }
}

impl fmt::Display for Ssrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SsrcAttribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ssrc.fmt(f)?;
        if !self.name.is_empty() || self.value.is_some() {
            f.write_str(" ")?;
            f.write_str(&self.name)?;
        }
        if let Some(value) = &self.value {
            f.write_str(":")?;
            f.write_str(value)?;
        }
        Ok(())
    }
}
