//! The randomness of an application: a secure generator in user space.

use sansio::Rng;

/// `rand`'s generator of the thread, as our machines want it.
#[derive(Debug)]
pub(crate) struct ThreadRng;

impl Rng for ThreadRng {
    fn fill(&mut self, dst: &mut [u8]) {
        rand::fill(dst);
    }

    fn fork(&mut self) -> Box<dyn Rng> {
        Box::new(Self)
    }
}
