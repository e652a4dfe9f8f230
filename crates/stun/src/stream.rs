//! Messages on TCP and TLS, RFC 8489 §6.2.2 and RFC 8656 §12.5.
//!
//! A message says in its header how long it is, and so does ChannelData of TURN, which shares the
//! stream: what begins with the bits 01 is one. On a stream ChannelData fills 32 bits up with bytes
//! that its length does not count.
//!
//! ```text
//! 00.. ....  STUN          20 bytes of header, and as many as its length field says
//! 01.. ....  ChannelData    4 bytes of header, and as many as its length field says, padded to 4
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

mod unread;

use crate::message::{HEADER, MAGIC_COOKIE};
pub use unread::Unread;

/// Bytes of the header of ChannelData, RFC 8656 §12.4.
const CHANNEL_HEADER: usize = 4;

/// Why a stream cannot be read any further: nobody knows where the next message begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Neither a message nor ChannelData.
    #[error("a frame that begins with {0:#04x}")]
    Type(u8),
    /// A message without the magic cookie.
    #[error("{0:#010x} in place of the magic cookie")]
    Cookie(u32),
    /// A frame longer than this side takes.
    #[error("a frame of {needed} bytes, more than {limit}")]
    TooLong {
        /// Its bytes, header and padding included.
        needed: usize,
        /// The most that is taken.
        limit: usize,
    },
}

/// Cuts a stream into frames.
///
/// It keeps what has not been taken, so the caller takes all frames before it reads on: then that
/// is less than one frame of at most `limit` bytes.
///
/// ```
/// # use patchcord_stun::stream::Deframer;
/// let mut deframer = Deframer::new(1500);
/// deframer.push(&[0x40, 0x01, 0, 5, b'h', b'e', b'l']);
/// assert_eq!(deframer.next_frame(), Ok(None), "it is not whole");
/// deframer.push(b"lo\0\0\0");
/// let frame = deframer.next_frame()?.map(|frame| frame.to_vec());
/// assert_eq!(frame.as_deref(), Some(&b"\x40\x01\x00\x05hello"[..]), "without the padding");
/// # Ok::<(), patchcord_stun::stream::StreamError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deframer {
    unread: Unread,
    limit: usize,
}

impl Deframer {
    /// One that takes frames of at most `limit` bytes, padding included.
    pub const fn new(limit: usize) -> Self {
        Self { unread: Unread::new(), limit }
    }

    /// Appends what was read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.unread.push(bytes);
    }

    /// The next whole frame without padding; `None` when more must be read.
    ///
    /// # Errors
    ///
    /// The stream is to be closed. It is the same error each time.
    pub fn next_frame(&mut self) -> Result<Option<&mut [u8]>, StreamError> {
        let Some(frame) = frame(self.unread.as_slice())? else { return Ok(None) };
        let needed = frame.length.next_multiple_of(4);
        if needed > self.limit {
            return Err(StreamError::TooLong { needed, limit: self.limit });
        }
        Ok(self.unread.take(needed).and_then(|padded| padded.get_mut(..frame.length)))
    }

    /// How many bytes are kept.
    pub fn buffered(&self) -> usize {
        self.unread.as_slice().len()
    }

    /// Takes everything that has not been taken as a frame: after a ConnectionBind of RFC 6062 the
    /// stream is the application's, and its first bytes may have come already.
    pub fn into_rest(self) -> Vec<u8> {
        self.unread.into_rest()
    }
}

struct Frame {
    /// Without padding.
    length: usize,
}

/// What the first bytes of a frame say; `None` if they are too few.
fn frame(bytes: &[u8]) -> Result<Option<Frame>, StreamError> {
    let Some(&[first, _, l0, l1]) = bytes.first_chunk::<4>() else {
        return match bytes.first() {
            Some(first @ 0x80..) => Err(StreamError::Type(*first)),
            _ => Ok(None),
        };
    };
    let stated = usize::from(u16::from_be_bytes([l0, l1]));
    match first {
        0x00..=0x3f => {
            if let Some(&[.., c0, c1, c2, c3]) = bytes.first_chunk::<8>() {
                let cookie = u32::from_be_bytes([c0, c1, c2, c3]);
                if cookie != MAGIC_COOKIE {
                    return Err(StreamError::Cookie(cookie));
                }
            }
            Ok(Some(Frame { length: stated.saturating_add(HEADER) }))
        }
        0x40..=0x7f => Ok(Some(Frame { length: stated.saturating_add(CHANNEL_HEADER) })),
        _ => Err(StreamError::Type(first)),
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{MessageBuilder, Method};

    fn frames() -> Vec<Vec<u8>> {
        let mut request = Vec::new();
        MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into()).fingerprint();
        vec![request.clone(), b"\x40\x00\0\0".to_vec(), b"\x4f\xff\0\x03abc".to_vec(), request]
    }

    fn joined() -> Vec<u8> {
        let padded = frames().into_iter().flat_map(|mut frame| {
            frame.resize(frame.len().next_multiple_of(4), 0xee);
            frame
        });
        padded.collect()
    }

    proptest! {
        #[test]
        fn frames_come_out_whole_however_the_stream_is_cut(
            cuts in proptest::collection::vec(1_usize..20, 60),
        ) {
            let (stream, mut at, mut out) = (joined(), 0, Vec::new());
            let mut deframer = Deframer::new(64);
            for cut in cuts {
                let end = (at + cut).min(stream.len());
                deframer.push(&stream[at..end]);
                at = end;
                while let Some(frame) = deframer.next_frame().unwrap() {
                    out.push(frame.to_vec());
                }
                prop_assert!(deframer.buffered() < 64);
            }
            if at == stream.len() {
                prop_assert_eq!(out, frames());
            }
        }

        #[test]
        fn any_bytes_are_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut deframer = Deframer::new(100);
            deframer.push(&bytes);
            while let Ok(Some(frame)) = deframer.next_frame() {
                prop_assert!(frame.len() <= 100);
            }
        }
    }

    #[test]
    fn what_is_neither_ends_the_stream() {
        let table: [(&[u8], StreamError); 4] = [
            (&[0x80], StreamError::Type(0x80)),
            (&[0x16, 3, 1, 0, 0, 0, 0, 1], StreamError::Cookie(1)),
            (&[0xff, 0, 0, 0], StreamError::Type(0xff)),
            (&[0x40, 0, 0xff, 0xff], StreamError::TooLong { needed: 65_540, limit: 1500 }),
        ];
        for (bytes, expected) in table {
            let mut deframer = Deframer::new(1500);
            deframer.push(bytes);
            assert_eq!(deframer.next_frame(), Err(expected));
            assert_eq!(deframer.next_frame(), Err(expected));
        }
    }

    #[test]
    fn what_follows_the_last_frame_is_the_applications() {
        let mut deframer = Deframer::new(1500);
        deframer.push(b"\x40\x00\0\x01a___rest");
        deframer.next_frame().unwrap();
        assert_eq!(deframer.into_rest(), b"rest");
    }
}
