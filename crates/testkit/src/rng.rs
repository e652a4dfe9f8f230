//! Seeded randomness: the same seed gives the same bytes on every machine and in every version.

use core::time::Duration;

use sansio::Rng;

/// A small fast generator (xoshiro256++), for tests only: it is not secure.
#[derive(Clone, Debug)]
pub struct SeededRng {
    state: [u64; 4],
}

impl SeededRng {
    /// A generator whose whole output follows from `seed`.
    pub fn new(seed: u64) -> Self {
        // splitmix64 spreads a small seed over the whole state, as the authors of xoshiro advise.
        let mut x = seed;
        let state = core::array::from_fn(|_| {
            x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Self { state }
    }

    /// The same generator, boxed for a machine's constructor.
    pub fn boxed(seed: u64) -> Box<dyn Rng> {
        Box::new(Self::new(seed))
    }

    /// True with probability `p`. Draws nothing when `p` is zero.
    pub fn chance(&mut self, p: f64) -> bool {
        p > 0.0 && self.fraction() < p
    }

    /// Evenly from `0.0 .. 1.0`.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly from `0 .. n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// Evenly from zero to `max`, in nanoseconds. Draws nothing when `max` is zero.
    pub fn up_to(&mut self, max: Duration) -> Duration {
        if max.is_zero() {
            return max;
        }
        Duration::from_nanos(self.below(max.as_nanos() as u64 + 1))
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let t = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= t;
        *d = d.rotate_left(45);
        result
    }
}

impl Rng for SeededRng {
    fn fill(&mut self, dst: &mut [u8]) {
        for chunk in dst.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }

    fn fork(&mut self) -> Box<dyn Rng> {
        Self::boxed(self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_itself_from_the_seed_and_not_otherwise() {
        let bytes = |seed| {
            let (mut rng, mut out) = (SeededRng::new(seed), [0; 33]);
            rng.fill(&mut out);
            let mut forked = [0; 7];
            rng.fork().fill(&mut forked);
            (out, forked)
        };
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7).0, bytes(8).0);
        assert_ne!(bytes(7).1, bytes(8).1);
        assert_ne!(bytes(0).0[..8], bytes(0).0[8..16]);
    }

    #[test]
    fn is_even() {
        let mut rng = SeededRng::new(1);
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            counts[rng.below(10) as usize] += 1;
        }
        // Standard deviation 95.
        assert!(counts.iter().all(|c| c.abs_diff(10_000) < 400), "{counts:?}");
        let hits = (0..100_000).filter(|_| rng.chance(0.01)).count();
        assert!(hits.abs_diff(1_000) < 130, "{hits}");
        assert!(!rng.chance(0.0) && rng.chance(1.0));
    }
}
