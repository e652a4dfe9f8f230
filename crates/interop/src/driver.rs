//! A browser and the script that drives it, as a process that answers a line with a line.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cases::{Addresses, Features, Peer},
    server::{self, wait},
    setup::Tools,
};

/// A browser's first start on a slow machine.
const STARTING: Duration = Duration::from_secs(60);
/// A browser's end.
const CLOSING: Duration = Duration::from_secs(10);

/// Which browser, and what it is started with.
pub(crate) type Kind = (Peer, Addresses, Features);

/// One browser, running.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    pub(crate) version: String,
    /// What it was started with.
    pub(crate) kind: Kind,
}

/// What the script is told once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) url: &'a str,
    pub(crate) echo: &'a Path,
    pub(crate) target: &'a Path,
    pub(crate) long: bool,
    /// The first words of the command, if it is not to run just here.
    pub(crate) within: &'a [String],
}

#[derive(Debug, Deserialize)]
struct Hello {
    version: String,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    passed: bool,
    note: String,
}

impl Driver {
    /// Starts the browser.
    pub(crate) fn start(kind: Kind, tools: &Tools, setting: Setting<'_>) -> anyhow::Result<Self> {
        let Setting { url, echo, target, long, within } = setting;
        let setup = json!({
            "browser": kind.0.to_string(), "addresses": kind.1.word(), "features": kind.2.switches(),
            "executable": tools.browser, "modules": tools.folder, "loopback": within.is_empty(),
            "url": url, "echo": echo, "target": target, "long": long,
        });
        let log = fs::File::create(target.join(format!("{}.err", kind.0)))?;
        let words = within.iter().map(OsStr::new).chain([tools.node.as_os_str()]);
        let mut command = server::command(words)?;
        command.arg(tools.folder.join("driver.mjs")).arg(setup.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        // A group of its own, so that what the script started can be ended with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().context("starting node")?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("node has no output")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Ends with the process, or when nobody listens any more.
            lines.take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
        });
        let mut driver = Self { child, input, lines, version: String::new(), kind };
        let hello: Hello = driver.line(STARTING).context("the browser did not start")?;
        driver.version = hello.version;
        Ok(driver)
    }

    /// Runs the case that `request` names.
    pub(crate) fn run(&mut self, request: &Value, limit: Duration) -> anyhow::Result<String> {
        let input = self.input.as_mut().context("the script listens no more")?;
        writeln!(input, "{request}").context("telling the script")?;
        let outcome: Outcome = self.line(limit)?;
        if outcome.passed { Ok(outcome.note) } else { Err(anyhow!(outcome.note)) }
    }

    fn line<T: for<'de> Deserialize<'de>>(&self, limit: Duration) -> anyhow::Result<T> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => {
                serde_json::from_str(&line).with_context(|| format!("the script said {line}"))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("not done after {} s", limit.as_secs()),
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("the browser or its script is gone"),
        }
    }
}

impl Drop for Driver {
    /// Lets it close the browser; what does not end in time is ended.
    fn drop(&mut self) {
        drop(self.input.take());
        if let Ok(Some(_)) = wait(&mut self.child, CLOSING) {
            return;
        }
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
