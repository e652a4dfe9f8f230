//! Which datagrams are lost by chance: each alone, or many in a row (Gilbert's model).

use crate::SeededRng;

/// Chance that remembers whether a burst of losses is under way.
///
/// ```text
///        enter           A burst ends with probability 1 / burst at each datagram, so its length is
///  good ──────► bad      `burst` on average; it begins so often that of all datagrams the part
///       ◄──────          `loss` is lost. Time in which none is sent counts as if some were: what
///        leave           disturbs a link passes whether it is used or not.
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Losses {
    in_burst: bool,
}

impl Losses {
    /// Whether the next datagram is lost, where `loss` is the part that is lost of all, and `burst`
    /// how many are lost in a row on average; up to 1 each stands for itself. `slots` is how many
    /// the link could have sent since the last, this one included.
    pub fn next(&mut self, rng: &mut SeededRng, loss: f64, burst: f64, slots: u64) -> bool {
        if burst <= 1.0 || loss >= 1.0 {
            return rng.chance(loss);
        }
        // What a state says about a later one fades with each step.
        let fades = 1.0 - 1.0 / (burst * (1.0 - loss));
        let memory = fades.max(0.0).powf(slots as f64);
        let now = if self.in_burst { 1.0 } else { 0.0 };
        self.in_burst = rng.chance(loss + (now - loss) * memory);
        self.in_burst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part that is lost, and the mean length of what is lost in a row.
    fn measure(loss: f64, burst: f64, slots: u64) -> (f64, f64) {
        let mut rng = SeededRng::new(1);
        let (mut losses, mut lost, mut bursts) = (Losses::default(), 0, 0);
        let (n, mut before) = (1_000_000, false);
        for _ in 0..n {
            let now = losses.next(&mut rng, loss, burst, slots);
            lost += u32::from(now);
            bursts += u32::from(now && !before);
            before = now;
        }
        (f64::from(lost) / f64::from(n), f64::from(lost) / f64::from(bursts))
    }

    #[test]
    fn loses_as_many_as_it_should_in_rows_as_long_as_they_should_be() {
        for (loss, burst) in [(0.01, 1.0), (0.01, 8.0), (0.05, 4.0), (0.3, 20.0)] {
            let (part, length) = measure(loss, burst, 1);
            assert!((part / loss - 1.0).abs() < 0.1, "{loss} {burst}: {part}");
            // Alone, some stand side by side by chance.
            let expected = if burst > 1.0 { burst } else { 1.0 / (1.0 - loss) };
            assert!((length / expected - 1.0).abs() < 0.1, "{loss} {burst}: {length}");
        }
        assert_eq!(measure(1.0, 8.0, 1).0, 1.0);
    }

    #[test]
    fn a_burst_passes_while_nothing_is_sent() {
        let (part, length) = measure(0.1, 8.0, 100);
        assert!((part / 0.1 - 1.0).abs() < 0.1, "{part}");
        assert!(length < 1.2, "{length}");
    }
}
