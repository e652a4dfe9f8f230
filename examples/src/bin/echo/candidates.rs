//! Candidates apart from descriptions (trickle ICE, RFC 8838), as they travel over HTTP.

use std::time::Duration;

use patchcord::IceCandidate;
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::timeout};

/// The W3C's `RTCIceCandidateInit`. Without text (`"candidate": ""`): there will be no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Candidate {
    candidate: String,
    sdp_mid: Option<String>,
    sdp_m_line_index: Option<u16>,
    username_fragment: Option<String>,
}

impl Candidate {
    /// Whether this says that there will be no more.
    pub(crate) fn is_end(&self) -> bool {
        self.candidate.is_empty()
    }
}

impl From<Option<IceCandidate>> for Candidate {
    fn from(candidate: Option<IceCandidate>) -> Self {
        let candidate = candidate.unwrap_or_default();
        Self {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdp_mid,
            sdp_m_line_index: candidate.sdp_m_line_index,
            username_fragment: candidate.username_fragment,
        }
    }
}

impl From<Candidate> for IceCandidate {
    fn from(candidate: Candidate) -> Self {
        Self {
            candidate: candidate.candidate,
            sdp_mid: candidate.sdp_mid,
            sdp_m_line_index: candidate.sdp_m_line_index,
            username_fragment: candidate.username_fragment,
        }
    }
}

/// Our candidates for one peer, from the first to the end, for whoever asks. Their number is that of
/// our own addresses and relays.
#[derive(Debug, Default)]
pub(crate) struct Told(watch::Sender<Vec<Candidate>>);

impl Told {
    /// One more. Behind the end there is none.
    pub(crate) fn push(&self, candidate: Candidate) {
        self.0.send_if_modified(|all| {
            let open = !is_over(all);
            if open {
                all.push(candidate);
            }
            open
        });
    }

    /// Those behind the first `known`; if there are none yet, after `patience` at most.
    pub(crate) async fn after(&self, known: usize, patience: Duration) -> Vec<Candidate> {
        let mut all = self.0.subscribe();
        let more = all.wait_for(|all| all.len() > known || is_over(all));
        // Too late, or the peer is gone: then there is nothing more to tell.
        let _ = timeout(patience, more).await;
        all.borrow().iter().skip(known).cloned().collect()
    }
}

fn is_over(all: &[Candidate]) -> bool {
    all.last().is_some_and(Candidate::is_end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn candidate(text: &str) -> Candidate {
        Candidate { candidate: text.into(), ..Candidate::default() }
    }

    #[test]
    fn browsers_understand_it() {
        let sent = json!({
            "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "abcd",
        });
        let read: Candidate = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(json!(read), sent);
        // What `toJSON` of Firefox leaves out.
        let read: Candidate = serde_json::from_value(json!({ "candidate": "" })).unwrap();
        assert!(read.is_end() && IceCandidate::from(read) == IceCandidate::default());
        assert!(Candidate::from(None).is_end());
    }

    #[tokio::test]
    async fn whoever_asks_waits_for_the_next_one() {
        let (told, patience) = (Told::default(), Duration::MAX);
        assert_eq!(told.after(0, Duration::ZERO).await, []);
        let asked = async { tokio::join!(told.after(0, patience), told.after(1, patience)) };
        let told_later = async {
            tokio::task::yield_now().await;
            told.push(candidate("a"));
            tokio::task::yield_now().await;
            told.push(candidate("b"));
        };
        let ((first, second), ()) = tokio::join!(asked, told_later);
        assert_eq!(first[0], candidate("a"));
        assert_eq!(second, [candidate("b")]);
    }

    #[tokio::test]
    async fn nobody_waits_behind_the_end() {
        let (told, patience) = (Told::default(), Duration::MAX);
        for text in ["a", "", "late"] {
            told.push(candidate(text));
        }
        assert_eq!(told.after(0, patience).await, [candidate("a"), candidate("")]);
        assert_eq!(told.after(2, patience).await, []);
        assert_eq!(told.after(usize::MAX, patience).await, []);
    }
}
