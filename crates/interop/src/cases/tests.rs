use super::{
    browser::{CHANNELS, DATA, INTERLEAVED, MEDIA, NAMES, RESTART, SECURITY, WARP},
    *,
};

fn chosen(words: &[&str]) -> Vec<Case> {
    choose(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), false)
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
    assert_eq!(choose(&["all".into()], true).len(), all().len());
    assert!(chosen(&[]).iter().all(|c| matches!(c.peer, Peer::Chromium | Peer::Native)));
    assert!(chosen(&["chromium"]).iter().all(|case| case.peer == Peer::Chromium));
    assert_eq!(chosen(&["chromium", "reload"]).len(), 2);
    assert_eq!(chosen(&["firefox", "native", "tls"]).len(), 3);
    assert!(chosen(&["no such case"]).is_empty());
}

#[test]
fn long_cases_run_when_asked_for() {
    assert!(chosen(&["all"]).iter().all(|case| case.round == Round::Always));
    assert_eq!(chosen(&["chromium", "codecs"]).len(), 8);
    assert_eq!(chosen(&["firefox", "H264"]).len(), 0);
    assert_eq!(choose(&[], true).iter().filter(|case| case.round == Round::Long).count(), 10);
}

#[test]
fn each_function_exists_in_the_scripts_and_each_export_is_a_case() {
    let exports = |script: &'static str| -> Vec<_> {
        let lines = script.lines().filter_map(|line| line.strip_prefix("export "));
        let rest = lines.filter_map(|line| {
            line.strip_prefix("async function ").or_else(|| line.strip_prefix("const "))
        });
        rest.filter_map(|rest| rest.split(['(', ' ']).next()).collect()
    };
    let names = |table: &[(&'static str, u64)]| -> Vec<_> {
        table.iter().map(|(function, _)| *function).collect()
    };
    assert_eq!(exports(include_str!("../../js/cases.mjs")), names(DATA));
    let mut channels = names(CHANNELS);
    channels.push(INTERLEAVED.0);
    assert_eq!(exports(include_str!("../../js/channels.mjs")), channels);
    assert_eq!(exports(include_str!("../../js/media.mjs")), names(MEDIA));
    assert_eq!(exports(include_str!("../../js/warp.mjs")), names(WARP));
    assert_eq!(exports(include_str!("../../js/nat.mjs")), ["nat", "nat_media"]);
    assert_eq!(exports(include_str!("../../js/names.mjs")), [NAMES.0]);
    assert_eq!(exports(include_str!("../../js/restart.mjs")), [RESTART.0]);
    assert_eq!(exports(include_str!("../../js/security.mjs")), names(&SECURITY));
}
