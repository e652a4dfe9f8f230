//! `t=`, `r=`, `z=`: when the session takes place. RFC 8866 §5.9 to §5.11.

use crate::error::Reason;
use crate::fields::{Fields, U64};
use crate::own::into_owned;
use crate::text::Text;

/// A time at which the session is active. For WebRTC always `t=0 0`: now, and without an end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Time<'a> {
    /// When it starts, in seconds since 1900; 0: it has started.
    pub start: u64,
    /// When it stops, in seconds since 1900; 0: never.
    pub stop: u64,
    /// `r=`, how it repeats. Kept as text.
    pub repeats: Vec<Text<'a>>,
    /// `z=`, where daylight saving time interferes with that. Kept as text.
    pub zone: Option<Text<'a>>,
}

into_owned!(Time { start, stop, repeats, zone });

impl Time<'_> {
    /// Reads the value of a `t=` line, `0 0`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let start = fields.number("start time", U64)?;
        let stop = fields.number("stop time", U64)?;
        Ok(Self { start, stop, repeats: Vec::new(), zone: None })
    }
}
