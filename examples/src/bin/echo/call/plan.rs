//! What is sent: messages that can be made again to compare with what returns.

use patchcord::{Message, MessageKind};

/// Messages of one call.
pub(crate) const COUNT: u32 = 1000;
/// The largest message, if the other side takes it: 256 KiB is what browsers announce.
pub(crate) const LARGEST: usize = 256 * 1024;

/// Sizes at which something changes on the way: nothing at all, a packet, a browser's receive
/// buffer, the default of RFC 8841 §6.1 and what browsers announce.
const EDGES: [usize; 14] =
    [0, 1, 2, 1_023, 1_024, 1_150, 1_200, 16_383, 16_384, 65_535, 65_536, 65_537, 262_143, 262_144];

/// The messages of one call, decided by a seed and the largest size allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    seed: u64,
    largest: usize,
}

impl Plan {
    pub(crate) fn new(seed: u64, largest: usize) -> Self {
        Self { seed, largest: largest.min(LARGEST) }
    }

    /// Message number `n`: text and binary take turns, the same each time it is asked for.
    pub(crate) fn message(&self, n: u32) -> Message {
        let mut random = Random(self.seed ^ (u64::from(n) << 32));
        let size = self.size(n, &mut random);
        if n.is_multiple_of(2) {
            Message { kind: MessageKind::Text, data: text(size, &mut random).into() }
        } else {
            Message { kind: MessageKind::Binary, data: random.bytes(size).into() }
        }
    }

    /// The edges come first, each as text and as binary. Then each magnitude is equally likely.
    fn size(&self, n: u32, random: &mut Random) -> usize {
        let edge = EDGES.get(n as usize / 2).copied();
        let size = edge.unwrap_or_else(|| {
            let magnitude = random.next() % u64::from(self.largest.max(1).ilog2() + 1);
            (random.next() % (2 << magnitude)) as usize
        });
        size.min(self.largest)
    }
}

/// `size` bytes of UTF-8 in which characters of one to four bytes occur.
fn text(size: usize, random: &mut Random) -> String {
    const LETTERS: [char; 8] = ['a', 'Z', ' ', '\n', 'é', 'ß', '漢', '🦀'];
    let mut text = String::with_capacity(size);
    while text.len() < size {
        let letter = LETTERS[random.next() as usize % LETTERS.len()];
        let fits = text.len() + letter.len_utf8() <= size;
        text.push(if fits { letter } else { '.' });
    }
    text
}

/// SplitMix64: enough to fill messages with something that no layer can guess.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn bytes(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size.next_multiple_of(8));
        while bytes.len() < size {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(size);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_the_same_each_time() {
        let plan = Plan::new(7, LARGEST);
        for n in 0..COUNT {
            assert!(plan.message(n) == plan.message(n), "message {n}");
        }
        assert!(plan.message(999) != Plan::new(8, LARGEST).message(999));
    }

    #[test]
    fn sizes_reach_from_nothing_to_the_largest_as_text_and_binary() {
        let plan = Plan::new(1, LARGEST);
        let messages: Vec<_> = (0..COUNT).map(|n| plan.message(n)).collect();
        for kind in [MessageKind::Text, MessageKind::Binary] {
            let sizes: Vec<_> =
                messages.iter().filter(|m| m.kind == kind).map(|m| m.data.len()).collect();
            assert_eq!(sizes.len(), COUNT as usize / 2);
            assert!(sizes.contains(&0) && sizes.contains(&LARGEST));
            assert!(sizes.iter().filter(|size| **size < 1000).count() > 100);
            assert!(sizes.iter().filter(|size| **size > 60_000).count() > 50);
        }
    }

    #[test]
    fn a_smaller_limit_is_kept_and_reached() {
        for largest in [0, 1, 1200, 65_536] {
            let plan = Plan::new(3, largest);
            let longest = (0..COUNT).map(|n| plan.message(n).data.len()).max();
            assert_eq!(longest, Some(largest));
        }
    }

    #[test]
    fn text_is_utf_8_with_letters_of_all_lengths() {
        let plan = Plan::new(1, LARGEST);
        let message = plan.message(26);
        assert_eq!(message.data.len(), LARGEST);
        let text = std::str::from_utf8(&message.data).unwrap();
        for bytes in 1..=4 {
            assert!(text.chars().any(|letter| letter.len_utf8() == bytes));
        }
    }
}
