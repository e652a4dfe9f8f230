//! Datagrams on a TCP connection between two agents: two bytes of length in front of each, RFC 4571.
//!
//! ```text
//!  0                   1
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//! +-------------------------------+---------------- -- -
//! |            LENGTH             |  datagram: STUN, DTLS, SRTP
//! +-------------------------------+---------------- -- -
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use stun::stream::Unread;

/// Bytes in front of a datagram.
pub const HEADER: usize = 2;

/// A datagram that is too long, on its way out or in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a datagram of {length} bytes on a stream that takes {limit}")]
pub struct TooLong {
    /// Its bytes.
    pub length: usize,
    /// The most that is taken.
    pub limit: usize,
}

/// What goes in front of a datagram of this length.
///
/// # Errors
///
/// Two bytes cannot say so much.
pub fn header(length: usize) -> Result<[u8; HEADER], TooLong> {
    let limit = usize::from(u16::MAX);
    u16::try_from(length).map(u16::to_be_bytes).map_err(|_| TooLong { length, limit })
}

/// Cuts a stream into datagrams.
///
/// It keeps what has not been taken, so the caller takes all datagrams before it reads on: then that
/// is less than one datagram of at most `limit` bytes, and its length.
///
/// ```
/// # use patchcord_ice::framing::Deframer;
/// let mut deframer = Deframer::new(1500);
/// deframer.push(&[0, 5, b'h', b'e', b'l']);
/// assert_eq!(deframer.next_frame(), Ok(None), "it is not whole");
/// deframer.push(b"lo");
/// let frame = deframer.next_frame()?.map(|frame| frame.to_vec());
/// assert_eq!(frame.as_deref(), Some(&b"hello"[..]));
/// # Ok::<(), patchcord_ice::framing::TooLong>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deframer {
    unread: Unread,
    limit: usize,
}

impl Deframer {
    /// One that takes datagrams of at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self { unread: Unread::new(), limit }
    }

    /// Appends what was read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.unread.push(bytes);
    }

    /// The next whole datagram; `None` when more must be read. Empty ones say nothing, and are left
    /// out.
    ///
    /// # Errors
    ///
    /// The stream is to be closed. It is the same error each time.
    pub fn next_frame(&mut self) -> Result<Option<&mut [u8]>, TooLong> {
        loop {
            let header = self.unread.as_slice().first_chunk::<HEADER>();
            let Some(length) = header.map(|&bytes| usize::from(u16::from_be_bytes(bytes))) else {
                return Ok(None);
            };
            if length > self.limit {
                return Err(TooLong { length, limit: self.limit });
            }
            if length > 0 {
                let frame = self.unread.take(HEADER.saturating_add(length));
                return Ok(frame.and_then(|frame| frame.get_mut(HEADER..)));
            }
            self.unread.take(HEADER);
        }
    }

    /// How many bytes are kept.
    pub fn buffered(&self) -> usize {
        self.unread.as_slice().len()
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(datagrams: &[Vec<u8>]) -> Vec<u8> {
        let mut stream = Vec::new();
        for datagram in datagrams {
            stream.extend_from_slice(&header(datagram.len()).unwrap());
            stream.extend_from_slice(datagram);
        }
        stream
    }

    proptest! {
        #[test]
        fn datagrams_come_out_whole_however_the_stream_is_cut(
            mut datagrams in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 0..40), 0..12),
            cuts in proptest::collection::vec(1_usize..30, 1..40),
        ) {
            let (stream, mut at, mut out) = (framed(&datagrams), 0, Vec::new());
            let mut deframer = Deframer::new(40);
            for cut in cuts.iter().cycle() {
                let end = (at + cut).min(stream.len());
                deframer.push(&stream[at..end]);
                at = end;
                while let Some(frame) = deframer.next_frame().unwrap() {
                    out.push(frame.to_vec());
                }
                prop_assert!(deframer.buffered() < HEADER + 40);
                if at == stream.len() {
                    break;
                }
            }
            datagrams.retain(|datagram| !datagram.is_empty());
            prop_assert_eq!(out, datagrams);
            prop_assert_eq!(deframer.buffered(), 0);
        }

        #[test]
        fn any_bytes_are_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut deframer = Deframer::new(100);
            deframer.push(&bytes);
            while let Ok(Some(frame)) = deframer.next_frame() {
                prop_assert!((1..=100).contains(&frame.len()));
            }
        }
    }

    #[test]
    fn a_datagram_that_is_too_long_ends_the_stream() {
        let mut deframer = Deframer::new(1500);
        let expected = TooLong { length: 1501, limit: 1500 };
        deframer.push(&[5, 0xdc, 1]);
        assert_eq!(deframer.next_frame(), Ok(None), "1500 are taken");
        let mut deframer = Deframer::new(1500);
        deframer.push(&[5, 0xdd]);
        assert_eq!(deframer.next_frame(), Err(expected), "before any of it is kept");
        deframer.push(&[0; 2000]);
        assert_eq!(deframer.next_frame(), Err(expected));
    }

    #[test]
    fn two_bytes_say_no_more_than_65535() {
        assert_eq!(header(65_535), Ok([0xff, 0xff]));
        assert_eq!(header(65_536), Err(TooLong { length: 65_536, limit: 65_535 }));
    }
}
