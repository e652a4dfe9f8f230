//! Bytes of a stream between its reader and who cuts it into frames.

/// What was read from a stream and not taken yet.
///
/// Who takes all that is whole before more is read keeps less than one frame here.
#[derive(Clone, Debug, Default)]
pub struct Unread {
    bytes: Vec<u8>,
    /// Those before this were taken.
    start: usize,
}

impl Unread {
    /// Nothing.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), start: 0 }
    }

    /// Appends what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// All that there is, to look at.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Takes so many bytes, which stay where they are until the next [`push`](Self::push). `None`:
    /// there are fewer, and none was taken.
    pub fn take(&mut self, len: usize) -> Option<&mut [u8]> {
        let end = self.start.checked_add(len)?;
        let taken = self.bytes.get_mut(self.start..end)?;
        self.start = end;
        Some(taken)
    }

    /// Takes all.
    pub fn into_rest(mut self) -> Vec<u8> {
        self.bytes.drain(..self.start);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_all_there_stays() {
        let mut unread = Unread::new();
        unread.push(b"one two");
        assert_eq!(unread.take(4).as_deref(), Some(&b"one "[..]));
        assert_eq!(unread.take(4), None);
        assert_eq!(unread.take(usize::MAX), None);
        unread.push(b" three");
        assert_eq!(unread.as_slice(), b"two three");
        assert_eq!(unread.take(4).as_deref(), Some(&b"two "[..]));
        assert_eq!(unread.into_rest(), b"three");
    }
}
