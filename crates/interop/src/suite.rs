//! The run: one server, one browser at a time, one case after the other.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde_json::json;

use crate::{
    agents,
    cases::{Case, Features, Peer, Task},
    driver::{Driver, Kind, Setting},
    handshake, nat, native, python, relay,
    rows::{self, Rows},
    server::{self, Server},
    setup::{self, Tools},
};

/// Runs all of `cases`; returns how many failed.
pub(crate) fn run(cases: &[Case], program: Option<PathBuf>, long: bool) -> anyhow::Result<usize> {
    let mut rows = Rows::default();
    let (alone, cases): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| is_alone(case));
    run_alone(&alone, &mut rows)?;
    if cases.is_empty() {
        return Ok(rows.end());
    }
    let program = program.map_or_else(|| server::build("echo"), Ok)?;
    // Whatever is started starts elsewhere.
    let program =
        fs::canonicalize(&program).with_context(|| format!("looking for {}", program.display()))?;
    let target = program.parent().and_then(Path::parent).context("echo is in no target folder")?;
    let target = target.join("interop");
    fs::create_dir_all(&target).with_context(|| format!("creating {}", target.display()))?;
    let (nat, cases): (Vec<&Case>, Vec<&Case>) =
        cases.into_iter().partition(|case| matches!(case.task, Task::Nat(_)));
    nat::run(&nat, &program, &target, &mut rows);
    if cases.is_empty() {
        return Ok(rows.end());
    }
    let server = Server::start(&program, &[], &target.join("echo.log"))?;
    let mut suite =
        Suite { url: server.url.clone(), program, target, long, tools: None, driver: None };
    for case in cases {
        rows.run(case, || suite.run(case));
    }
    drop(suite);
    let stopped = server.stop();
    let failed = rows.end();
    stopped?;
    Ok(failed)
}

fn is_alone(case: &Case) -> bool {
    matches!(case.task, Task::Handshake(_) | Task::Relay(_) | Task::Agents(_) | Task::Doctor(_))
}

/// What needs no `echo`.
fn run_alone(cases: &[&Case], rows: &mut Rows) -> anyhow::Result<()> {
    let program = env::current_exe().context("where this program is")?;
    let target = program.parent().and_then(Path::parent).context("this is in no target folder")?;
    for case in cases {
        let (folder, limit) = (target.join("interop"), case.limit);
        match case.task {
            Task::Handshake(it) => {
                rows.run(case, || handshake::run(it, case.peer, &folder, limit));
            }
            Task::Relay(it) => rows.run(case, || relay::run(it, &folder, limit)),
            Task::Agents(it) => rows.run(case, || agents::run(it, case.peer, &folder, limit)),
            _ => {}
        }
    }
    let examinations = cases.iter().filter(|case| matches!(case.task, Task::Doctor(_)));
    let examinations: Vec<&Case> = examinations.copied().collect();
    nat::doctor::run(&examinations, &target.join("interop"), rows);
    Ok(())
}

struct Suite {
    url: String,
    program: PathBuf,
    /// Pictures, logs, scripts.
    target: PathBuf,
    long: bool,
    tools: Option<(Peer, Tools)>,
    driver: Option<Driver>,
}

impl Suite {
    fn run(&mut self, case: &Case) -> anyhow::Result<String> {
        match case.task {
            Task::Native(task) => {
                native::run(task, &self.program, &self.url, &self.target, case.limit)
            }
            Task::Python => python::run(case, &self.url, &self.target),
            Task::Browser { .. } => self.run_in_browser(case),
            Task::Nat(_)
            | Task::Handshake(_)
            | Task::Relay(_)
            | Task::Agents(_)
            | Task::Doctor(_) => {
                bail!("no case for a server")
            }
        }
    }

    fn run_in_browser(&mut self, case: &Case) -> anyhow::Result<String> {
        let Task::Browser { function, offerer, addresses, features, codecs } = case.task else {
            bail!("no case for a browser");
        };
        let mut driver = match self.driver.take() {
            Some(driver) if driver.kind == (case.peer, addresses, features) => driver,
            other => {
                drop(other);
                self.start((case.peer, addresses, features))?
            }
        };
        // A driver whose case failed is dropped here: what is run next gets a new browser.
        let request = json!({
            "case": function, "offerer": offerer.to_string(),
            "video": codecs.map(|codecs| codecs.video), "audio": codecs.map(|codecs| codecs.audio),
        });
        let note = driver.run(&request, case.limit)?;
        self.driver = Some(driver);
        Ok(note)
    }

    fn start(&mut self, kind: Kind) -> anyhow::Result<Driver> {
        let (peer, addresses, features) = kind;
        let tools = match self.tools.take() {
            Some((of, tools)) if of == peer => tools,
            _ => setup::prepare(peer, &self.target)?,
        };
        let Self { url, program, target, long, .. } = self;
        let setting = Setting { url, echo: program, target, long: *long, within: &[] };
        let driver = Driver::start(kind, &tools, setting)?;
        let mut head = format!("{}, addresses {}", driver.version, addresses.word());
        if features != Features::Default {
            head += &format!(", {}", features.switches().join(" "));
        }
        rows::head(peer, &head);
        self.tools = Some((peer, tools));
        Ok(driver)
    }
}
