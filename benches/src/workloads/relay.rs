//! Relaying: our `turn-server` and coturn's as processes of their own, in turns, driven by coturn's
//! client. What counts is the processor time of the server.

mod hold;
mod load;
mod server;

use std::env;
use std::path::{Path, PathBuf};

use crate::bench::{Bench, OURS, Unit};
use crate::race::Entry;
use load::{LOADS, Peer};
use server::Server;

/// Allocations that are held for their memory.
const HELD: usize = 800;

/// A server: its name in the table, and how it is started.
type Contender = (&'static str, fn(&Path) -> Option<Server>);

pub(crate) fn run(bench: &mut Bench<'_>) {
    let missing = ["turnserver", "turnutils_uclient", "turnutils_peer"];
    if let Some(name) = missing.into_iter().find(|name| find(name).is_none()) {
        println!("relay: skipped, {name} is not here (Debian: coturn)");
        return;
    }
    let Some(ours) = built() else {
        println!("relay: skipped; first: cargo build --release --bin turn-server");
        return;
    };
    let Some(peer) = Peer::start() else {
        println!("relay: skipped, turnutils_peer does not start");
        return;
    };
    let contenders: [Contender; 2] = [(OURS, Server::ours), ("coturn", Server::coturn)];
    for load in LOADS {
        let entries = contenders.map(|(name, start)| {
            let (ours, peer, quick) = (&ours, &peer, bench.is_quick());
            Entry::new(name, move || load.run(&start(ours)?, peer, quick))
        });
        bench.case(load.name, Unit::PacketsPerSecond, 3, entries.into());
    }
    let entries = contenders.map(|(name, start)| {
        let ours = &ours;
        Entry::new(name, move || hold::measure(&start(ours)?, HELD))
    });
    bench.case("an allocation", Unit::Kibibytes, 1, entries.into());
}

/// Our server, built as its users do, beside this program.
fn built() -> Option<PathBuf> {
    let program = env::current_exe().ok()?.parent()?.join("turn-server");
    program.is_file().then_some(program)
}

fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
