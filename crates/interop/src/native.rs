//! `echo call` against `echo`.

use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};

use crate::{
    cases::Native,
    server::{Server, wait},
};

/// Runs one case with `program`; `url` is a running server's, logs go to the folder `target`.
pub(crate) fn run(
    case: Native,
    program: &Path,
    url: &str,
    target: &Path,
    limit: Duration,
) -> anyhow::Result<String> {
    match case {
        Native::Call => last(call(program, &[url])?, limit),
        Native::CallOverTls => {
            let server = Server::start(program, &["--tls"], &target.join("echo-tls.log"))?;
            ensure!(
                last(call(program, &[&server.url])?, limit).is_err(),
                "a stranger's certificate passed"
            );
            let note = last(call(program, &[&server.url, "--insecure"])?, limit)?;
            server.stop()?;
            Ok(note)
        }
        Native::CallFour => {
            let calls: Vec<_> = (0..4).map(|_| call(program, &[url])).collect();
            let notes = calls.into_iter().map(|call| last(call?, limit));
            notes.collect::<Result<Vec<_>, _>>()?.pop().context("nobody called")
        }
        Native::CallNobody => {
            let child = call(program, &["http://127.0.0.1:9"])?;
            match last(child, limit) {
                Ok(_) => bail!("somebody answered"),
                Err(error) if error.to_string().contains("127.0.0.1:9") => Ok(error.to_string()),
                Err(error) => Err(error),
            }
        }
    }
}

fn call(program: &Path, args: &[&str]) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.arg("call").args(args);
    start(command)
}

/// Starts a call, whatever it is called with.
pub(crate) fn start(mut command: Command) -> anyhow::Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting a call")
}

/// The call's last line if it exits with 0, otherwise its complaint as an error.
fn last(child: Child, limit: Duration) -> anyhow::Result<String> {
    let said = finish(child, limit)?;
    Ok(last_line(&said).to_owned())
}

fn last_line(said: &str) -> &str {
    said.lines().rfind(|line| !line.is_empty()).unwrap_or_default()
}

/// What the call says if it exits with 0, otherwise its complaint as an error.
pub(crate) fn finish(mut child: Child, limit: Duration) -> anyhow::Result<String> {
    let Some(status) = wait(&mut child, limit)? else {
        let _ = child.kill();
        let _ = child.wait();
        bail!("not done after {} s", limit.as_secs());
    };
    let mut said = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut said)?;
    }
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut said)?;
    }
    ensure!(status.success(), "{status}: {}", last_line(&said));
    Ok(said)
}
