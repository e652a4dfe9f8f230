//! Contenders run in turns, so that noise on a shared machine hits all of them alike.

use std::time::Duration;

use crate::cpu;

/// How long one sample of [`Entry::timed`] takes.
const BATCH: Duration = Duration::from_millis(20);

/// A contender in one case.
pub(crate) struct Entry<'a> {
    pub(crate) name: String,
    /// Measures once, or says why it cannot.
    sample: Box<dyn FnMut() -> Sample + 'a>,
}

/// A value, or why there is none.
pub(crate) type Sample = Result<f64, &'static str>;

impl<'a> Entry<'a> {
    /// A contender whose `sample` is a measured value, or `None` if it fails.
    pub(crate) fn new(
        name: impl Into<String>,
        mut sample: impl FnMut() -> Option<f64> + 'a,
    ) -> Self {
        Self { name: name.into(), sample: Box::new(move || sample().ok_or("failed")) }
    }

    /// A contender that cannot do this work yet.
    pub(crate) fn not_yet(name: impl Into<String>) -> Self {
        Self { name: name.into(), sample: Box::new(|| Err("not yet")) }
    }

    /// A contender that is measured in nanoseconds of CPU for each call of `work`, in batches.
    pub(crate) fn timed(name: impl Into<String>, mut work: impl FnMut() + 'a) -> Self {
        let mut batch = None;
        let mut run = move |n: u64| cpu::time(|| (0..n).for_each(|_| work())).0.as_nanos() as f64;
        Self::new(name, move || {
            let n = *batch.get_or_insert_with(|| calibrate(&mut run));
            Some(run(n) / n as f64)
        })
    }
}

/// How many calls take about [`BATCH`].
fn calibrate(run: &mut impl FnMut(u64) -> f64) -> u64 {
    let target = BATCH.as_nanos() as f64;
    let mut n = 1;
    loop {
        let nanos = run(n).max(1.0);
        let factor = target / nanos;
        if factor <= 2.0 {
            return ((n as f64 * factor) as u64).max(1);
        }
        n = (n as f64 * factor.min(10.0)).ceil() as u64;
    }
}

/// The median of each entry over `rounds` rounds; none for one that failed in any.
pub(crate) fn race(entries: &mut [Entry<'_>], rounds: usize) -> Vec<Sample> {
    let mut samples = vec![Ok(Vec::new()); entries.len()];
    for _ in 0..rounds {
        for (entry, samples) in entries.iter_mut().zip(&mut samples) {
            let Ok(values) = samples else { continue };
            match (entry.sample)() {
                Ok(value) => values.push(value),
                Err(why) => *samples = Err(why),
            }
        }
    }
    samples.into_iter().map(|values| values.map(median)).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_medians_and_notes_failures() {
        let mut values = [9.0, 1.0, 5.0].into_iter();
        let mut entries = [
            Entry::new("steady", || values.next()),
            Entry::new("fails", || None),
            Entry::not_yet("to come"),
        ];
        assert_eq!(race(&mut entries, 3), [Ok(5.0), Err("failed"), Err("not yet")]);
    }

    #[test]
    fn measures_time_for_each_call() {
        let mut sum = 0_u64;
        let mut entry = Entry::timed("adds", || {
            (0..10_000).for_each(|n| sum = std::hint::black_box(sum.wrapping_add(n)));
        });
        let nanos = race(std::slice::from_mut(&mut entry), 1)[0].unwrap();
        assert!((1_000.0..10_000_000.0).contains(&nanos), "{nanos}");
    }
}
