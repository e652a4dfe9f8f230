//! The comparison: ours and other stacks do the same work, interleaved in one process.
//!
//! `cargo run --release -p benches --features contenders -- WORKLOAD… | all`; see README.md.

mod alloc;
mod bench;
mod cpu;
mod race;
mod rng;
mod workloads;

use bench::{Bench, Options};
use workloads::sctp::matrix::{self, Mode};
use workloads::{WORKLOADS, memory};

/// The name under which [`memory`] runs this program again, once a contender.
const MEMORY_CHILD: &str = "memory-child";
/// The word for [`matrix`].
const MATRIX: &str = "matrix";

fn main() -> std::io::Result<()> {
    let mut options = Options::default();
    let mut wanted = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--only" => options.only = args.next().unwrap_or_else(|| usage()),
            "--quick" => options.quick = true,
            MEMORY_CHILD => {
                let mut next = || args.next().unwrap_or_else(|| usage());
                return memory::child(&next(), &next());
            }
            MATRIX => {
                let check = args.next().is_some_and(|arg| arg == "--check");
                return matrix::run(if check { Mode::Check } else { Mode::Write });
            }
            "all" => wanted.extend(WORKLOADS),
            name => match WORKLOADS.iter().find(|w| w.0 == name) {
                Some(workload) => wanted.push(*workload),
                None => usage(),
            },
        }
    }
    if wanted.is_empty() {
        usage();
    }
    for (name, run) in wanted {
        let mut bench = Bench::new(name, &options);
        run(&mut bench);
        bench.finish()?;
    }
    Ok(())
}

fn usage() -> ! {
    eprintln!("usage: benches [--only CONTENDER] [--quick] WORKLOAD... | all");
    eprintln!("       benches matrix [--check]");
    eprintln!("workloads: {}", WORKLOADS.map(|w| w.0).join(" "));
    std::process::exit(2);
}
