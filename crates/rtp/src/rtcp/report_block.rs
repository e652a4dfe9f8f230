//! How a stream was received, RFC 3550 §6.4.1.

use crate::Ssrc;

/// What a receiver says of one stream, in sender and receiver reports.
///
/// ```text
/// +---------------------------------------------------------------+
/// |                             SSRC                              |
/// +---------------+-----------------------------------------------+
/// | fraction lost |      cumulative number of packets lost        |
/// +---------------+---------------+-------------------------------+
/// |     cycles of numbers         | highest sequence number       |
/// +-------------------------------+-------------------------------+
/// |                      interarrival jitter                      |
/// +---------------------------------------------------------------+
/// |                    last sender report (LSR)                   |
/// +---------------------------------------------------------------+
/// |              delay since last sender report (DLSR)            |
/// +---------------------------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The stream.
    pub ssrc: Ssrc,
    /// Lost since the last report, in 256ths of what was expected.
    pub fraction_lost: u8,
    /// Lost since the beginning; less than none when packets came twice. 24 bits with a sign:
    /// beyond them it stays at the limit.
    pub cumulative_lost: i32,
    /// The highest sequence number that arrived, extended by how often it wrapped.
    pub highest_sequence_number: u32,
    /// The mean deviation of the spacing of arrivals, in units of the stream's clock.
    pub jitter: u32,
    /// [`middle_32`](crate::ntp::NtpTime::middle_32) of the last sender report; 0: none came.
    pub last_sender_report: u32,
    /// Since that report arrived, in units of 1/65536 s.
    pub delay_since_last_sender_report: u32,
}

impl ReportBlock {
    /// Bytes on the wire.
    pub const LEN: usize = 24;
    /// The least that [`cumulative_lost`](Self::cumulative_lost) can say.
    pub const MIN_LOST: i32 = -(1 << 23);
    /// The most that [`cumulative_lost`](Self::cumulative_lost) can say.
    pub const MAX_LOST: i32 = (1 << 23) - 1;
}

impl From<[u8; Self::LEN]> for ReportBlock {
    fn from(bytes: [u8; Self::LEN]) -> Self {
        let ([ssrc, lost, highest, jitter, lsr, dlsr], _) = words(&bytes);
        let [fraction_lost, l0, l1, l2] = lost;
        Self {
            ssrc: Ssrc::from(ssrc),
            fraction_lost,
            // The sign is in the highest of the 24 bits.
            cumulative_lost: i32::from_be_bytes([l0, l1, l2, 0]) >> 8,
            highest_sequence_number: u32::from_be_bytes(highest),
            jitter: u32::from_be_bytes(jitter),
            last_sender_report: u32::from_be_bytes(lsr),
            delay_since_last_sender_report: u32::from_be_bytes(dlsr),
        }
    }
}

/// The whole words at the front of some bytes.
fn words<const N: usize>(bytes: &[u8]) -> ([[u8; 4]; N], &[u8]) {
    let (words, rest) = bytes.as_chunks();
    (words.first_chunk().copied().unwrap_or([[0; 4]; N]), rest)
}

impl From<ReportBlock> for [u8; ReportBlock::LEN] {
    fn from(block: ReportBlock) -> Self {
        let lost = block.cumulative_lost.clamp(ReportBlock::MIN_LOST, ReportBlock::MAX_LOST);
        let [_, l0, l1, l2] = lost.to_be_bytes();
        let words = [
            block.ssrc.into(),
            [block.fraction_lost, l0, l1, l2],
            block.highest_sequence_number.to_be_bytes(),
            block.jitter.to_be_bytes(),
            block.last_sender_report.to_be_bytes(),
            block.delay_since_last_sender_report.to_be_bytes(),
        ];
        let mut bytes = [0; ReportBlock::LEN];
        bytes.copy_from_slice(words.as_flattened());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_have_a_sign_and_limits() {
        let through = |lost| {
            let block = ReportBlock { cumulative_lost: lost, ..ReportBlock::default() };
            ReportBlock::from(<[u8; 24]>::from(block)).cumulative_lost
        };
        for lost in [0, 1, -1, ReportBlock::MAX_LOST, ReportBlock::MIN_LOST] {
            assert_eq!(through(lost), lost);
        }
        assert_eq!(through(i32::MAX), 0x7f_ffff);
        assert_eq!(through(i32::MIN), -0x80_0000);
    }
}
