//! `a=group`: media descriptions that belong together. RFC 5888 §5, RFC 9143 §5.

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// `BUNDLE 0 1 2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group<'a> {
    /// What the group means: `BUNDLE`, `LS`, `DUP`.
    pub semantics: Token<'a>,
    /// The `a=mid` of its members.
    pub mids: Vec<Token<'a>>,
}

into_owned!(Group { semantics, mids });

impl<'a> Group<'a> {
    /// The group of media that share one transport (RFC 9143).
    pub fn bundle<T: Into<Token<'a>>>(mids: impl IntoIterator<Item = T>) -> Self {
        Self { semantics: "BUNDLE".into(), mids: mids.into_iter().map(Into::into).collect() }
    }

    /// Reads `BUNDLE 0 1 2`. A group may be without members: all of them were rejected.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        Ok(Self { semantics: fields.token("semantics")?, mids: fields.tokens() })
    }

    /// Whether its members share one transport.
    pub fn is_bundle(&self) -> bool {
        self.semantics == "BUNDLE"
    }

    /// Whether it has this member.
    pub fn contains(&self, mid: &str) -> bool {
        self.mids.iter().any(|found| found == mid)
    }
}

impl fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.semantics)?;
        for mid in &self.mids {
            f.write_str(" ")?;
            f.write_str(mid)?;
        }
        Ok(())
    }
}
