//! ERROR-CODE, RFC 8489 §14.8.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::fmt;

use super::{Attribute, AttributeError, AttributeType, text};
use crate::TransactionId;

/// Why a request was refused: a number for the program, a phrase for the reader of its log.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |           Reserved, should be 0         |Class|     Number    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Reason phrase, UTF-8                    ...
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode<'a> {
    class: u8,
    number: u8,
    reason: &'a str,
}

macro_rules! codes {
    ($($class:literal $number:literal $constant:ident $reason:literal $section:literal)*) => {
        impl ErrorCode<'static> {
            $(#[doc = concat!($reason, ", ", $section, ".")]
            pub const $constant: Self = Self { class: $class, number: $number, reason: $reason };)*
        }
    };
}

codes! {
    3  0 TRY_ALTERNATE                  "Try Alternate"                  "RFC 8489 §14.8"
    4  0 BAD_REQUEST                    "Bad Request"                    "RFC 8489 §14.8"
    4  1 UNAUTHENTICATED                "Unauthenticated"                "RFC 8489 §14.8"
    4  3 FORBIDDEN                      "Forbidden"                      "RFC 8656 §19"
    4  5 MOBILITY_FORBIDDEN             "Mobility Forbidden"             "RFC 8016 §4.2"
    4 20 UNKNOWN_ATTRIBUTE              "Unknown Attribute"              "RFC 8489 §14.8"
    4 37 ALLOCATION_MISMATCH            "Allocation Mismatch"            "RFC 8656 §19"
    4 38 STALE_NONCE                    "Stale Nonce"                    "RFC 8489 §14.8"
    4 40 ADDRESS_FAMILY_NOT_SUPPORTED   "Address Family not Supported"   "RFC 8656 §19"
    4 41 WRONG_CREDENTIALS              "Wrong Credentials"              "RFC 8656 §19"
    4 42 UNSUPPORTED_TRANSPORT_PROTOCOL "Unsupported Transport Protocol" "RFC 8656 §19"
    4 43 PEER_ADDRESS_FAMILY_MISMATCH   "Peer Address Family Mismatch"   "RFC 8656 §19"
    4 46 CONNECTION_ALREADY_EXISTS      "Connection Already Exists"      "RFC 6062 §6.3"
    4 47 CONNECTION_TIMEOUT_OR_FAILURE  "Connection Timeout or Failure"  "RFC 6062 §6.3"
    4 86 ALLOCATION_QUOTA_REACHED       "Allocation Quota Reached"       "RFC 8656 §19"
    4 87 ROLE_CONFLICT                  "Role Conflict"                  "RFC 8445 §16.2"
    5  0 SERVER_ERROR                   "Server Error"                   "RFC 8489 §14.8"
    5  8 INSUFFICIENT_CAPACITY          "Insufficient Capacity"          "RFC 8656 §19"
}

impl<'a> ErrorCode<'a> {
    /// An error with this code and reason.
    ///
    /// # Errors
    ///
    /// [`AttributeError::Code`]: not in 300 to 699. [`AttributeError::TooLong`]: a reason of more
    /// than 763 bytes.
    pub fn new(code: u16, reason: &'a str) -> Result<Self, AttributeError> {
        text::bounded(Self::TYPE, reason.len(), text::LIMIT)?;
        let (class, number) = (code.checked_div(100), code.checked_rem(100));
        match (class.and_then(|c| u8::try_from(c).ok()), number.and_then(|n| u8::try_from(n).ok()))
        {
            (Some(class @ 3..=6), Some(number)) => Ok(Self { class, number, reason }),
            _ => Err(AttributeError::Code(code)),
        }
    }

    /// The same code with an empty reason phrase, where every byte counts.
    #[must_use]
    pub const fn without_reason(&self) -> ErrorCode<'static> {
        ErrorCode { class: self.class, number: self.number, reason: "" }
    }

    /// The code, 300 to 699.
    pub fn code(&self) -> u16 {
        u16::from(self.class).saturating_mul(100).saturating_add(u16::from(self.number))
    }

    /// The reason phrase.
    pub const fn reason(&self) -> &'a str {
        self.reason
    }
}

impl<'a> Attribute<'a> for ErrorCode<'a> {
    const TYPE: AttributeType = AttributeType::ERROR_CODE;

    /// Of a reason that is not UTF-8 the beginning that is: only people read it, and a program that
    /// refused it would miss the code.
    fn parse(value: &'a [u8], _: &TransactionId) -> Result<Self, AttributeError> {
        let Some((&[_, _, class, number], reason)) = value.split_first_chunk::<4>() else {
            let had = value.len();
            return Err(AttributeError::Length { kind: Self::TYPE, needed: 4, had });
        };
        text::bounded(Self::TYPE, reason.len(), text::LIMIT)?;
        let class = class & 0b111;
        if !(3..=6).contains(&class) || number > 99 {
            let hundreds = u16::from(class).saturating_mul(100);
            return Err(AttributeError::Code(hundreds.saturating_add(u16::from(number))));
        }
        let reason = reason.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Ok(Self { class, number, reason })
    }

    fn write(&self, _: &TransactionId, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0, 0, self.class, self.number]);
        out.extend_from_slice(self.reason.as_bytes());
    }
}

impl fmt::Display for ErrorCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.reason)
    }
}
