//! The `echo` program from outside: its HTTP side, its own caller, its end.

#[cfg(test)]
mod backpressure;
#[cfg(test)]
mod deaf;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trickle;

use std::process::Command;

use serde_json::json;

use support::{Echo, reason};

#[test]
fn serves_the_page_and_its_parts() {
    let echo = Echo::start();
    let (status, page) = echo.get("/");
    assert_eq!(status, 200);
    assert!(page.as_str().unwrap().contains("<title>Patchcord"));
    let response = echo.agent.get(format!("{}/page/main.js", echo.url)).call().unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap();
    assert_eq!(header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header("content-security-policy"), "default-src 'self'");
    assert_eq!(echo.get("/page/nothing.js").0, 404);
}

#[test]
fn a_server_that_is_not_understood_is_told() {
    let echo = Command::new(env!("CARGO_BIN_EXE_echo"))
        .args(["--listen", "127.0.0.1:0", "--ice-server", "nowhere.invalid:many"])
        .output()
        .unwrap();
    assert_eq!(echo.status.code(), Some(2));
    let said = String::from_utf8_lossy(&echo.stderr);
    assert!(said.contains("stun:, stuns:, turn:"), "{said}");
}

#[test]
fn refuses_in_json_with_a_reason() {
    let echo = Echo::start();
    for body in ["", "{", "[1]", "{\"type\":\"offer\"}", "\u{0}\u{1}"] {
        let refusal = echo.post("/offer", body);
        assert!(reason(&refusal, 400).contains("session description"), "{refusal:?}");
    }
    let answer_as_offer = json!({ "type": "answer", "sdp": "v=0\r\n" }).to_string();
    assert!(reason(&echo.post("/offer", &answer_as_offer), 400).contains("\"answer\""));
    for sdp in ["", "nonsense", "v=0\r\n", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"] {
        let offer = json!({ "type": "offer", "sdp": sdp }).to_string();
        assert!(!reason(&echo.post("/offer", &offer), 400).is_empty());
    }
    reason(&echo.post("/offer", &" ".repeat(300_000)), 413);
    reason(&echo.get("/nothing"), 404);
    reason(&echo.delete("/offer"), 405);
    reason(&echo.get("/offer?channels=0"), 400);
    reason(&echo.get("/offer?channels=many"), 400);
    reason(&echo.get("/offer?negotiated=x"), 400);
    reason(&echo.get("/peers/1"), 404);
    reason(&echo.delete("/peers/x"), 404);
    assert_eq!(echo.get("/peers").1, json!({ "count": 0, "offers": 0, "peers": [] }));
}

#[test]
fn an_offer_of_ours_waits_for_its_answer() {
    let echo = Echo::start();
    let (status, offer) = echo.get("/offer");
    assert_eq!((status, offer["type"].as_str()), (200, Some("offer")));
    let sdp = offer["sdp"].as_str().unwrap();
    for line in [
        "m=application",
        "m=audio",
        "m=video",
        "a=candidate:",
        "a=end-of-candidates",
        "a=setup:actpass",
    ] {
        assert!(sdp.contains(line), "no {line} in {sdp}");
    }
    assert_eq!(echo.get("/peers").1["offers"], 1);

    let answer = json!({ "type": "answer", "sdp": "nonsense" }).to_string();
    reason(&echo.post("/answer/999", &answer), 404);
    reason(&echo.post("/answer/x", &answer), 404);
    let path = format!("/answer/{}", offer["id"]);
    reason(&echo.post(&path, "{"), 400);
    reason(&echo.post(&path, &answer), 400);
    // A bad answer changes nothing: the right one may still come.
    assert_eq!(echo.get("/peers").1["offers"], 1);
    assert_eq!(echo.delete(&format!("/peers/{}", offer["id"])).0, 204);
}

#[test]
fn offers_that_nobody_answers_are_bounded() {
    let echo = Echo::start();
    for _ in 0..64 {
        assert_eq!(echo.get("/offer").0, 200);
    }
    assert!(reason(&echo.get("/offer"), 503).contains("64 offers"));
    assert_eq!(echo.get("/peers").1["offers"], 64);
}

#[test]
fn a_call_comes_back_unchanged() {
    let echo = Echo::start();
    let call = Command::new(env!("CARGO_BIN_EXE_echo")).args(["call", &echo.url]).output().unwrap();
    let said = String::from_utf8_lossy(&call.stdout);
    assert!(call.status.success(), "{said}{}", String::from_utf8_lossy(&call.stderr));
    assert!(said.contains("1000 messages") && said.contains("All unchanged."), "{said}");
    assert!(said.contains("audio opus: 250 of 250 packets back, 0 lost"), "{said}");
    // The first frame is a whole picture of 8 packets; so is each one that was asked for.
    let pictures = said.lines().find(|line| line.contains("video VP8: ")).unwrap();
    let sent: u32 = pictures.split(' ').nth(4).unwrap().parse().unwrap();
    assert!(sent >= 306 && pictures.contains("packets back, 0 lost"), "{said}");
}

#[test]
fn a_call_without_media_is_about_messages_alone() {
    let echo = Echo::start();
    let call = Command::new(env!("CARGO_BIN_EXE_echo"))
        .args(["call", "--no-media", &echo.url])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&call.stdout);
    assert!(call.status.success(), "{said}{}", String::from_utf8_lossy(&call.stderr));
    assert!(said.contains("All unchanged.") && !said.contains("opus"), "{said}");
}

#[test]
fn an_offer_without_media_is_what_was_wished_for() {
    let echo = Echo::start();
    let (_, offer) = echo.get("/offer?audio=false&video=false");
    let sdp = offer["sdp"].as_str().unwrap();
    assert!(sdp.contains("m=application") && !sdp.contains("m=audio") && !sdp.contains("m=video"));
    reason(&echo.get("/offer?video=perhaps"), 400);
    let next = json!({ "type": "offer", "sdp": "v=0\r\n" }).to_string();
    reason(&echo.post("/peers/9/offer", &next), 404);
    reason(&echo.post(&format!("/peers/{}/offer", offer["id"]), &next), 400);
}

#[test]
fn a_call_to_nobody_exits_with_one() {
    let call = Command::new(env!("CARGO_BIN_EXE_echo"))
        .args(["call", "http://127.0.0.1:9"])
        .output()
        .unwrap();
    assert_eq!(call.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&call.stderr).contains("calling http://127.0.0.1:9: "));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well() {
    let mut echo = Echo::start();
    assert_eq!(echo.get("/offer").0, 200);
    let pid = echo.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(echo.child.wait().unwrap().code(), Some(0));
}
