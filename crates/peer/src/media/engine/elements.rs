//! The header extensions of one packet that leaves.

/// Those of the hop, and those that travel with a packet.
const MAX: usize = 12;

/// A short list of ids and values, on the stack.
#[derive(Debug)]
pub(super) struct Elements<'v> {
    list: [(u8, &'v [u8]); MAX],
    len: usize,
}

impl<'v> Elements<'v> {
    pub(super) const fn new() -> Self {
        Self { list: [(0, &[]); MAX], len: 0 }
    }

    /// Adds one, if it was agreed on and there is room.
    pub(super) fn push(&mut self, id: Option<u8>, value: &'v [u8]) {
        if let (Some(id), Some(slot)) = (id, self.list.get_mut(self.len)) {
            *slot = (id, value);
            self.len += 1;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u8, &'v [u8])> + Clone + '_ {
        self.list.iter().take(self.len).copied()
    }
}
