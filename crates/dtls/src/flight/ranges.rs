//! Which bytes of a message are there.

/// Ranges of bytes, in order, neither touching nor overlapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(usize, usize)>);

impl Ranges {
    /// Adds `start..end`, an empty range too: a message without a body is one.
    pub(super) fn add(&mut self, start: usize, end: usize) {
        let first = self.0.partition_point(|range| range.1 < start);
        let last = self.0.partition_point(|range| range.0 <= end);
        let merged = self.0.get(first..last).unwrap_or_default();
        let start = merged.first().map_or(start, |range| range.0.min(start));
        let end = merged.last().map_or(end, |range| range.1.max(end));
        self.0.splice(first..last, [(start, end)]);
    }

    /// Whether all of `0..len` is there.
    pub(super) fn cover(&self, len: usize) -> bool {
        self.0 == [(0, len)]
    }

    /// How many pieces it is in.
    pub(super) fn pieces(&self) -> usize {
        self.0.len()
    }

    /// The first missing range within `from..len`. For an empty message that is not there, `0..0`.
    pub(super) fn missing(&self, from: usize, len: usize) -> Option<(usize, usize)> {
        if len == 0 {
            return (from == 0 && self.0.is_empty()).then_some((0, 0));
        }
        let mut start = from;
        for range in &self.0 {
            if range.0 > start {
                return (start < len).then(|| (start, range.0.min(len)));
            }
            start = start.max(range.1);
        }
        (start < len).then_some((start, len))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_message_is_there_or_not() {
        let mut ranges = Ranges::default();
        assert_eq!((ranges.cover(0), ranges.missing(0, 0)), (false, Some((0, 0))));
        ranges.add(0, 0);
        assert_eq!((ranges.cover(0), ranges.missing(0, 0)), (true, None));
    }

    proptest! {
        #[test]
        fn agrees_with_a_set(added in prop::collection::vec((0..50_usize, 1..20_usize), 0..20), from in 0..60_usize) {
            let (mut ranges, mut set) = (Ranges::default(), [false; 60]);
            for (start, len) in added {
                let end = (start + len).min(60);
                ranges.add(start, end);
                set[start..end].fill(true);
                prop_assert!(ranges.0.windows(2).all(|pair| pair[0].1 < pair[1].0));
            }
            prop_assert_eq!(ranges.cover(60), set.iter().all(|there| *there));
            let start = (from..60).find(|i| !set[*i]);
            let expected = start.map(|s| (s, (s..60).find(|i| set[*i]).unwrap_or(60)));
            prop_assert_eq!(ranges.missing(from, 60), expected);
        }
    }
}
