//! Peers that are driven by a script in Python.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::{
    cases::{Case, Peer},
    server::wait,
    setup,
};

/// The scripts, carried in this program.
const SCRIPTS: [(&str, &str); 3] = [
    ("signalling.py", include_str!("../py/signalling.py")),
    ("aiortc_echo.py", include_str!("../py/aiortc_echo.py")),
    ("gstreamer_echo.py", include_str!("../py/gstreamer_echo.py")),
];

/// Version that the script is written for.
const AIORTC: &str = "aiortc==1.16.0";
const GSTREAMER: [&str; 7] = [
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-nice",
    "python3-gi",
    "python3-gst-1.0",
    "gir1.2-gst-plugins-bad-1.0",
];

/// Runs the script of the case's peer against the server at `url`; `target` is ours to fill.
pub(crate) fn run(case: &Case, url: &str, target: &Path) -> anyhow::Result<String> {
    let folder = target.join("python");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    for (name, text) in SCRIPTS {
        fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))?;
    }
    let python = match case.peer {
        Peer::Aiortc => setup::virtual_environment(&folder, AIORTC)?,
        _ => gstreamer(&folder)?,
    };
    let script = format!("{}_echo.py", case.peer);
    let log = fs::File::create(folder.join(format!("{}.err", case.peer)))?;
    let mut child = Command::new(python)
        .arg(folder.join(script))
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("starting python")?;
    let Some(status) = wait(&mut child, case.limit)? else {
        let _ = child.kill();
        let _ = child.wait();
        bail!("not done after {} s", case.limit.as_secs());
    };
    let mut said = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut said)?;
    }
    let last = said.lines().rfind(|line| !line.is_empty()).unwrap_or("no word of it");
    if status.success() { Ok(last.to_owned()) } else { bail!("{last}") }
}

/// Debian's own interpreter: the bindings are made for it.
fn gstreamer(folder: &Path) -> anyhow::Result<PathBuf> {
    let installed = folder.join("gstreamer");
    if !installed.exists() {
        setup::install(&GSTREAMER)?;
        fs::write(&installed, "")?;
    }
    Ok("/usr/bin/python3".into())
}
