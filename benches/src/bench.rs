//! One workload's results: a table a case on the terminal, and JSON lines in a file.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use crate::race::{Entry, Sample, race};

/// Our name among the contenders.
pub(crate) const OURS: &str = "patchcord";
/// How names of bare work begin: the work that cannot be avoided, done with good libraries.
const LIMIT: &str = "LIMIT";

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Only contenders whose names contain this, besides ours and the limits.
    pub(crate) only: String,
    /// One round of small work: to see that everything runs.
    pub(crate) quick: bool,
}

/// What a case is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Nanoseconds of CPU.
    Nanos,
    /// 10^6 bytes per second of CPU.
    MegabytesPerSecond,
    /// Goodput as a part of the link's rate.
    PercentOfLink,
    /// Round-trip times.
    RoundTrips,
    /// Packets per second of CPU.
    PacketsPerSecond,
    /// 1024 bytes.
    Kibibytes,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Nanos => "ns",
            Self::MegabytesPerSecond => "MB/s",
            Self::PercentOfLink => "% of link",
            Self::RoundTrips => "RTT",
            Self::PacketsPerSecond => "packets/s",
            Self::Kibibytes => "KiB",
        }
    }

    fn less_is_better(self) -> bool {
        matches!(self, Self::Nanos | Self::RoundTrips | Self::Kibibytes)
    }

    /// How many times worse `value` is than `reference`.
    fn ratio(self, value: f64, reference: f64) -> f64 {
        if self.less_is_better() { value / reference } else { reference / value }
    }
}

/// Runs the cases of one workload and reports them.
#[derive(Debug)]
pub(crate) struct Bench<'o> {
    workload: &'static str,
    options: &'o Options,
    lines: String,
}

impl<'o> Bench<'o> {
    pub(crate) fn new(workload: &'static str, options: &'o Options) -> Self {
        Self { workload, options, lines: String::new() }
    }

    /// Small work is enough: see [`Options::quick`].
    pub(crate) fn is_quick(&self) -> bool {
        self.options.quick
    }

    /// Whether a contender of this name takes part.
    pub(crate) fn wants(&self, name: &str) -> bool {
        name == OURS || name.starts_with(LIMIT) || name.contains(&self.options.only)
    }

    /// Races the entries and reports the medians of `rounds` rounds.
    pub(crate) fn case(
        &mut self,
        case: &'static str,
        unit: Unit,
        rounds: usize,
        mut entries: Vec<Entry<'_>>,
    ) {
        entries.retain(|entry| self.wants(&entry.name));
        let rounds = if self.is_quick() { 1 } else { rounds };
        let values = race(&mut entries, rounds);
        let mut rows: Vec<_> = entries.into_iter().map(|e| e.name).zip(values).collect();
        rows.sort_by(|a, b| {
            let badness = |v: Sample| v.map_or(f64::INFINITY, |v| unit.ratio(v, 1.0));
            badness(a.1).total_cmp(&badness(b.1))
        });
        print!("{}", table(self.workload, case, unit, &rows));
        for (name, value) in rows {
            if let Ok(value) = value {
                self.lines.push_str(&json_line(self.workload, case, &name, value, unit));
            }
        }
    }

    /// Writes the JSON lines to `target/compare`, replacing those of an earlier run.
    pub(crate) fn finish(self) -> io::Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/compare");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(self.workload).with_extension("jsonl"), self.lines)
    }
}

/// A table in Markdown; `rows` are sorted, best first.
fn table(workload: &str, case: &str, unit: Unit, rows: &[(String, Sample)]) -> String {
    let reference = |limits| {
        let mut matching = rows.iter().filter(|row| row.0.starts_with(LIMIT) == limits);
        matching.find_map(|row| row.1.ok())
    };
    let (best, limit) = (reference(false), reference(true));
    let mut out = format!("\n### {workload}: {case}\n\n");
    out += &format!("| contender | {} | x best | x LIMIT |\n|---|---:|---:|---:|\n", unit.name());
    for (name, value) in rows {
        let value = match *value {
            Ok(value) => value,
            Err(why) => {
                out += &format!("| {name} | {why} | | |\n");
                continue;
            }
        };
        let ratio = |reference: Option<f64>| {
            reference.map_or_else(|| "-".into(), |r| format!("{:.2}", unit.ratio(value, r)))
        };
        let digits = if value < 100.0 { 2 } else { 0 };
        let (best, limit) = (ratio(best), ratio(limit));
        let _infallible = writeln!(out, "| {name} | {value:.digits$} | {best} | {limit} |");
    }
    out
}

fn json_line(workload: &str, case: &str, contender: &str, value: f64, unit: Unit) -> String {
    let unit = unit.name();
    format!(
        "{{\"workload\":\"{workload}\",\"case\":\"{case}\",\"contender\":\"{contender}\",\
         \"value\":{value},\"unit\":\"{unit}\"}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_how_far_everyone_is_from_the_best_and_from_the_limit() {
        let rows = [
            ("LIMIT copy", Ok(50.0)),
            ("LIMIT other copy", Ok(80.0)),
            ("patchcord", Ok(100.0)),
            ("slow", Ok(250.0)),
            ("broken", Err("failed")),
        ];
        let rows = rows.map(|(name, value)| (name.to_owned(), value));
        let expected = "
### sdp: parse

| contender | ns | x best | x LIMIT |
|---|---:|---:|---:|
| LIMIT copy | 50.00 | 0.50 | 1.00 |
| LIMIT other copy | 80.00 | 0.80 | 1.60 |
| patchcord | 100 | 1.00 | 2.00 |
| slow | 250 | 2.50 | 5.00 |
| broken | failed | | |
";
        assert_eq!(table("sdp", "parse", Unit::Nanos, &rows), expected);
    }

    #[test]
    fn more_is_better_for_rates() {
        assert_eq!(Unit::MegabytesPerSecond.ratio(50.0, 200.0), 4.0);
        assert_eq!(Unit::RoundTrips.ratio(8.0, 4.0), 2.0);
    }

    #[test]
    fn a_line_of_json_a_result() {
        assert_eq!(
            json_line("sctp", "link 1% loss", OURS, 5.25, Unit::PercentOfLink),
            "{\"workload\":\"sctp\",\"case\":\"link 1% loss\",\"contender\":\"patchcord\",\
             \"value\":5.25,\"unit\":\"% of link\"}\n"
        );
    }
}
