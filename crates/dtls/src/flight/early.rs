//! Records that came before their time, RFC 9147 §4.5.2: kept, within bounds.

/// Records of handshakes that are reordered: a flight has fewer.
const MOST: usize = 16;

/// Protected records for which there are no keys yet, or which may not be opened yet.
#[derive(Debug, Default)]
pub(crate) struct EarlyRecords {
    records: Vec<Vec<u8>>,
    bytes: usize,
}

impl EarlyRecords {
    /// Keeps a record if there is room for it in `room` bytes.
    pub(crate) fn keep(&mut self, record: &[u8], room: usize) -> bool {
        let bytes = self.bytes.saturating_add(record.len());
        let fits = self.records.len() < MOST && bytes <= room;
        if fits {
            self.bytes = bytes;
            self.records.push(record.to_vec());
        }
        fits
    }

    /// All of them, in the order in which they came.
    pub(crate) fn take(&mut self) -> Vec<Vec<u8>> {
        self.bytes = 0;
        core::mem::take(&mut self.records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_bound() {
        let mut early = EarlyRecords::default();
        assert!(early.keep(&[1; 60], 100) && !early.keep(&[2; 60], 100) && early.keep(&[3], 100));
        assert_eq!(early.take(), [vec![1; 60], vec![3]]);
        let kept = (0..100).filter(|_| early.keep(&[4], 100)).count();
        assert_eq!(kept, MOST);
    }
}
