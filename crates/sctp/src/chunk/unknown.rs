//! A chunk of a type that this crate does not know, RFC 9260 §3.2.

use crate::wire::padding;

/// A chunk kept as it came. The two highest bits of its type say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown<'a> {
    kind: u8,
    whole: &'a [u8],
}

impl<'a> Unknown<'a> {
    pub(super) fn new(kind: u8, whole: &'a [u8]) -> Self {
        Self { kind, whole }
    }

    /// Its type.
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The chunk with its header, without padding.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.whole
    }

    /// Whether the chunks behind it are to be processed.
    pub fn go_on(&self) -> bool {
        self.kind & 0x80 != 0
    }

    /// Whether the sender is to be told, in an ERROR chunk.
    pub fn report(&self) -> bool {
        self.kind & 0x40 != 0
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.whole);
        out.resize(out.len().saturating_add(padding(self.whole.len())), 0);
    }
}
