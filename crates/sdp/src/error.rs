//! Why a description was refused, and where.

use core::fmt;

/// A line that could not be read.
///
/// Its text names both: `line 17: a=candidate: port 70000 is not in 0..=65535`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// What stands on the line, `m=` or `a=candidate`; empty where it could not be told.
    pub place: &'static str,
    /// What is wrong with it.
    pub reason: Reason,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        self.reason.fmt(f)
    }
}

impl core::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.reason)
    }
}

/// What is wrong with a line, or with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The description begins with something else (RFC 8866 §5.1).
    #[error("a description begins with v=0")]
    NotAnSdp,
    /// A version that nobody has defined yet.
    #[error("version {0} is not 0")]
    Version(u64),
    /// Not a letter, an equals sign and a value (RFC 8866 §5).
    #[error("not of the form letter=value")]
    NotALine,
    /// A line of nothing, and lines after it.
    #[error("the line is empty")]
    EmptyLine,
    /// A carriage return or a NUL within a line.
    #[error("a control character within the line")]
    ControlCharacter,
    /// The line may stand here once only.
    #[error("stands here a second time")]
    Repeated,
    /// The line belongs to the session, and stands in a media description.
    #[error("belongs before the first m=")]
    InMedia,
    /// `r=` and `z=` say more about a `t=` before them (RFC 8866 §5.10, §5.11).
    #[error("there is no t= before it")]
    WithoutTime,
    /// The description ended without this line (RFC 8866 §5).
    #[error("the description has no {0}")]
    NoLine(&'static str),
    /// Something ends before this field.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field that is something else than it should be.
    #[error("{field} is not {expected}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A number that is too small or too large.
    #[error("{field} {value} is not in {min}..={max}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The number, or `u64::MAX` for all that are larger.
        value: u64,
        /// The smallest that is allowed.
        min: u64,
        /// The largest that is allowed.
        max: u64,
    },
    /// Text or bytes of the wrong length.
    #[error("{field} has {had} bytes, not {needed}")]
    Length {
        /// The field.
        field: &'static str,
        /// How long it should be, in bytes.
        needed: usize,
        /// How long it is, in bytes.
        had: usize,
    },
    /// Text that is too long.
    #[error("{field} has {had} bytes, more than {max}")]
    TooLong {
        /// The field.
        field: &'static str,
        /// How long it may be, in bytes.
        max: usize,
        /// How long it is, in bytes.
        had: usize,
    },
}
