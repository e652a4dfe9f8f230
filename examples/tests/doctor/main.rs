//! The `doctor` program from outside, with our own `turn-server` on this machine.

#[cfg(test)]
mod support;

use serde_json::{Value, json};

use support::{Doctor, Server, list};

#[test]
fn a_machine_without_a_nat_needs_no_relay() {
    let server = Server::start(&[]);
    let (code, report) = Doctor::new().arg("--stun", &server.stun()).json();
    assert_eq!((code, &report["verdict"]["calls"]), (0, &json!("mostly-direct")), "{report}");
    let network = &list(&report, "networks")[0];
    assert_eq!((&network["family"], &network["udp"]), (&json!("ipv4"), &json!("works")));
    assert_eq!((&network["nat"], &network["hairpin"]), (&json!(false), &Value::Null));
    assert_eq!(network["public"], "127.0.0.1");
    assert_eq!(network["method"], "no-translation");
    assert_eq!(network["mapping"], "endpoint-independent");
    assert_eq!(network["mtu"], json!({ "carried": 9000, "not_carried": null }));
    let stun = &list(&report, "stun")[0];
    assert_eq!((&stun["url"], &stun["error"]), (&json!(server.stun()), &Value::Null));
    assert!(stun["mapped"].as_str().unwrap().starts_with("127.0.0.1:"));
}

/// A firewall, or none, is told by a server with two addresses.
#[cfg(target_os = "linux")]
#[test]
fn our_server_tells_what_is_let_in() {
    let server = Server::start(&["--other", "127.0.0.2:0"]);
    let (code, report) = Doctor::new().arg("--stun", &server.stun()).json();
    assert_eq!(code, 0, "{report}");
    let network = &list(&report, "networks")[0];
    assert_eq!(network["filtering"], "endpoint-independent", "{report}");
    let plain = Server::start(&[]);
    let (_, report) = Doctor::new().arg("--stun", &plain.stun()).json();
    assert_eq!(list(&report, "networks")[0]["filtering"], Value::Null, "{report}");
}

#[test]
fn each_transport_to_a_relay_is_measured() {
    let server = Server::start(&[]);
    let (plain, tls) = (server.turn(), server.turns());
    let doctor = Doctor::new().arg("--turn", &plain).arg("--turn", &tls);
    let (code, report) = doctor.arg("--ca", &server.certificate).with_password("pass").json();
    assert_eq!((code, &report["verdict"]["calls"]), (0, &json!("direct-or-relayed")), "{report}");
    let relays = list(&report, "relays");
    let transports: Vec<_> = relays.iter().map(|relay| relay["transport"].clone()).collect();
    assert_eq!(transports, ["udp", "tcp", "tls"]);
    for relay in relays {
        assert_eq!(relay["error"], Value::Null, "{relay}");
        assert_eq!(relay["way"], "two-allocations", "{relay}");
        assert!(relay["relayed"].as_str().unwrap().starts_with("127.0.0.1:"), "{relay}");
        for number in ["allocate_ms", "round_trip_ms"] {
            assert!(relay[number].is_f64(), "{number} of {relay}");
        }
        assert_eq!(relay["connect_ms"].is_f64(), relay["transport"] != "udp", "{relay}");
    }
}

#[test]
fn with_one_allocation_for_each_user_data_comes_back_to_a_plain_socket() {
    let server = Server::start(&["--quota", "1"]);
    let url = format!("{}?transport=tcp", server.turn());
    let (code, report) = Doctor::new().arg("--turn", &url).with_password("pass").json();
    let relay = &list(&report, "relays")[0];
    assert_eq!((code, &relay["way"], &relay["error"]), (0, &json!("back-to-us"), &Value::Null));
}

#[test]
fn what_is_wrong_with_a_relay_is_told() {
    let server = Server::start(&[]);
    let udp = format!("{}?transport=udp", server.turn());
    let kind = |doctor: Doctor| {
        let (code, report) = doctor.json();
        let error = list(&report, "relays")[0]["error"].clone();
        assert!(!error["text"].as_str().unwrap().is_empty());
        (code, error["kind"].clone())
    };
    // UDP to the server works, so most calls do.
    let wrong = Doctor::new().arg("--turn", &udp).with_password("wrong");
    assert_eq!(kind(wrong), (0, json!("credentials")));
    // The system does not trust whom nobody has signed.
    let untrusted = Doctor::new().arg("--turn", &server.turns()).with_password("pass");
    assert_eq!(kind(untrusted), (1, json!("certificate")));
    let nobody = Doctor::new().arg("--turn", "turn:127.0.0.1:1?transport=tcp");
    assert_eq!(kind(nobody.with_password("pass")), (1, json!("connect")));
    let silent = support::silent();
    let url = format!("turn:{}?transport=udp", silent.local_addr().unwrap());
    let doctor = Doctor::new().arg("--turn", &url).arg("--timeout", "3");
    assert_eq!(kind(doctor.with_password("pass")), (1, json!("silent")));
}

#[test]
fn a_proxy_makes_connections() {
    let server = Server::start(&[]);
    let (proxy, targets) = support::proxy();
    let doctor = Doctor::new().arg("--turn", &server.turns()).arg("--ca", &server.certificate);
    let doctor = doctor.arg("--proxy", &format!("http://{proxy}")).with_password("pass");
    let (code, report) = doctor.json();
    assert_eq!((code, &list(&report, "relays")[0]["error"]), (0, &Value::Null), "{report}");
    let expected = server.turns().replace("turns:", "");
    let targets: Vec<_> = targets.try_iter().collect();
    assert_eq!(targets, [expected.clone(), expected], "one for each allocation");
}

#[test]
fn names_are_for_the_proxy_to_look_up() {
    let (proxy, targets) = support::proxy();
    let doctor = Doctor::new().arg("--turn", "turn:turn.invalid?transport=tcp");
    let doctor = doctor.arg("--proxy", &format!("http://{proxy}")).with_password("pass");
    let (_, report) = doctor.json();
    let relay = &list(&report, "relays")[0];
    assert_eq!((&relay["error"]["kind"], &relay["address"]), (&json!("connect"), &Value::Null));
    assert_eq!(targets.try_iter().collect::<Vec<_>>(), ["turn.invalid:3478"]);
}

#[test]
fn servers_that_take_tcp_and_not_udp_mean_that_udp_is_blocked() {
    let deaf = support::deaf_to_udp();
    let url = format!("stun:{}", deaf.local_addr().unwrap());
    let (code, report) = Doctor::new().arg("--stun", &url).json();
    assert_eq!((code, &report["verdict"]["calls"]), (1, &json!("none")), "{report}");
    assert_eq!(list(&report, "networks")[0]["udp"], "blocked");
    assert_eq!(list(&report, "stun")[0]["error"]["kind"], "silent");
}

#[test]
fn without_a_server_it_says_what_can_be_seen_from_here() {
    let (code, report) = Doctor::new().json();
    assert_eq!((code, &report["verdict"]["calls"]), (3, &json!("unknown")));
    let said = Doctor::new().words();
    assert!(said.contains("This machine") && said.contains("no server was asked"), "{said}");
}

#[test]
fn a_slip_is_an_error_of_its_own() {
    for wrong in ["turn:example.org", "example.org", "stun:"] {
        let (code, said) = Doctor::new().arg("--stun", wrong).fails();
        assert!(code == 2 && said.contains(wrong), "{said}");
    }
}

#[test]
fn every_field_is_explained() {
    fn names(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    found.push(name.clone());
                    names(value, found);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| names(value, found)),
            _ => {}
        }
    }
    let server = Server::start(&[]);
    let doctor = Doctor::new().arg("--turn", &server.turn()).arg("--stun", "stun:127.0.0.1:1");
    let (_, report) = doctor.with_password("pass").json();
    let mut found = Vec::new();
    names(&report, &mut found);
    let explained = include_str!("../../../docs/doctor.md");
    for name in found {
        let forms = [format!("`{name}`"), format!(".{name}`")];
        let is_there = forms.iter().any(|form| explained.contains(form));
        assert!(is_there, "docs/doctor.md has no {name}");
    }
}
