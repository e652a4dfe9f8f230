//! From the settings to the end.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use sansio::Transport;
use turn::client::{Config, Event};

use crate::support::{Server, echo, last_word};

/// The page with the numbers.
fn metrics(address: SocketAddr) -> String {
    let (mut stream, mut page) = (TcpStream::connect(address).unwrap(), String::new());
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut page).unwrap();
    page
}

/// Written to a file, started from it, asked for its numbers, and told to end.
#[test]
fn a_file_starts_it_and_a_signal_ends_it() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("turn-server.toml");
    let text = r#"
        listen = ["127.0.0.1:0"]
        user = ["user:pass", "somebody:else"]
        relay = ["127.0.0.1"]
        allow-peer = ["127.0.0.0/8"]
        metrics = "127.0.0.1:0"
        lifetime = 77
    "#;
    fs::write(&path, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_turn-server"));
    command.arg("--config").arg(&path).args(["--lifetime", "66"]);
    let mut server = Server::run(&mut command);
    let page = server.line();
    let address = last_word(&page).trim_start_matches("http://").trim_end_matches("/metrics");
    let address = address.parse().unwrap();
    let peer = echo("127.0.0.1:0");
    let mut caller = server.caller(Transport::Udp, Config::default());
    caller.event(|event| matches!(event, Event::Allocated).then_some(()));
    let left = caller.client.expires().unwrap() - sansio::Instant::ZERO;
    assert!(left > Duration::from_secs(30) && left < Duration::from_secs(76), "{left:?}");
    caller.permit(peer);
    caller.say(peer, b"seven b");
    caller.until(|caller| (!caller.heard.is_empty()).then_some(()));
    // The numbers are brought up to date now and then.
    let wanted = ["turn_allocations 1", "turn_to_peers_bytes_total 7", "turn_granted_total 2"];
    let page = loop {
        let page = metrics(address);
        if wanted.iter().all(|line| page.lines().any(|found| found == *line)) {
            break page;
        }
        thread::sleep(Duration::from_millis(20));
    };
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.to_lowercase().contains("content-type: text/plain; version=0.0.4"), "{page}");
    if cfg!(unix) {
        let told = Command::new("kill").arg(server.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let words = "stopped: 1 allocations, 1 datagrams to peers and 1 to clients";
        assert_eq!(server.line(), words);
        assert!(server.child.wait().unwrap().success());
    }
}

#[test]
fn a_slip_in_the_file_is_told() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slip.toml");
    fs::write(&path, "user = [\"a:b\"]\nlisen = [\"127.0.0.1:0\"]").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_turn-server"))
        .args([Path::new("--config"), &path])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("slip.toml") && said.contains("lisen"), "{said}");
}
