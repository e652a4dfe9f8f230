//! Randomness as an argument.

use alloc::boxed::Box;

/// A source of random bytes, handed to a machine's constructor.
///
/// In production it must be a cryptographically secure generator: ICE credentials, SCTP tags and
/// hash seeds come from it. In tests it is seeded, so that a run can be replayed.
pub trait Rng: Send {
    /// Fills `dst` with random bytes.
    fn fill(&mut self, dst: &mut [u8]);

    /// A generator of its own for a child machine, independent of this one.
    fn fork(&mut self) -> Box<dyn Rng>;

    /// 32 random bits.
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    /// 64 random bits.
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

impl core::fmt::Debug for dyn Rng {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Rng")
    }
}
