//! `a=msid`: to which stream media belongs. RFC 8830 §2.

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// `5235e1b1-3756-4e07-b21e-7acbd2915b42 f59a30ba-58c7-4e67-81b0-513ee029b8e9`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Msid<'a> {
    /// The id of the `MediaStream`; `-` for none (RFC 9429 §5.2.1).
    pub stream: Token<'a>,
    /// The id of the `MediaStreamTrack`, which newer descriptions leave out.
    pub track: Option<Token<'a>>,
}

into_owned!(Msid { stream, track });

impl<'a> Msid<'a> {
    /// Reads a stream, and a track if there is one.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let stream = fields.token("stream")?;
        let track = fields.next().map(Token::parsed);
        if fields.is_empty() {
            Ok(Self { stream, track })
        } else {
            Err(Reason::Invalid { field: "track", expected: "one word" })
        }
    }
}

impl fmt::Display for Msid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stream)?;
        self.track.as_ref().map_or(Ok(()), |track| write!(f, " {track}"))
    }
}
