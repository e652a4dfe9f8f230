//! Finding or installing what the peers need.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::cases::Peer;

/// Versions that the scripts are written for.
const PLAYWRIGHT: (&str, &str) = ("playwright-core", "1.65.1");
const PUPPETEER: (&str, &str) = ("puppeteer-core", "24.43.1");

/// The scripts, carried in this program.
const SCRIPTS: [(&str, &str); 16] = [
    ("browsers.mjs", include_str!("../js/browsers.mjs")),
    ("cases.mjs", include_str!("../js/cases.mjs")),
    ("channels.mjs", include_str!("../js/channels.mjs")),
    ("driver.mjs", include_str!("../js/driver.mjs")),
    ("handshake.mjs", include_str!("../js/handshake.mjs")),
    ("inside.mjs", include_str!("../js/inside.mjs")),
    ("media.mjs", include_str!("../js/media.mjs")),
    ("names.mjs", include_str!("../js/names.mjs")),
    ("nat.mjs", include_str!("../js/nat.mjs")),
    ("relay.mjs", include_str!("../js/relay.mjs")),
    ("restart.mjs", include_str!("../js/restart.mjs")),
    ("security.mjs", include_str!("../js/security.mjs")),
    ("steady.mjs", include_str!("../js/steady.mjs")),
    ("tools.mjs", include_str!("../js/tools.mjs")),
    ("warp.mjs", include_str!("../js/warp.mjs")),
    ("watching.mjs", include_str!("../js/watching.mjs")),
];

/// What it takes to drive one browser.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) node: PathBuf,
    pub(crate) browser: PathBuf,
    /// The folder in which the scripts and `node_modules` are.
    pub(crate) folder: PathBuf,
}

/// Finds, or installs on Debian, browser, Node and driver; `folder` is ours to fill.
pub(crate) fn prepare(peer: Peer, folder: &Path) -> anyhow::Result<Tools> {
    let (programs, package, module): (&[&str], _, _) = match peer {
        Peer::Firefox => (&["firefox-esr", "firefox"], "firefox-esr", PUPPETEER),
        _ => (&["chromium", "chromium-browser", "google-chrome"], "chromium", PLAYWRIGHT),
    };
    let browser = program(programs, package)?;
    let node = program(&["node"], "nodejs")?;
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    for (name, text) in SCRIPTS {
        fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))?;
    }
    install_module(folder, module)?;
    Ok(Tools { node, browser, folder: folder.into() })
}

/// The first of `names` that is in the search path; `package` of Debian brings it.
pub(crate) fn program(names: &[&str], package: &str) -> anyhow::Result<PathBuf> {
    if let Some(found) = find(names) {
        return Ok(found);
    }
    install(&[package])?;
    find(names).with_context(|| format!("{package} is installed but brought no {}", names[0]))
}

/// Installs `packages` of Debian.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    let words = packages.join(" ");
    if find(&["apt-get"]).is_none() {
        bail!("{words} may be missing: install it, then run this again");
    }
    let options = ["install", "-y", "--no-install-recommends"];
    let _ = run("apt-get", ["update"]);
    run("apt-get", options.iter().chain(packages)).with_context(|| {
        format!("{words} is missing and apt-get could not install it (run it as root?)")
    })
}

/// Python with `package` of PyPI, in a folder of `folder`; returns the interpreter.
pub(crate) fn virtual_environment(folder: &Path, package: &str) -> anyhow::Result<PathBuf> {
    let environment = folder.join(package);
    let python = environment.join("bin/python");
    let installed = environment.join("installed");
    if !installed.exists() {
        let system = program(&["python3"], "python3")?;
        if run(&system, ["-c", "import ensurepip"]).is_err() {
            install(&["python3-venv"])?;
        }
        run(&system, [OsStr::new("-m"), OsStr::new("venv"), environment.as_os_str()])
            .context("making a virtual environment")?;
        run(&python, ["-m", "pip", "install", "--quiet", package, "numpy"])
            .with_context(|| format!("pip could not install {package}"))?;
        fs::write(&installed, "")?;
    }
    Ok(python)
}

fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<_> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

fn install_module(folder: &Path, (name, version): (&str, &str)) -> anyhow::Result<()> {
    let manifest = folder.join("node_modules").join(name).join("package.json");
    let installed = fs::read_to_string(manifest).unwrap_or_default();
    if installed.contains(&format!("\"version\": \"{version}\"")) {
        return Ok(());
    }
    program(&["npm"], "npm")?;
    let exact = format!("{name}@{version}");
    let options = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
    let all = options.iter().map(OsStr::new).chain([folder.as_os_str(), OsStr::new(&exact)]);
    run("npm", all).with_context(|| format!("npm could not install {exact}"))
}

/// Runs quietly; what it said is told only if it fails.
fn run<A: AsRef<OsStr>>(
    program: impl AsRef<Path>,
    args: impl IntoIterator<Item = A>,
) -> anyhow::Result<()> {
    finish(Command::new(program.as_ref()).args(args).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Runs `command` quietly; what it said is told only if it fails.
pub(crate) fn finish(command: &mut Command) -> anyhow::Result<()> {
    let program = Path::new(command.get_program()).display().to_string();
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("starting {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("").to_owned();
        bail!("{program} ended with {}: {last}", output.status);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_any_of_its_names() {
        assert!(find(&["no-such-program", "sh"]).is_some_and(|path| path.ends_with("sh")));
        assert!(find(&["no-such-program"]).is_none());
    }

    #[test]
    fn a_failing_program_is_told_with_its_last_words() {
        let error = run("sh", ["-c", "echo first >&2; echo last words >&2; exit 3"]).unwrap_err();
        assert!(error.to_string().ends_with("last words"), "{error}");
    }

    #[test]
    fn every_script_that_a_script_imports_is_carried() {
        for (_, text) in SCRIPTS {
            for name in text.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(SCRIPTS.iter().any(|(known, _)| *known == name), "{name}");
            }
        }
    }
}
