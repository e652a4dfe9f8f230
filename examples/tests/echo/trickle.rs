//! Candidates apart from descriptions.

use std::{
    io::{BufRead, BufReader},
    net::UdpSocket,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Echo, reason};

/// A relay on this machine, which ends with the test.
struct Relay {
    child: Child,
    /// For `--ice-server`.
    flag: String,
}

impl Relay {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_turn-server"))
            .args(["--listen", "127.0.0.1:0", "--user", "user:pass", "--relay", "127.0.0.1"])
            .args(["--allow-peer", "127.0.0.0/8"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        // Read on, so that the program never writes to a closed pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let flag = format!("turn:{},user,pass", line.rsplit(' ').next().unwrap());
        Self { child, flag }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All candidates that the server tells one by one.
fn told(echo: &Echo, id: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    while all.last().is_none_or(|last| last["candidate"] != "") {
        let (status, more) = echo.get(&format!("/peers/{id}/candidates?after={}", all.len()));
        assert_eq!(status, 200, "{more}");
        all.extend(more.as_array().unwrap().iter().cloned());
    }
    all
}

#[test]
fn where_both_sides_have_relayed_candidates_alone_they_are_told_each_other() {
    let relay = Relay::start();
    let flags = ["--relay-only", "--ice-server", &relay.flag];
    let echo = Echo::with(&flags);
    let mut call = Command::new(env!("CARGO_BIN_EXE_echo"));
    let call = call.args(["call", "--no-media", &echo.url]).args(flags).output().unwrap();
    let said = String::from_utf8_lossy(&call.stdout);
    assert!(call.status.success(), "{said}{}", String::from_utf8_lossy(&call.stderr));
    assert!(said.contains("All unchanged."), "{said}");
}

#[test]
fn an_offer_goes_out_before_its_candidates() {
    let relay = Relay::start();
    let echo = Echo::with(&["--relay-only", "--ice-server", &relay.flag]);
    let (status, offer) = echo.get("/trickle?video=false");
    assert_eq!((status, offer["type"].as_str()), (200, Some("offer")));
    let all = told(&echo, &offer["id"]);
    let relayed = all[0]["candidate"].as_str().unwrap();
    assert!(relayed.starts_with("candidate:") && relayed.contains("typ relay"), "{all:?}");
    assert_eq!(
        (all.len(), &all[0]["sdpMid"], &all[0]["sdpMLineIndex"]),
        (2, &json!("0"), &json!(0))
    );
    // Who asks for all candidates in one message has the same one in it.
    let (_, whole) = echo.get("/offer");
    assert!(whole["sdp"].as_str().unwrap().contains("typ relay"), "{whole}");
}

#[test]
fn a_server_that_never_answers_holds_up_no_description() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let url = format!("stun:{}", silent.local_addr().unwrap());
    let echo = Echo::with(&["--ice-server", &url]);
    let (_, early) = echo.get("/trickle");
    assert!(!early["sdp"].as_str().unwrap().contains("a=end-of-candidates"), "{early}");
    assert_eq!(told(&echo, &early["id"]).last().unwrap()["candidate"], "");
}

#[test]
fn candidates_that_make_no_sense_are_refused() {
    let echo = Echo::start();
    let (_, offer) = echo.get("/trickle");
    let path = format!("/peers/{}/candidates", offer["id"]);
    reason(&echo.post("/peers/9/candidates", "[]"), 404);
    reason(&echo.get("/peers/9/candidates"), 404);
    reason(&echo.post(&path, "{}"), 400);
    reason(&echo.get(&format!("{path}?after=many")), 400);
    // There is no answer yet that they could belong to.
    let one = json!([{ "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0" }]);
    reason(&echo.post(&path, &one.to_string()), 400);
    reason(&echo.post("/trickle", "{}"), 400);
    reason(&echo.get("/trickle?channels=0"), 400);
    assert_eq!(echo.delete(&format!("/peers/{}", offer["id"])).0, 204);
}
