//! `a=ssrc-group`: RTP sources that belong together. RFC 5576 §4.2.

use core::fmt;

use crate::attribute::Ssrc;
use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// `FID 137953389 2413353170`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SsrcGroup<'a> {
    /// What the group means: `FID` (media, then its retransmissions), `FEC-FR`, `SIM`.
    pub semantics: Token<'a>,
    /// Its members, in an order that has a meaning.
    pub ssrcs: Vec<Ssrc>,
}

into_owned!(SsrcGroup { semantics, ssrcs });

impl<'a> SsrcGroup<'a> {
    /// Reads `FID 137953389 2413353170`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let semantics = fields.token("semantics")?;
        let mut ssrcs = Vec::new();
        while let Some(word) = fields.next() {
            ssrcs.push(Ssrc::parse(word)?);
        }
        Ok(Self { semantics, ssrcs })
    }
}

impl fmt::Display for SsrcGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.semantics)?;
        self.ssrcs.iter().try_for_each(|ssrc| write!(f, " {ssrc}"))
    }
}
