//! The `echo` program under test: built, started, ended.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde_json::Value;

/// From the start of the program to the line with its address.
const STARTING: Duration = Duration::from_secs(20);
/// From the signal to the end of the program.
const STOPPING: Duration = Duration::from_secs(5);

/// Builds a program of the examples as its users do; returns where it is.
pub(crate) fn build(name: &str) -> anyhow::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--package", "examples", "--bin", name])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    if !output.status.success() {
        bail!("{name} does not build");
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter_map(|message| Some(message["executable"].as_str()?.into()));
    programs.next_back().with_context(|| format!("cargo did not say where {name} is"))
}

/// A running `echo`, which ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts `program` on a free port; what it prints goes to the file `log`.
    pub(crate) fn start(program: &Path, flags: &[&str], log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0"]).args(flags);
        Self::run(command, log)
    }

    /// Runs `command`; what it prints goes to the file `log`.
    pub(crate) fn run(mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(log.with_extension("err")).context("creating a log")?)
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        let stdout = child.stdout.take().context("echo has no output")?;
        let mut file =
            fs::File::create(log).with_context(|| format!("creating {}", log.display()))?;
        let (found, address) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = writeln!(file, "{line}");
                let words = line.strip_prefix("Open ").and_then(|rest| rest.split(' ').next());
                if let Some(url) = words {
                    let _ = found.send(url.to_owned());
                }
            }
        });
        let mut server = Self { child, url: String::new() };
        server.url = address.recv_timeout(STARTING).context("echo did not start")?;
        Ok(server)
    }

    /// Ends it as Ctrl-C does; an error unless it says goodbye in time and exits with 0.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &pid]).status().context("starting kill")?;
        if !told.success() {
            bail!("echo was gone before its end");
        }
        match wait(&mut self.child, STOPPING)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("echo ended with {status}"),
            None => bail!("echo did not end within {} s of Ctrl-C", STOPPING.as_secs()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program and its first arguments.
pub(crate) fn command<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> anyhow::Result<Command> {
    let mut words = words.into_iter();
    let mut command = Command::new(words.next().context("a command without words")?);
    command.args(words);
    Ok(command)
}

/// Waits for the end of `child`; `None` if it is still there after `limit`.
pub(crate) fn wait(
    child: &mut Child,
    limit: Duration,
) -> anyhow::Result<Option<std::process::ExitStatus>> {
    let started = Instant::now();
    loop {
        let status = child.try_wait().context("waiting for a program")?;
        if status.is_some() || started.elapsed() >= limit {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(10));
    }
}
