//! Every case: who, what, how long at most.

use std::{fmt, time::Duration};

/// The other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Chromium,
    Firefox,
    /// Our own caller without a browser.
    Native,
}

/// Who makes the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offerer {
    Browser,
    Server,
}

/// How a browser writes its own addresses into its candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// As `.local` names: the default of browsers without permission for a camera.
    Hidden,
    Plain,
}

/// One row of the suite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) peer: Peer,
    pub(crate) task: Task,
    /// After this time it has failed, and whatever runs for it is ended.
    pub(crate) limit: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// A function of `cases.mjs`.
    Browser {
        function: &'static str,
        offerer: Offerer,
        addresses: Addresses,
    },
    Native(Native),
}

/// What our own caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Native {
    Call,
    CallOverTls,
    CallNobody,
    CallFour,
}

/// Function of `cases.mjs`, seconds.
const BROWSER: &[(&str, u64)] = &[
    ("echo", 60),
    ("hundred", 40),
    ("unordered", 30),
    ("negotiated", 30),
    ("close_channel_here", 30),
    ("close_channel_there", 30),
    ("close_peer_here", 30),
    ("close_peer_there", 30),
    ("reload", 60),
    ("page", 90),
    ("words", 30),
    ("stop", 30),
    ("silence", 120),
    ("tls", 30),
];

/// Seconds.
const NATIVE: &[(Native, u64)] = &[
    (Native::Call, 90),
    (Native::CallOverTls, 90),
    (Native::CallFour, 180),
    (Native::CallNobody, 40),
];

/// The cases that `words` name: peers, and parts of names.
pub(crate) fn choose(words: &[String]) -> Vec<Case> {
    let named = |peer: Peer| words.iter().any(|word| *word == peer.to_string() || word == "all");
    let any_peer = [Peer::Chromium, Peer::Firefox, Peer::Native].into_iter().any(named);
    let parts: Vec<_> = words.iter().filter(|word| !is_peer(word)).collect();
    let mut cases = all();
    cases.retain(|case| {
        let by_default = !any_peer && case.peer != Peer::Firefox;
        let name = case.name();
        (named(case.peer) || by_default)
            && (parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str())))
    });
    cases
}

fn is_peer(word: &str) -> bool {
    matches!(word, "all" | "chromium" | "firefox" | "native")
}

fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (task, seconds) in NATIVE {
        let limit = Duration::from_secs(*seconds);
        cases.push(Case { peer: Peer::Native, task: Task::Native(*task), limit });
    }
    for peer in [Peer::Chromium, Peer::Firefox] {
        let mut add = |function, seconds, addresses| {
            for offerer in [Offerer::Browser, Offerer::Server] {
                let task = Task::Browser { function, offerer, addresses };
                cases.push(Case { peer, task, limit: Duration::from_secs(seconds) });
            }
        };
        for (function, seconds) in BROWSER {
            add(function, *seconds, Addresses::Hidden);
        }
        add("echo", 60, Addresses::Plain);
    }
    cases
}

impl Case {
    /// What a filter looks into: `close channel here, browser offers`.
    pub(crate) fn name(&self) -> String {
        match self.task {
            Task::Browser { function, offerer, addresses } => {
                let plain = if addresses == Addresses::Plain { " by plain addresses" } else { "" };
                format!("{}{plain}, {offerer} offers", function.replace('_', " "))
            }
            Task::Native(Native::Call) => "call".into(),
            Task::Native(Native::CallOverTls) => "call over tls".into(),
            Task::Native(Native::CallFour) => "call four times at once".into(),
            Task::Native(Native::CallNobody) => "call nobody".into(),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Native => "native",
        })
    }
}

impl fmt::Display for Offerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Browser => "browser",
            Self::Server => "server",
        })
    }
}

impl Addresses {
    /// The word for the driver.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Plain => "plain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &[&str]) -> Vec<Case> {
        choose(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn names_are_unique_for_a_peer() {
        let mut names: Vec<_> = all().iter().map(|c| format!("{} {}", c.peer, c.name())).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn words_choose_peers_and_parts_of_names() {
        assert_eq!(chosen(&["all"]).len(), all().len());
        assert!(chosen(&[]).iter().all(|case| case.peer != Peer::Firefox));
        assert!(chosen(&["chromium"]).iter().all(|case| case.peer == Peer::Chromium));
        assert_eq!(chosen(&["chromium", "reload"]).len(), 2);
        assert_eq!(chosen(&["firefox", "native", "tls"]).len(), 3);
        assert!(chosen(&["no such case"]).is_empty());
    }

    #[test]
    fn each_function_exists_in_the_script_and_each_export_is_a_case() {
        let script = include_str!("../js/cases.mjs");
        let exports: Vec<_> = script
            .split("export async function ")
            .skip(1)
            .filter_map(|rest| rest.split('(').next())
            .collect();
        let table: Vec<_> = BROWSER.iter().map(|(function, _)| *function).collect();
        assert_eq!(exports, table);
    }
}
