//! A running `echo`, and what it answers.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use ureq::{Agent, http::Response};

/// A running server; ends with the test.
pub(crate) struct Echo {
    pub(crate) child: Child,
    pub(crate) url: String,
    pub(crate) agent: Agent,
}

impl Echo {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(flags: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_echo"))
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        // Read on, so that the program never writes to a closed pipe.
        std::thread::spawn(move || stdout.lines().for_each(drop));
        let url = line.split(' ').nth(1).unwrap().to_owned();
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self { child, url, agent: Agent::new_with_config(config) }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        answer(self.agent.get(format!("{}{path}", self.url)).call().unwrap())
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, Value) {
        answer(self.agent.post(format!("{}{path}", self.url)).send(body).unwrap())
    }

    pub(crate) fn delete(&self, path: &str) -> (u16, Value) {
        answer(self.agent.delete(format!("{}{path}", self.url)).call().unwrap())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(mut response: Response<ureq::Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The reason of a refusal, which has the form `{"error": reason}` and nothing else.
pub(crate) fn reason((status, body): &(u16, Value), expected: u16) -> &str {
    assert_eq!(*status, expected, "{body}");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "{body}");
    body["error"].as_str().unwrap()
}
