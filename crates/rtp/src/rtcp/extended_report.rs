//! XR: extended reports, RFC 3611. The round trip of one who only receives; other kinds are kept.

use core::fmt;

use super::frame::write_frame;
use super::{Frame, List, PacketType};
use crate::ntp::NtpTime;
use crate::wire::{take, take_slice, take_u16, take_u32};
use crate::{ParseError, Ssrc};

/// An extended report.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|    0    |      207      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                              SSRC                             |
/// +---------------+---------------+-------------------------------+
/// |     kind      | kind's own    |       length in words         | …
/// +---------------+---------------+-------------------------------+
/// | report …                                                      | …
/// ```
#[derive(Clone, Copy, Default)]
pub struct ExtendedReport<'a> {
    /// Whose report it is.
    pub ssrc: Ssrc,
    /// One of the two is empty. What was parsed was walked once, without an error.
    wire: &'a [u8],
    built: &'a [ReportKind<'a>],
}

/// One report in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportKind<'a> {
    /// Kind 4: when a receiver sent it, RFC 3611 §4.4.
    ReceiverReferenceTime(NtpTime),
    /// Kind 5: the answers to such times, RFC 3611 §4.5.
    DelaySinceLast(List<'a, DelaySinceReference, { DelaySinceReference::LEN }>),
    /// Any other.
    Other {
        /// Its kind.
        kind: u8,
        /// The byte behind the kind, which means something to it.
        specific: u8,
        /// The report, in whole words.
        body: &'a [u8],
    },
}

/// To a receiver: when its reference time arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelaySinceReference {
    /// The receiver.
    pub ssrc: Ssrc,
    /// [`middle_32`](NtpTime::middle_32) of its last reference time; 0: none came.
    pub last_reference: u32,
    /// Since that arrived, in units of 1/65536 s.
    pub delay: u32,
}

impl DelaySinceReference {
    /// Bytes on the wire.
    pub const LEN: usize = 12;
}

impl From<[u8; Self::LEN]> for DelaySinceReference {
    fn from([s0, s1, s2, s3, r0, r1, r2, r3, d0, d1, d2, d3]: [u8; Self::LEN]) -> Self {
        Self {
            ssrc: Ssrc::from([s0, s1, s2, s3]),
            last_reference: u32::from_be_bytes([r0, r1, r2, r3]),
            delay: u32::from_be_bytes([d0, d1, d2, d3]),
        }
    }
}

impl From<DelaySinceReference> for [u8; DelaySinceReference::LEN] {
    fn from(item: DelaySinceReference) -> Self {
        let [s0, s1, s2, s3] = item.ssrc.into();
        let [r0, r1, r2, r3] = item.last_reference.to_be_bytes();
        let [d0, d1, d2, d3] = item.delay.to_be_bytes();
        [s0, s1, s2, s3, r0, r1, r2, r3, d0, d1, d2, d3]
    }
}

impl<'a> ReportKind<'a> {
    const RECEIVER_REFERENCE_TIME: u8 = 4;
    const DELAY_SINCE_LAST: u8 = 5;

    /// Takes a report off the front.
    fn take(rest: &mut &'a [u8]) -> Result<Self, ParseError> {
        let [kind, specific] = take(rest)?;
        let len = usize::from(take_u16(rest)?).wrapping_mul(4);
        let body = take_slice(rest, len)?;
        Ok(match kind {
            Self::RECEIVER_REFERENCE_TIME => {
                let ntp = <[u8; 8]>::try_from(body)
                    .map_err(|_| ParseError::Length { length: len, expected: 8 })?;
                Self::ReceiverReferenceTime(NtpTime(u64::from_be_bytes(ntp)))
            }
            Self::DELAY_SINCE_LAST => {
                let (items, behind) = List::split(body);
                if !behind.is_empty() {
                    let expected = len.wrapping_sub(behind.len());
                    return Err(ParseError::Length { length: len, expected });
                }
                Self::DelaySinceLast(items)
            }
            _ => Self::Other { kind, specific, body },
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::ReceiverReferenceTime(time) => {
                out.extend_from_slice(&[Self::RECEIVER_REFERENCE_TIME, 0, 0, 2]);
                out.extend_from_slice(&time.0.to_be_bytes());
            }
            Self::DelaySinceLast(items) => {
                let count = items.len().min(usize::from(u16::MAX) / 3);
                let words = u16::try_from(count).unwrap_or_default().wrapping_mul(3);
                out.extend_from_slice(&[Self::DELAY_SINCE_LAST, 0]);
                out.extend_from_slice(&words.to_be_bytes());
                items.write_up_to(count, out);
            }
            Self::Other { kind, specific, body } => {
                let words = u16::try_from(body.len().div_ceil(4)).unwrap_or(u16::MAX);
                let len = usize::from(words).wrapping_mul(4);
                out.extend_from_slice(&[*kind, *specific]);
                out.extend_from_slice(&words.to_be_bytes());
                let end = out.len().saturating_add(len);
                out.extend_from_slice(body.get(..len).unwrap_or(body));
                out.resize(end, 0);
            }
        }
    }
}

impl<'a> ExtendedReport<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::EXTENDED_REPORT;

    /// A report to be written.
    pub const fn new(ssrc: Ssrc, reports: &'a [ReportKind<'a>]) -> Self {
        Self { ssrc, wire: &[], built: reports }
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated; or a report of a known kind is of another length than that kind has.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut wire = frame.body;
        let ssrc = Ssrc(take_u32(&mut wire)?);
        let mut rest = wire;
        while !rest.is_empty() {
            ReportKind::take(&mut rest)?;
        }
        Ok(Self { ssrc, wire, built: &[] })
    }

    /// Report by report.
    pub fn reports(&self) -> impl Iterator<Item = ReportKind<'a>> + Clone + use<'a> {
        let mut rest = self.wire;
        let wire = core::iter::from_fn(move || ReportKind::take(&mut rest).ok());
        wire.chain(self.built.iter().copied())
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(0, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.ssrc.0.to_be_bytes());
            self.reports().for_each(|report| report.write(out));
        });
    }
}

impl PartialEq for ExtendedReport<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.ssrc == other.ssrc && self.reports().eq(other.reports())
    }
}

impl Eq for ExtendedReport<'_> {}

impl fmt::Debug for ExtendedReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ", self.ssrc)?;
        f.debug_list().entries(self.reports()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_kinds_have_their_length() {
        let parse = |body| {
            ExtendedReport::parse(Frame {
                count: 0,
                packet_type: PacketType::EXTENDED_REPORT,
                body,
            })
        };
        let short = [0, 0, 0, 1, 4, 0, 0, 1, 1, 2, 3, 4];
        assert_eq!(parse(&short), Err(ParseError::Length { length: 4, expected: 8 }));
        let odd = [0, 0, 0, 1, 5, 0, 0, 1, 1, 2, 3, 4];
        assert_eq!(parse(&odd), Err(ParseError::Length { length: 4, expected: 0 }));
        let other = [0, 0, 0, 1, 99, 7, 0, 1, 1, 2, 3, 4];
        let kept = ReportKind::Other { kind: 99, specific: 7, body: &[1, 2, 3, 4] };
        assert_eq!(parse(&other), Ok(ExtendedReport::new(Ssrc(1), &[kept])));
    }
}
