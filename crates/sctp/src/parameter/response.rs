//! Re-configuration Response: what became of a request, RFC 6525 §4.4.

use crate::serial::{RequestNumber, Tsn};
use crate::wire::{ParseError, Reader, write_tlv};

/// Re-configuration Response.
///
/// ```text
/// +-------------------------------+-------------------------------+
/// |           type = 16           |            length             |
/// +-------------------------------+-------------------------------+
/// |                     number of the request                     |
/// +---------------------------------------------------------------+
/// |                            result                             |
/// +---------------------------------------------------------------+
/// |              sender's next TSN (after a TSN reset)            |
/// +---------------------------------------------------------------+
/// |             receiver's next TSN (after a TSN reset)           |
/// +---------------------------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReConfigResponse {
    /// Number of the request.
    pub request: RequestNumber,
    /// What became of it.
    pub result: ReConfigResult,
    /// Sender's and receiver's next TSN: answers an SSN/TSN Reset Request.
    pub next_tsns: Option<[Tsn; 2]>,
}

/// Result of a re-configuration request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReConfigResult {
    /// 0: nothing to do.
    NothingToDo,
    /// 1: done.
    Performed,
    /// 2: refused.
    Denied,
    /// 3: a stream that does not exist.
    WrongSsn,
    /// 4: another request is being worked on.
    RequestInProgress,
    /// 5: the request's number is not the one expected.
    BadSequenceNumber,
    /// 6: not yet.
    InProgress,
    /// A number without meaning.
    Unknown(u32),
}

impl From<u32> for ReConfigResult {
    fn from(code: u32) -> Self {
        match code {
            0 => Self::NothingToDo,
            1 => Self::Performed,
            2 => Self::Denied,
            3 => Self::WrongSsn,
            4 => Self::RequestInProgress,
            5 => Self::BadSequenceNumber,
            6 => Self::InProgress,
            code => Self::Unknown(code),
        }
    }
}

impl From<ReConfigResult> for u32 {
    fn from(result: ReConfigResult) -> Self {
        match result {
            ReConfigResult::NothingToDo => 0,
            ReConfigResult::Performed => 1,
            ReConfigResult::Denied => 2,
            ReConfigResult::WrongSsn => 3,
            ReConfigResult::RequestInProgress => 4,
            ReConfigResult::BadSequenceNumber => 5,
            ReConfigResult::InProgress => 6,
            ReConfigResult::Unknown(code) => code,
        }
    }
}

impl ReConfigResponse {
    /// Parameter type.
    pub const TYPE: u16 = 16;

    pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        let (request, result) = (RequestNumber(reader.u32()?), reader.u32()?.into());
        let next_tsns = match reader.rest().is_empty() {
            true => None,
            false => Some([Tsn(reader.u32()?), Tsn(reader.u32()?)]),
        };
        Ok(Self { request, result, next_tsns })
    }

    /// Appends the parameter.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
            out.extend_from_slice(&self.request.0.to_be_bytes());
            out.extend_from_slice(&u32::from(self.result).to_be_bytes());
            for tsn in self.next_tsns.iter().flatten() {
                out.extend_from_slice(&tsn.0.to_be_bytes());
            }
        });
    }
}
