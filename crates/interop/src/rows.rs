//! What the suite prints.

use std::{fmt::Display, io::Write, time::Duration};

use crate::cases::{Case, Peer, Round};

/// The cases, one a line.
pub(crate) fn list(cases: &[Case]) {
    for case in cases {
        let long = if case.round == Round::Long { " (with --long)" } else { "" };
        say(format_args!("{:9} {}{long}", case.peer, case.name()));
    }
}

/// How a case ended that did not fail.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// As it should; with a note for its row.
    Passed(String),
    /// It cannot work yet, and this is why.
    Expected(&'static str),
}

/// Counts outcomes while printing them.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    passed: usize,
    failed: usize,
    expected: usize,
}

impl Rows {
    /// A row before those of one peer.
    pub(crate) fn head(&self, peer: Peer, version: &str) {
        say(format_args!("{peer} {version}"));
    }

    pub(crate) fn row(&mut self, case: &Case, time: Duration, outcome: &anyhow::Result<Outcome>) {
        let (word, note) = match outcome {
            Ok(Outcome::Passed(note)) => ("ok", note.clone()),
            Ok(Outcome::Expected(reason)) => ("cannot", (*reason).to_owned()),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        match outcome {
            Ok(Outcome::Passed(_)) => self.passed += 1,
            Ok(Outcome::Expected(_)) => self.expected += 1,
            Err(_) => self.failed += 1,
        }
        let name = case.name();
        let seconds = time.as_secs_f64();
        say(format_args!("{:9} {name:42} {word:6} {seconds:5.1} s  {note}", case.peer));
    }

    /// The last line; returns how many failed.
    pub(crate) fn end(self) -> usize {
        let Self { passed, failed, expected } = self;
        let cannot = match expected {
            0 => String::new(),
            _ => format!(", {expected} cannot work yet"),
        };
        say(format_args!("{passed} passed, {failed} failed{cannot}"));
        failed
    }
}

fn say(words: impl Display) {
    let mut out = std::io::stdout().lock();
    // A reader that went away is no reason to leave the cases half run.
    let _ = writeln!(out, "{words}");
    let _ = out.flush();
}
