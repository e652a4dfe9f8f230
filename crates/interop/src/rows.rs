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

/// Counts outcomes while printing them.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    passed: usize,
    failed: usize,
}

impl Rows {
    /// A row before those of one peer.
    pub(crate) fn head(&self, peer: Peer, version: &str) {
        say(format_args!("{peer} {version}"));
    }

    /// A row; an outcome that is good has a note.
    pub(crate) fn row(&mut self, case: &Case, time: Duration, outcome: &anyhow::Result<String>) {
        let (word, note) = match outcome {
            Ok(note) => ("ok", note.clone()),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        match outcome {
            Ok(_) => self.passed += 1,
            Err(_) => self.failed += 1,
        }
        let name = case.name();
        let seconds = time.as_secs_f64();
        say(format_args!("{:9} {name:54} {word:6} {seconds:5.1} s  {note}", case.peer));
    }

    /// The last line; returns how many failed.
    pub(crate) fn end(self) -> usize {
        let Self { passed, failed } = self;
        say(format_args!("{passed} passed, {failed} failed"));
        failed
    }
}

fn say(words: impl Display) {
    let mut out = std::io::stdout().lock();
    // A reader that went away is no reason to leave the cases half run.
    let _ = writeln!(out, "{words}");
    let _ = out.flush();
}
