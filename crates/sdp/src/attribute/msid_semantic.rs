//! `a=msid-semantic`: what the drafts before RFC 8830 wrote for the session.
//!
//! Browsers still write it and nobody needs it. Some put a blank before its value, some do not.

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Text;

/// `WMS *`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MsidSemantic<'a> {
    /// The value as it is written, perhaps with a blank before it.
    pub text: Text<'a>,
}

into_owned!(MsidSemantic { text });

impl<'a> MsidSemantic<'a> {
    /// Reads `WMS *`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        Fields::new(text).word("semantic").map(|_| Self { text: Text::parsed(text) })
    }

    /// The semantic, `WMS`.
    pub fn semantic(&self) -> &str {
        Fields::new(&self.text).next().unwrap_or_default()
    }

    /// The streams.
    pub fn streams(&self) -> impl Iterator<Item = &str> {
        let mut fields = Fields::new(&self.text);
        core::iter::from_fn(move || fields.next()).skip(1)
    }
}

impl fmt::Display for MsidSemantic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
