//! A parameter of a type that this crate does not know, RFC 9260 §3.2.1.

use crate::wire::padding;

/// A parameter kept as it came. The two highest bits of its type say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownParameter<'a> {
    kind: u16,
    whole: &'a [u8],
}

impl<'a> UnknownParameter<'a> {
    pub(super) fn new(kind: u16, whole: &'a [u8]) -> Self {
        Self { kind, whole }
    }

    /// Its type.
    pub fn kind(&self) -> u16 {
        self.kind
    }

    /// The parameter with its header, without padding.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.whole
    }

    /// Whether the parameters behind it are to be processed.
    pub fn go_on(&self) -> bool {
        self.kind & 0x8000 != 0
    }

    /// Whether the sender is to be told.
    pub fn report(&self) -> bool {
        self.kind & 0x4000 != 0
    }

    /// Appends the parameter, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.whole);
        out.resize(out.len().saturating_add(padding(self.whole.len())), 0);
    }
}
