//! The operating system's randomness behind `sansio::Rng`.

use std::fmt;

use rand::{
    Rng as _, SeedableRng,
    rngs::{StdRng, SysError, SysRng},
};

/// A cryptographically secure generator, seeded by the operating system.
pub struct Random(StdRng);

impl fmt::Debug for Random {
    /// Without its state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

impl Random {
    /// Seeded now.
    ///
    /// # Errors
    ///
    /// The system has none.
    pub fn from_system() -> Result<Self, SysError> {
        StdRng::try_from_rng(&mut SysRng).map(Self)
    }
}

impl sansio::Rng for Random {
    fn fill(&mut self, dst: &mut [u8]) {
        self.0.fill_bytes(dst);
    }

    fn fork(&mut self) -> Box<dyn sansio::Rng> {
        Box::new(Self(StdRng::from_rng(&mut self.0)))
    }
}
