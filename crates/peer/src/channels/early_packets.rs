//! Packets that come before the association exists: the other side's answer is on its way to us, or
//! several records of DTLS became readable at once.

/// What waits for the association. The other side would send it again, but only after a second.
#[derive(Debug, Default)]
pub(super) struct EarlyPackets {
    packets: Vec<Vec<u8>>,
}

impl EarlyPackets {
    /// Packets that are kept: as many as a sender may have in flight to begin with (RFC 9260
    /// §7.2.1), and a little.
    const MAX: usize = 4;
    /// The largest packet that is kept, bytes.
    const MAX_BYTES: usize = 1500;

    /// Keeps a copy, if there is room.
    pub(super) fn keep(&mut self, packet: &[u8]) {
        if self.packets.len() < Self::MAX && packet.len() <= Self::MAX_BYTES {
            self.packets.push(packet.to_vec());
        }
    }

    /// All that was kept, in order.
    pub(super) fn take(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.packets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_few_packets_once() {
        let mut early = EarlyPackets::default();
        early.keep(&[0; EarlyPackets::MAX_BYTES + 1]);
        for n in 0..100 {
            early.keep(&[n; EarlyPackets::MAX_BYTES]);
        }
        let kept: Vec<u8> = early.take().iter().map(|packet| packet[0]).collect();
        assert_eq!(kept, [0, 1, 2, 3]);
        assert!(early.take().is_empty());
    }
}
