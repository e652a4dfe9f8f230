//! The HTTP side of a call: our offer there, the answer back.

use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::json;
use ureq::{Agent, tls::TlsConfig};

/// What a server may take to answer, gathering included.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(rename = "type")]
    kind: String,
    sdp: String,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    error: String,
}

/// Posts `sdp` to `url`/offer; returns the answer's SDP. Blocks.
pub(crate) fn exchange(url: &str, insecure: bool, sdp: &str) -> anyhow::Result<String> {
    let url = offer_url(url);
    let tls = TlsConfig::builder().disable_verification(insecure).build();
    let config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .tls_config(tls)
        .build();
    let body = json!({ "type": "offer", "sdp": sdp }).to_string();
    let request = Agent::new_with_config(config).post(&url).content_type("application/json");
    let mut response = request.send(body).with_context(|| format!("calling {url}"))?;
    let text = response.body_mut().read_to_string().with_context(|| format!("reading {url}"))?;
    if !response.status().is_success() {
        let reason = serde_json::from_str(&text).map_or(text, |Refusal { error }| error);
        bail!("{url} refused with {}: {reason}", response.status());
    }
    let answer: Answer =
        serde_json::from_str(&text).with_context(|| format!("{url} did not send an answer"))?;
    if answer.kind != "answer" {
        bail!("{url} sent a description of type {:?}, not an answer", answer.kind);
    }
    Ok(answer.sdp)
}

/// `http://host:8080`, with or without a slash or `/offer` at the end.
fn offer_url(url: &str) -> String {
    let base = url.trim_end_matches('/');
    if base.ends_with("/offer") { base.into() } else { format!("{base}/offer") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_goes_to_offer() {
        for url in ["http://a:1", "http://a:1/", "http://a:1/offer", "http://a:1/offer/"] {
            assert_eq!(offer_url(url), "http://a:1/offer");
        }
    }
}
