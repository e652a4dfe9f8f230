//! The other side: a program that is driven by lines, and tells what it has in lines.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use anyhow::{Context, bail, ensure};
use ice::Role;

use crate::{cases::Peer, setup};

const LIBNICE: &str = include_str!("../../c/libnice_agent.c");
const AIOICE: &str = include_str!("../../py/aioice_agent.py");
/// Version that the script is written for.
const AIOICE_PACKAGE: &str = "aioice==0.13.0";

pub(super) struct Program {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    /// What it has said last.
    pub(super) last: String,
    /// It can send and receive.
    pub(super) is_ready: bool,
}

/// What it can say.
pub(super) enum Line {
    Local { ufrag: String, pwd: String },
    Candidate(String),
    End,
    Other,
}

impl Program {
    /// Starts the agent of `peer` in its role, with further words; `folder` is ours to fill.
    pub(super) fn start(
        peer: Peer,
        role: Role,
        words: [&str; 2],
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = match peer {
            Peer::Libnice => Command::new(libnice(folder)?),
            _ => aioice(folder)?,
        };
        let role = if role == Role::Controlling { "controlling" } else { "controlled" };
        let mut child = command
            .arg(role)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join(format!("{peer}.err")))?)
            .spawn()
            .with_context(|| format!("starting the agent of {peer}"))?;
        let input = child.stdin.take().context("it has no input")?;
        let output = child.stdout.take().context("it has no output")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Ends with the process, or when nobody listens any more.
            lines.take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
        });
        Ok(Self { child, input, lines, last: "nothing".into(), is_ready: false })
    }

    pub(super) fn say(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.input, "{line}").context("it listens no more")
    }

    /// The next line, if there is one.
    pub(super) fn line(&mut self) -> anyhow::Result<Option<Line>> {
        let line = match self.lines.try_recv() {
            Ok(line) => line,
            Err(mpsc::TryRecvError::Empty) => return Ok(None),
            Err(mpsc::TryRecvError::Disconnected) => bail!("it is gone; it said: {}", self.last),
        };
        self.last.clone_from(&line);
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        Ok(Some(match word {
            "local" => {
                let (ufrag, pwd) = rest.split_once(' ').context("credentials without a space")?;
                Line::Local { ufrag: ufrag.into(), pwd: pwd.into() }
            }
            "candidate" => Line::Candidate(rest.into()),
            "end" => Line::End,
            _ => {
                self.is_ready |= line == "state ready";
                Line::Other
            }
        }))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Compiles the agent, if there is none of this source.
fn libnice(folder: &Path) -> anyhow::Result<PathBuf> {
    let (source, program) = (folder.join("libnice_agent.c"), folder.join("libnice_agent"));
    let is_made = program.exists() && fs::read_to_string(&source).is_ok_and(|it| it == LIBNICE);
    if is_made {
        return Ok(program);
    }
    setup::program(&["cc"], "gcc")?;
    setup::program(&["pkg-config"], "pkg-config")?;
    let flags = || {
        let mut command = Command::new("pkg-config");
        command.args(["--cflags", "--libs", "nice"]).output().context("starting pkg-config")
    };
    let mut output = flags()?;
    if !output.status.success() {
        setup::install(&["libnice-dev"])?;
        output = flags()?;
    }
    ensure!(output.status.success(), "pkg-config knows no libnice");
    let _ = fs::remove_file(&program);
    fs::write(&source, LIBNICE)?;
    let flags = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut compiler = Command::new("cc");
    compiler.args(["-O1", "-o"]).arg(&program).arg(&source).args(flags.split_whitespace());
    setup::finish(&mut compiler)?;
    Ok(program)
}

fn aioice(folder: &Path) -> anyhow::Result<Command> {
    let script = folder.join("aioice_agent.py");
    fs::write(&script, AIOICE)?;
    let mut command = Command::new(setup::virtual_environment(folder, AIOICE_PACKAGE)?);
    command.arg(script);
    Ok(command)
}
