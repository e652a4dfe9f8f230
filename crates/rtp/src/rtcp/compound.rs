//! Compound packets, RFC 3550 §6.1, and reduced-size ones, RFC 5506.

use super::{Frames, Packet};
use crate::ParseError;

/// The packets in a datagram. RFC 5506 lets anything come first.
///
/// A packet that is malformed is an error, and those behind it are read all the same; where the
/// lengths do not add up, the error is the last.
pub fn packets(bytes: &[u8]) -> Compound<'_> {
    Compound { frames: Frames::new(bytes) }
}

/// The packets of a compound; [`packets`] makes it.
#[derive(Clone, Debug)]
pub struct Compound<'a> {
    frames: Frames<'a>,
}

impl<'a> Iterator for Compound<'a> {
    type Item = Result<Packet<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.frames.next().map(|frame| frame.and_then(Packet::parse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ssrc;
    use crate::rtcp::Pli;

    #[test]
    fn goes_on_behind_a_packet_that_is_malformed() {
        let mut bytes = vec![0x81, 206, 0, 1, 0, 0, 0, 1]; // a PLI without its second SSRC
        let pli = Pli { sender_ssrc: Ssrc(1), media_ssrc: Ssrc(2) };
        pli.write(&mut bytes);
        let found: Vec<_> = packets(&bytes).collect();
        assert_eq!(found[0], Err(ParseError::Truncated { needed: 4, had: 0 }));
        assert_eq!(found[1..], [Ok(Packet::Pli(pli))]);
    }
}
