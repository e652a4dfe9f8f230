//! `a=ice-options`: what an agent is able to do. RFC 8839 §5.6.

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// Options such as `trickle` (RFC 8838), `ice2` (RFC 8445 §10), `renomination`, `sped`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IceOptions<'a> {
    /// The options.
    pub options: Vec<Token<'a>>,
}

into_owned!(IceOptions { options });

impl<'a> IceOptions<'a> {
    /// Reads `trickle ice2`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let options = Fields::new(text).tokens();
        if options.is_empty() { Err(Reason::Missing("option")) } else { Ok(Self { options }) }
    }

    /// Whether an option is there.
    pub fn contains(&self, option: &str) -> bool {
        self.options.iter().any(|found| found == option)
    }
}

impl<'a, T: Into<Token<'a>>> FromIterator<T> for IceOptions<'a> {
    fn from_iter<I: IntoIterator<Item = T>>(options: I) -> Self {
        Self { options: options.into_iter().map(Into::into).collect() }
    }
}

impl fmt::Display for IceOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::join(f, &self.options)
    }
}
