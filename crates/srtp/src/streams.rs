//! A stream's state, found by its SSRC.

use std::collections::HashMap;

use foldhash::quality::FixedState;
use rtp::Ssrc;
use sansio::Rng;

/// Streams by SSRC. Strangers choose SSRCs, so the table is hashed with a seed; and packets come in
/// rows, so the last stream that was found is tried first.
#[derive(Debug)]
pub(crate) struct Streams<S> {
    last: (Ssrc, usize),
    slots: HashMap<Ssrc, usize, FixedState>,
    streams: Vec<S>,
}

impl<S> Streams<S> {
    pub(crate) fn new(rng: &mut dyn Rng) -> Self {
        Self {
            // There is no such place, so nothing is found there.
            last: (Ssrc(0), usize::MAX),
            slots: HashMap::with_hasher(FixedState::with_seed(rng.next_u64())),
            streams: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, ssrc: Ssrc) -> Option<&mut S> {
        if self.last.0 != ssrc {
            self.last = (ssrc, *self.slots.get(&ssrc)?);
        }
        self.streams.get_mut(self.last.1)
    }

    /// Adds a stream that is not there yet.
    pub(crate) fn insert(&mut self, ssrc: Ssrc, stream: S) {
        let slot = self.streams.len();
        self.streams.push(stream);
        self.slots.insert(ssrc, slot);
        self.last = (ssrc, slot);
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }
}

#[cfg(test)]
mod tests {
    use testkit::SeededRng;

    use super::*;

    #[test]
    fn finds_each_stream_in_any_order() {
        let mut streams = Streams::new(&mut SeededRng::new(1));
        assert_eq!(streams.get_mut(Ssrc(0)), None);
        for n in 0..100 {
            streams.insert(Ssrc(n * 7), n);
        }
        for n in [0, 0, 99, 5, 5, 5, 0, 42] {
            assert_eq!(streams.get_mut(Ssrc(1)), None);
            assert_eq!(streams.get_mut(Ssrc(n * 7)), Some(&mut { n }));
        }
        assert_eq!(streams.len(), 100);
    }
}
