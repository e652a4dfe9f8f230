//! Any bytes on a stream of RFC 4571, whole and in pieces: the same datagrams come out of it.
#![no_main]

use ice::framing::{Deframer, HEADER, TooLong, header};

const LIMIT: usize = 1500;

/// All datagrams, each with its length in front, and how it ended.
fn cut<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Option<TooLong>) {
    let (mut deframer, mut out) = (Deframer::new(LIMIT), Vec::new());
    for piece in pieces {
        deframer.push(piece);
        loop {
            match deframer.next_frame() {
                Ok(Some(frame)) => {
                    out.extend_from_slice(&header(frame.len()).expect("it came with a length"));
                    out.extend_from_slice(frame);
                }
                Ok(None) => break,
                Err(error) => return (out, Some(error)),
            }
        }
        assert!(deframer.buffered() < HEADER + LIMIT);
    }
    (out, None)
}

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let whole = cut(core::iter::once(bytes));
    assert_eq!(cut(bytes.chunks(usize::from(size).max(1))), whole);
    let again = cut(core::iter::once(&whole.0[..]));
    assert_eq!(again, (whole.0.clone(), None));
});
