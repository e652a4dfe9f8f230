//! The operating system's randomness behind [`sansio::Rng`].

use core::fmt;

use rand::rngs::{StdRng, SysError, SysRng};
use rand::{Rng as _, SeedableRng};

/// A ChaCha generator (`rand`'s `StdRng`, cryptographically secure) with a seed of its own: no
/// system call for a transaction id, and nothing shared between connections. For programs that
/// drive machines themselves.
pub struct Random(StdRng);

impl fmt::Debug for Random {
    /// Without its state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

impl Random {
    /// Seeded by the operating system.
    ///
    /// # Errors
    ///
    /// The system has no randomness to offer.
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

#[cfg(test)]
mod tests {
    use sansio::Rng;

    use super::*;

    #[test]
    fn generators_and_their_forks_differ() {
        let mut a = Random::from_system().unwrap();
        let mut b = Random::from_system().unwrap();
        let mut forked = a.fork();
        let draws = [a.next_u64(), b.next_u64(), forked.next_u64(), a.next_u64()];
        for (n, draw) in draws.iter().enumerate() {
            assert!(!draws[..n].contains(draw));
        }
    }
}
