//! The operating system's randomness behind [`sansio::Rng`].

use rand::{
    Rng as _, SeedableRng,
    rngs::{StdRng, SysError, SysRng},
};

/// A cryptographically secure generator, seeded by the operating system.
pub(crate) struct Random(StdRng);

impl Random {
    pub(crate) fn from_system() -> Result<Self, SysError> {
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
