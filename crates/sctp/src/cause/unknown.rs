//! An error cause of a code that this crate does not know.

use crate::wire::write_tlv;

/// A cause kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCause<'a> {
    /// Its code.
    pub code: u16,
    /// What it holds.
    pub value: &'a [u8],
}

impl UnknownCause<'_> {
    /// Appends the cause, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, self.code.to_be_bytes(), |out| out.extend_from_slice(self.value));
    }
}
