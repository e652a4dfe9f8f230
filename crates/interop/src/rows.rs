//! What the suite prints.

use std::{
    fmt::Display,
    io::Write,
    time::{Duration, Instant},
};

use crate::cases::{Case, Peer, Round};

/// The cases, one a line.
pub(crate) fn list(cases: &[Case]) {
    for case in cases {
        let long = if case.round == Round::Long { " (with --long)" } else { "" };
        say(format_args!("{:9} {}{long}", case.peer, case.name()));
    }
}

/// A row before those of one peer.
pub(crate) fn head(peer: Peer, version: &str) {
    say(format_args!("{peer} {version}"));
}

/// Runs cases, counts their outcomes, prints a row for each.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    passed: usize,
    failed: usize,
    /// Rows of cases that did not pass at once. They are printed once more at the end, because
    /// whoever reads the log of a long run often has its end only.
    noteworthy: Vec<String>,
}

impl Rows {
    /// Runs a case, and once more if it fails although another program's mood may have been why.
    /// What `attempt` says when it passes becomes the row's note.
    pub(crate) fn run(&mut self, case: &Case, mut attempt: impl FnMut() -> anyhow::Result<String>) {
        let mut started = Instant::now();
        let mut outcome = Outcome::of(attempt());
        if case.has_a_second_chance()
            && let Outcome::Failed(first) = outcome
        {
            started = Instant::now();
            outcome = Outcome::of_another(attempt(), first);
        }
        say(self.count(case, started.elapsed(), outcome));
    }

    /// The row.
    fn count(&mut self, case: &Case, time: Duration, outcome: Outcome) -> String {
        let is_noteworthy = !matches!(outcome, Outcome::Passed(_));
        let (word, note) = match outcome {
            Outcome::Passed(note) => ("ok", note),
            Outcome::PassedAgain { note, first } => ("again", format!("{note}; at first: {first}")),
            Outcome::Failed(error) => ("FAILED", error),
        };
        match word {
            "FAILED" => self.failed += 1,
            _ => self.passed += 1,
        }
        let (name, seconds) = (case.name(), time.as_secs_f64());
        let row = format!("{:9} {name:54} {word:6} {seconds:5.1} s  {note}", case.peer);
        if is_noteworthy {
            self.noteworthy.push(row.clone());
        }
        row
    }

    /// The last lines; returns how many failed.
    pub(crate) fn end(self) -> usize {
        say(self.summary());
        self.failed
    }

    fn summary(&self) -> String {
        let Self { passed, failed, noteworthy } = self;
        let rows: String = noteworthy.iter().map(|row| format!("{row}\n")).collect();
        format!("{rows}{passed} passed, {failed} failed")
    }
}

/// What became of a case.
enum Outcome {
    Passed(String),
    /// When it was run once more.
    PassedAgain {
        note: String,
        first: String,
    },
    Failed(String),
}

impl Outcome {
    fn of(result: anyhow::Result<String>) -> Self {
        match result {
            Ok(note) => Self::Passed(note),
            Err(error) => Self::Failed(format!("{error:#}")),
        }
    }

    /// Of a case that has failed before.
    fn of_another(result: anyhow::Result<String>, first: String) -> Self {
        match Self::of(result) {
            Self::Passed(note) => Self::PassedAgain { note, first },
            Self::Failed(error) if error != first => {
                Self::Failed(format!("{error}; at first: {first}"))
            }
            outcome => outcome,
        }
    }
}

fn say(words: impl Display) {
    let mut out = std::io::stdout().lock();
    // A reader that went away is no reason to leave the cases half run.
    let _ = writeln!(out, "{words}");
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use anyhow::anyhow;

    use super::*;

    /// What is printed at the end, when the first case of `peer` has these outcomes.
    fn summary(peer: &str, outcomes: &[Result<&str, &str>]) -> String {
        let cases = crate::cases::choose(&[peer.into()], false);
        let mut outcomes: VecDeque<_> = outcomes.iter().collect();
        let mut rows = Rows::default();
        rows.run(&cases[0], || match outcomes.pop_front().expect("one run too many") {
            Ok(note) => Ok((*note).to_owned()),
            Err(reason) => Err(anyhow!("{reason}")),
        });
        assert!(outcomes.is_empty(), "{} runs too few", outcomes.len());
        // The time is nothing to compare.
        rows.summary().replace("  0.0 s  ", "")
    }

    #[test]
    fn a_case_that_passes_is_counted_alone() {
        assert_eq!(summary("openssl", &[Ok("fine")]), "1 passed, 0 failed");
    }

    #[test]
    fn a_case_that_passes_when_it_is_run_again_passes_and_says_so_at_the_end() {
        let said = summary("openssl", &[Err("no answer"), Ok("fine")]);
        assert!(said.starts_with("openssl "), "{said}");
        assert!(said.ends_with(" again  fine; at first: no answer\n1 passed, 0 failed"), "{said}");
    }

    #[test]
    fn a_case_that_fails_twice_fails_and_its_row_is_repeated_at_the_end() {
        let said = summary("openssl", &[Err("no answer"), Err("no answer")]);
        assert!(said.ends_with(" FAILED no answer\n0 passed, 1 failed"), "{said}");
        let said = summary("openssl", &[Err("no answer"), Err("no port")]);
        assert!(
            said.ends_with(" FAILED no port; at first: no answer\n0 passed, 1 failed"),
            "{said}"
        );
    }

    #[test]
    fn our_own_caller_gets_no_second_chance() {
        let said = summary("native", &[Err("no answer")]);
        assert!(said.ends_with(" FAILED no answer\n0 passed, 1 failed"), "{said}");
    }
}
