//! The HTTP side of a call: our offer there, the answer back, candidates both ways.

use std::{thread, time::Duration};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use ureq::{Agent, tls::TlsConfig};

use crate::candidates::Candidate;

/// What a server may take to answer: gathering included, and longer than it holds back who asks for
/// candidates while there are none.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a connection to it may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// A server with `POST /offer`.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    agent: Agent,
    /// Its URL, without a slash at the end.
    base: String,
}

/// What it has to say to an offer.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(rename = "type")]
    kind: String,
    pub(crate) sdp: String,
    /// Of us, in the paths of later requests.
    pub(crate) id: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    error: String,
}

/// A status, and the text that came with it.
type Response = (u16, String);

impl Server {
    /// `url`: `http://host:8080`; a slash or `/offer` at the end changes nothing.
    pub(crate) fn new(url: &str, insecure: bool) -> anyhow::Result<Self> {
        let base = base(url)?;
        let tls = TlsConfig::builder().disable_verification(insecure).build();
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(CONNECTING))
            .http_status_as_error(false)
            .tls_config(tls)
            .build();
        Ok(Self { agent: Agent::new_with_config(config), base })
    }

    /// Posts an offer to which candidates will be added. `None`: it does not take such.
    pub(crate) async fn trickle(&self, sdp: &str) -> anyhow::Result<Option<Answer>> {
        let (status, text) = self.post("/trickle", &offer(sdp)).await?;
        if matches!(status, 404 | 405 | 501) {
            return Ok(None);
        }
        self.accepted("/trickle", (status, &text))?;
        // Some have a page at each path.
        let answer = serde_json::from_str(&text).ok();
        Ok(answer.filter(|answer: &Answer| answer.kind == "answer" && answer.id.is_some()))
    }

    /// Posts an offer that has all candidates.
    pub(crate) async fn offer(&self, sdp: &str) -> anyhow::Result<Answer> {
        let (status, text) = self.post("/offer", &offer(sdp)).await?;
        self.accepted("/offer", (status, &text))?;
        let url = self.url("/offer");
        let answer: Answer =
            serde_json::from_str(&text).with_context(|| format!("{url} did not send an answer"))?;
        let kind = &answer.kind;
        ensure!(kind == "answer", "{url} sent a description of type {kind:?}, not an answer");
        Ok(answer)
    }

    /// Tells candidates of ours, who are `id` there.
    pub(crate) async fn tell(&self, id: u64, candidates: &[Candidate]) -> anyhow::Result<()> {
        let path = format!("/peers/{id}/candidates");
        let (status, text) = self.post(&path, &json!(candidates)).await?;
        self.accepted(&path, (status, &text))
    }

    /// Its candidates for us, without the first `known`. May wait, and then bring none.
    pub(crate) async fn ask(&self, id: u64, known: usize) -> anyhow::Result<Vec<Candidate>> {
        let path = format!("/peers/{id}/candidates?after={known}");
        let (agent, url) = (self.agent.clone(), self.url(&path));
        let asked = aside(move || read(agent.get(&url).call()));
        let (status, text) = asked.await?.with_context(|| self.failing())?;
        self.accepted(&path, (status, &text))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} did not send candidates", self.url(&path)))
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Response> {
        let (agent, url, body) = (self.agent.clone(), self.url(path), body.to_string());
        let posted =
            aside(move || read(agent.post(&url).content_type("application/json").send(body)));
        posted.await?.with_context(|| self.failing())
    }

    /// An error says with which words the server has refused.
    fn accepted(&self, path: &str, (status, text): (u16, &str)) -> anyhow::Result<()> {
        if (200..300).contains(&status) {
            return Ok(());
        }
        let reason = serde_json::from_str(text).map(|Refusal { error }| error);
        let reason = reason.unwrap_or_else(|_| first_line(text).to_owned());
        let colon = if reason.is_empty() { "" } else { ": " };
        bail!("{} refused with {status}{colon}{reason}", self.url(path))
    }

    fn failing(&self) -> String {
        format!("calling {}", self.base)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn offer(sdp: &str) -> Value {
    json!({ "type": "offer", "sdp": sdp })
}

fn read(
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> anyhow::Result<Response> {
    let mut response = response.map_err(told)?;
    let text = response.body_mut().read_to_string().map_err(told)?;
    Ok((response.status().as_u16(), text))
}

/// What went wrong, for people.
fn told(error: ureq::Error) -> anyhow::Error {
    match error {
        ureq::Error::Timeout(_) => anyhow::anyhow!("nobody answers there"),
        ureq::Error::Io(error) => error.into(),
        error => error.into(),
    }
}

/// Of a text that a server has for errors, so much as fits a line; of a page, nothing.
fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    if line.starts_with('<') {
        return "";
    }
    line.get(..200).unwrap_or(line)
}

/// Runs what blocks on a thread for which nobody waits when the program ends.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    let (done, outcome) = oneshot::channel();
    // Whoever asked may be gone.
    thread::Builder::new().spawn(move || drop(done.send(work()))).context("starting a thread")?;
    outcome.await.context("the request broke")
}

fn base(url: &str) -> anyhow::Result<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    ensure!(matches!(scheme, "http" | "https"), "{url}: a server has an http: or https: URL");
    let rest = rest.trim_end_matches('/');
    let rest = rest.strip_suffix("/offer").unwrap_or(rest).trim_end_matches('/');
    ensure!(!rest.is_empty(), "{url}: that names no server");
    let host = rest.split('/').next().unwrap_or_default();
    // Of `[::1]:8080`, what is behind the address.
    let port = host.rsplit(']').next().and_then(|it| it.split_once(':')).map(|(_, port)| port);
    let fits = port.is_none_or(|port| port.parse::<u16>().is_ok());
    ensure!(fits, "{url}: a port is a number up to 65535");
    Ok(format!("{scheme}://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_in_many_ways() {
        for url in ["http://a:1", "http://a:1/", "http://a:1/offer", "http://a:1/offer/", "a:1"] {
            assert_eq!(base(url).unwrap(), "http://a:1", "{url}");
        }
        assert_eq!(base("https://a/room/offer").unwrap(), "https://a/room");
        assert_eq!(base("[::1]:8080").unwrap(), "http://[::1]:8080");
        for url in [
            "a:99999",
            "stun:a",
            "http://[::1]:x/offer",
            "ftp://a",
            "ws://a",
            "http://",
            "",
            "/offer",
        ] {
            let said = base(url).unwrap_or_else(|error| error.to_string());
            assert!(said.starts_with(&format!("{url}: ")), "{said}");
        }
    }

    #[test]
    fn a_refusal_is_told_in_one_line() {
        let server = Server::new("http://a", false).unwrap();
        let said =
            |status, text| server.accepted("/offer", (status, text)).unwrap_err().to_string();
        let full = said(503, r#"{"error":"there is no room"}"#);
        assert_eq!(full, "http://a/offer refused with 503: there is no room");
        assert_eq!(said(404, ""), "http://a/offer refused with 404");
        assert_eq!(said(500, "oh\n<html>"), "http://a/offer refused with 500: oh");
        assert_eq!(said(500, "<html>"), "http://a/offer refused with 500");
        assert!(server.accepted("/offer", (204, "")).is_ok());
    }
}
