//! What requests carry, and what is wrong with it.

use std::sync::Arc;

use axum::{body::Bytes, extract::rejection::BytesRejection};
use patchcord::{Codec, DataChannelInit, MediaKind};
use serde::Deserialize;

use super::error::ApiError;
use crate::candidates::Candidate;

/// Channels that one `GET /offer` may ask for.
const CHANNELS: usize = 1024;

/// `{"type": "offer", "sdp": …}`, as `RTCSessionDescription` turns into JSON.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    #[serde(rename = "type")]
    kind: String,
    pub(crate) sdp: String,
    /// Ids of channels that the caller opens with `negotiated: true`: nothing else announces them.
    #[serde(default)]
    pub(crate) negotiated: Vec<u16>,
}

impl Description {
    /// `kind`: what the description has to be, `offer` or `answer`.
    pub(crate) fn read(body: Result<Bytes, BytesRejection>, kind: &str) -> Result<Self, ApiError> {
        let body =
            body.map_err(|error| ApiError::with_status(error.status(), error.body_text()))?;
        let description: Self = serde_json::from_slice(&body).map_err(|error| {
            ApiError::bad_request(format!("the body is not a session description in JSON: {error}"))
        })?;
        if description.kind != kind {
            let was = description.kind;
            return Err(ApiError::bad_request(format!("the type is {was:?}, not {kind:?}")));
        }
        Ok(description)
    }
}

/// Candidates that were not in a description.
pub(crate) fn candidates(body: Result<Bytes, BytesRejection>) -> Result<Vec<Candidate>, ApiError> {
    let body = body.map_err(|error| ApiError::with_status(error.status(), error.body_text()))?;
    serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_request(format!("the body is not a list of candidates in JSON: {error}"))
    })
}

/// The query of `GET /peers/{id}/candidates`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rest {
    /// How many are known already.
    pub(crate) after: usize,
}

/// What `GET /offer?…` may ask for. Without anything: one reliable channel, sound and pictures.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wish {
    channels: usize,
    ordered: bool,
    max_retransmits: Option<u16>,
    negotiated: String,
    audio: bool,
    video: bool,
    codecs: String,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            channels: 1,
            ordered: true,
            max_retransmits: None,
            negotiated: String::new(),
            audio: true,
            video: true,
            codecs: String::new(),
        }
    }
}

impl Wish {
    /// Label and kind of each channel to open.
    pub(crate) fn channels(&self) -> Result<Vec<(String, DataChannelInit)>, ApiError> {
        if !(1..=CHANNELS).contains(&self.channels) {
            return Err(ApiError::bad_request(format!("channels: one to {CHANNELS}")));
        }
        let plain = |n: usize| {
            let label = if n == 0 { "echo".into() } else { format!("echo {n}") };
            let (ordered, max_retransmits) = (self.ordered, self.max_retransmits);
            (label, DataChannelInit { ordered, max_retransmits, ..DataChannelInit::default() })
        };
        let ids = self.negotiated.split(',').filter(|id| !id.is_empty());
        let ids = ids.map(|id| id.parse().map_err(|_| format!("negotiated: {id:?} is no id")));
        let ids = ids.collect::<Result<Vec<u16>, _>>().map_err(ApiError::bad_request)?;
        Ok((0..self.channels).map(plain).chain(ids.into_iter().map(negotiated)).collect())
    }

    /// What to offer beside channels.
    pub(crate) fn media(&self) -> impl Iterator<Item = MediaKind> {
        let audio = self.audio.then_some(MediaKind::Audio);
        audio.into_iter().chain(self.video.then_some(MediaKind::Video))
    }

    /// All codecs, and first those that `codecs=VP9,opus` names: a browser that answers sends what
    /// stands first in the offer.
    pub(crate) fn codecs(&self) -> Arc<[Codec]> {
        let is_named = |codec: &Codec| {
            self.codecs.split(',').any(|name| codec.name.eq_ignore_ascii_case(name.trim()))
        };
        let ours = Codec::defaults();
        let (named, others): (Vec<_>, Vec<_>) = ours.iter().cloned().partition(is_named);
        named.into_iter().chain(others).collect()
    }
}

/// Whether any media section of an answer is accepted: a port of 0 rejects, RFC 8829 §5.3.1.
pub(crate) fn accepts_something(answer: &str) -> bool {
    let sections = answer.lines().filter_map(|line| line.strip_prefix("m="));
    sections.filter_map(|section| section.split(' ').nth(1)).any(|port| port != "0")
}

/// A channel that both sides know beforehand.
pub(crate) fn negotiated(id: u16) -> (String, DataChannelInit) {
    (format!("negotiated {id}"), DataChannelInit::negotiated(id))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    fn read(body: &'static str) -> Result<Description, (StatusCode, String)> {
        Description::read(Ok(Bytes::from_static(body.as_bytes())), "offer")
            .map_err(|error| (error.status, error.reason))
    }

    #[test]
    fn takes_what_browsers_send() {
        let offer = read(r#"{"type":"offer","sdp":"v=0\r\n"}"#).unwrap();
        assert_eq!((offer.sdp.as_str(), offer.negotiated.len()), ("v=0\r\n", 0));
        let offer = read(r#"{"type":"offer","sdp":"","negotiated":[5,65534],"more":1}"#).unwrap();
        assert_eq!(offer.negotiated, [5, 65_534]);
    }

    #[test]
    fn says_what_is_wrong_with_a_body() {
        let table = [
            ("", "EOF"),
            ("{", "EOF"),
            ("[]", "invalid length 0"),
            (r#"{"sdp":"v=0"}"#, "missing field `type`"),
            (r#"{"type":"offer"}"#, "missing field `sdp`"),
            (r#"{"type":"offer","sdp":7}"#, "expected a string"),
            (r#"{"type":"answer","sdp":""}"#, r#"the type is "answer", not "offer""#),
            (r#"{"type":"offer","sdp":"","negotiated":[65536]}"#, "expected u16"),
        ];
        for (body, expected) in table {
            let (status, reason) = read(body).unwrap_err();
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(reason.contains(expected), "{body}: {reason}");
        }
    }

    #[test]
    fn candidates_come_in_a_list() {
        let read = |body: &'static str| candidates(Ok(Bytes::from_static(body.as_bytes())));
        let browser = r#"[{"candidate":"candidate:1","sdpMid":"0"},{"candidate":""}]"#;
        assert_eq!(read(browser).unwrap().len(), 2);
        for body in ["", "{}", r#"{"candidate":""}"#, "[7]", r#"[{"sdpMid":"0"}]"#] {
            let refusal = read(body).unwrap_err();
            assert!(refusal.reason.contains("list of candidates"), "{body}: {}", refusal.reason);
        }
    }

    #[test]
    fn an_answer_that_rejects_all_is_no_use() {
        let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";
        let rejected = "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n";
        assert!(accepts_something(&format!("v=0\r\n{rejected}{data}")));
        assert!(!accepts_something(&format!("v=0\r\n{rejected}")));
        assert!(!accepts_something("v=0\r\n"));
    }

    #[test]
    fn a_plain_wish_is_one_reliable_channel_sound_and_pictures() {
        let channels = Wish::default().channels().unwrap();
        assert_eq!(channels.len(), 1);
        assert!(Wish::default().media().eq([MediaKind::Audio, MediaKind::Video]));
        let mute = Wish { audio: false, ..Wish::default() };
        assert!(mute.media().eq([MediaKind::Video]));
        assert!(channels[0].1.ordered && channels[0].1.max_retransmits.is_none());
    }

    #[test]
    fn a_wish_names_number_kind_and_ids() {
        let wish =
            Wish { channels: 2, ordered: false, negotiated: "6,1001".into(), ..Wish::default() };
        let channels = wish.channels().unwrap();
        let labels: Vec<_> = channels.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["echo", "echo 1", "negotiated 6", "negotiated 1001"]);
        assert!(!channels[0].1.ordered && channels[3].1.id == Some(1001));
    }

    #[test]
    fn a_wish_puts_codecs_first_and_drops_none() {
        let wish = Wish { codecs: "vp9, PCMU,none".into(), ..Wish::default() };
        let codecs = wish.codecs();
        let of = |kind| codecs.iter().find(|codec| codec.kind == kind).map(|c| c.name.as_str());
        assert_eq!((of(MediaKind::Audio), of(MediaKind::Video)), (Some("PCMU"), Some("VP9")));
        assert_eq!(codecs.len(), Codec::defaults().len());
        assert_eq!(Wish::default().codecs(), Codec::defaults());
    }

    #[test]
    fn too_many_channels_and_ids_that_are_none_are_refused() {
        for wish in [
            Wish { channels: 0, ..Wish::default() },
            Wish { channels: CHANNELS + 1, ..Wish::default() },
            Wish { negotiated: "six".into(), ..Wish::default() },
            Wish { negotiated: "70000".into(), ..Wish::default() },
        ] {
            assert!(wish.channels().is_err(), "{wish:?}");
        }
    }
}
