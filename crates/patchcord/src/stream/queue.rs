//! Bytes that the system has not taken yet.

/// A bounded queue of bytes. Datagrams go in whole or not at all: a stream that is full loses them,
/// as a router would.
#[derive(Debug, Default)]
pub(super) struct Queue {
    bytes: Vec<u8>,
    /// Of `bytes`, those that are out.
    sent: usize,
}

impl Queue {
    /// What may wait, bytes: 10 ms of 100 Mbit/s. More would only be late, behind what waits in the
    /// system's own buffer.
    pub(super) const LIMIT: usize = 128 << 10;

    /// Appends both parts. False: there is no room, and nothing changes.
    pub(super) fn push(&mut self, head: &[u8], datagram: &[u8]) -> bool {
        if self.len() + head.len() + datagram.len() > Self::LIMIT {
            return false;
        }
        if self.sent > Self::LIMIT {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
        self.bytes.extend_from_slice(head);
        self.bytes.extend_from_slice(datagram);
        true
    }

    /// What is to be written next.
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    /// So many bytes were written.
    pub(super) fn advance(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count).min(self.bytes.len());
        if self.sent == self.bytes.len() {
            self.bytes.clear();
            self.sent = 0;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_datagrams_whole_or_not_at_all() {
        let (mut queue, datagram) = (Queue::default(), vec![7; 1000]);
        let mut taken = 0;
        while queue.push(&[1, 2], &datagram) {
            taken += 1;
        }
        assert_eq!(taken, Queue::LIMIT / 1002);
        assert_eq!(queue.len(), taken * 1002);
        queue.advance(1002);
        assert!(queue.push(&[1, 2], &datagram) && !queue.push(&[], &datagram));
        assert_eq!(&queue.waiting()[..3], [1, 2, 7]);
        queue.advance(usize::MAX);
        assert!(queue.is_empty());
    }

    proptest::proptest! {
        /// Whatever is pushed and taken: bytes come out once and in order, and memory is bounded.
        #[test]
        fn bytes_come_out_in_order(
            steps in proptest::collection::vec((0..9000_usize, 0..20_000_usize), 0..200),
        ) {
            let (mut queue, mut model, mut n) = (Queue::default(), Vec::new(), 0_u8);
            for (len, count) in steps {
                n = n.wrapping_add(1);
                let datagram = vec![n; len];
                let fits = model.len() + 1 + len <= Queue::LIMIT;
                assert_eq!(queue.push(&[0], &datagram), fits);
                if fits {
                    model.push(0);
                    model.extend_from_slice(&datagram);
                }
                let count = count.min(model.len());
                assert_eq!(&queue.waiting()[..count], &model[..count]);
                queue.advance(count);
                model.drain(..count);
                assert_eq!(queue.len(), model.len());
                assert!(queue.bytes.len() <= 2 * Queue::LIMIT + 9001);
            }
        }
    }
}
