//! A running `turn-server`, and the examination of a `doctor`.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
};

use serde_json::Value;

/// Ends with the test.
pub(crate) struct Server {
    child: Child,
    plain: String,
    tls: String,
    /// A file for `--ca`.
    pub(crate) certificate: String,
}

impl Server {
    /// On free ports of this machine, with the user `user` whose password is `pass`.
    pub(crate) fn start(flags: &[&str]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("doctor-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_turn-server"))
            .args(["--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0"])
            .args(["--user", "user:pass", "--relay", "127.0.0.1", "--allow-peer", "127.0.0.0/8"])
            .args([Path::new("--cert"), &certificate, Path::new("--key"), &key])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |over: &str| {
            let mut said = lines.by_ref().map(Result::unwrap);
            let line = said.find(|line| line.contains(over)).unwrap();
            line.rsplit(' ').next().unwrap().to_owned()
        };
        let (plain, tls) = (address("over UDP and TCP"), address("over TLS"));
        // Read on, so that the program never writes to a closed pipe.
        thread::spawn(move || lines.for_each(drop));
        Self { child, plain, tls, certificate: certificate.to_str().unwrap().to_owned() }
    }

    pub(crate) fn stun(&self) -> String {
        format!("stun:{}", self.plain)
    }

    pub(crate) fn turn(&self) -> String {
        format!("turn:{}", self.plain)
    }

    pub(crate) fn turns(&self) -> String {
        format!("turns:{}", self.tls)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One examination.
pub(crate) struct Doctor(Command);

impl Doctor {
    pub(crate) fn new() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doctor"));
        command.args(["--turn-user", "user"]).env_remove("TURN_PASSWORD");
        Self(command)
    }

    pub(crate) fn arg(mut self, name: &str, value: &str) -> Self {
        self.0.args([name, value]);
        self
    }

    pub(crate) fn with_password(mut self, password: &str) -> Self {
        self.0.env("TURN_PASSWORD", password);
        self
    }

    /// The exit code, and the report.
    pub(crate) fn json(mut self) -> (i32, Value) {
        self.0.arg("--json");
        let output = self.run();
        let text = String::from_utf8(output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let report = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {said}"));
        (output.status.code().unwrap(), report)
    }

    pub(crate) fn words(self) -> String {
        String::from_utf8(self.run().stdout).unwrap()
    }

    /// The exit code, and why.
    pub(crate) fn fails(self) -> (i32, String) {
        let output = self.run();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn run(mut self) -> Output {
        self.0.output().unwrap()
    }
}

/// Whoever asks here gets no answer, and nothing refuses either.
pub(crate) fn silent() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// A server that takes connections over TCP, while over UDP nobody is there.
pub(crate) fn deaf_to_udp() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// The entries of a list in a report.
pub(crate) fn list(report: &Value, name: &str) -> Vec<Value> {
    report[name].as_array().unwrap().clone()
}

/// A proxy that knows CONNECT of HTTP: where it is, and whom it was asked to connect to.
pub(crate) fn proxy() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, (asked, targets)) = (listener.local_addr().unwrap(), channel());
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(near.try_clone().unwrap()).lines();
            let target = lines.next().unwrap().unwrap().split(' ').nth(1).unwrap().to_owned();
            // The client says no more before it is answered.
            lines.find(|line| line.as_ref().unwrap().is_empty());
            let far = TcpStream::connect(&target);
            let _ = asked.send(target);
            let Ok(far) = far else { continue };
            (&near).write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            for (from, to) in [(&near, &far), (&far, &near)] {
                let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    (address, targets)
}
