//! The runs of TSNs that arrived behind a gap: what a SACK's gap blocks report.

use std::collections::VecDeque;

use crate::serial::Tsn;

/// TSNs from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: Tsn,
    pub(crate) last: Tsn,
}

/// Disjoint runs in order, no two adjacent.
#[derive(Debug, Default)]
pub(super) struct Runs {
    runs: VecDeque<Run>,
}

impl Runs {
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter()
    }

    /// Adds a TSN above `floor`. False if it is there already.
    pub(super) fn insert(&mut self, floor: Tsn, tsn: Tsn) -> bool {
        let place = |run: &Run| run.first.since(floor) <= tsn.since(floor);
        // Most come in order: behind the last run.
        let after = match self.runs.back() {
            Some(last) if !place(last) => self.runs.partition_point(place),
            _ => self.runs.len(),
        };
        let before = after.checked_sub(1).and_then(|i| self.runs.get(i)).copied();
        if before.is_some_and(|run| tsn.since(floor) <= run.last.since(floor)) {
            return false;
        }
        let joins_before = before.is_some_and(|run| run.last.next() == tsn);
        let joins_after = self.runs.get(after).is_some_and(|run| run.first == tsn.next());
        match (joins_before, joins_after) {
            (true, true) => {
                if let Some(joined) = self.runs.remove(after) {
                    self.runs[after - 1].last = joined.last;
                }
            }
            (true, false) => self.runs[after - 1].last = tsn,
            (false, true) => self.runs[after].first = tsn,
            (false, false) => self.runs.insert(after, Run { first: tsn, last: tsn }),
        }
        true
    }

    /// Whether a TSN above `floor` is there.
    pub(super) fn contains(&self, floor: Tsn, tsn: Tsn) -> bool {
        let ahead = tsn.since(floor);
        // Mostly it is behind all.
        if self.runs.back().is_none_or(|last| last.last.since(floor) < ahead) {
            return false;
        }
        let after = self.runs.partition_point(|run| run.first.since(floor) <= ahead);
        let before = after.checked_sub(1).and_then(|i| self.runs.get(i));
        before.is_some_and(|run| ahead <= run.last.since(floor))
    }

    /// The highest.
    pub(super) fn last(&self) -> Option<Tsn> {
        self.runs.back().map(|run| run.last)
    }

    /// Takes the first run off if it begins with `tsn`; its last.
    pub(super) fn take_from(&mut self, tsn: Tsn) -> Option<Tsn> {
        let first = self.runs.front().filter(|run| run.first == tsn)?.last;
        self.runs.pop_front();
        Some(first)
    }

    /// Forgets all up to and with `tsn`.
    pub(super) fn forget_through(&mut self, tsn: Tsn) {
        while let Some(run) = self.runs.front_mut() {
            if run.last.is_after(tsn) {
                if !run.first.is_after(tsn) {
                    run.first = tsn.next();
                }
                return;
            }
            self.runs.pop_front();
        }
    }

    pub(super) fn release(&mut self) {
        self.runs.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_a_set_of_numbers(floor in any::<u32>(), tsns in prop::collection::vec(1u32..60, 0..80), cut in 0u32..60) {
            let (floor, mut runs, mut model) = (Tsn(floor), Runs::default(), BTreeSet::new());
            for n in tsns {
                prop_assert_eq!(runs.contains(floor, floor.plus(n)), model.contains(&n));
                prop_assert_eq!(runs.insert(floor, floor.plus(n)), model.insert(n));
            }
            prop_assert_eq!(runs.last().map(|tsn| tsn.since(floor)), model.last().copied());
            runs.forget_through(floor.plus(cut));
            model.retain(|n| *n > cut);
            let mut found = Vec::new();
            let mut previous = None;
            for run in runs.iter() {
                let (first, last) = (run.first.since(floor), run.last.since(floor));
                prop_assert!(first <= last && previous.is_none_or(|p| first > p + 1));
                previous = Some(last);
                found.extend(first..=last);
            }
            prop_assert_eq!(found, model.into_iter().collect::<Vec<_>>());
        }
    }
}
