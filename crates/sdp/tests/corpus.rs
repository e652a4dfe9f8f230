//! Descriptions of browsers, gateways and RFCs, from the folder that `PATCHCORD_CORPUS` names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use patchcord_sdp::Session;

/// The corpus, if it is there.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("PATCHCORD_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: PATCHCORD_CORPUS names no corpus");
    }
    folder
}

/// The descriptions of a folder with that consensus among other parsers.
fn labelled(folder: &Path, consensus: &str) -> io::Result<Vec<(String, String)>> {
    let labels = fs::read_to_string(folder.join("LABELS.tsv"))?;
    let rows = labels.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let files = rows.filter(|row| row[1] == consensus).map(|row| {
        let file = row[0].to_owned();
        fs::read_to_string(folder.join(&file)).map(|text| (file, text))
    });
    files.collect()
}

#[test]
fn what_all_accept_is_accepted_and_written_back() {
    let Some(corpus) = corpus() else { return };
    let files = labelled(&corpus.join("sdp"), "accept").unwrap();
    assert!(files.len() > 100);
    for (file, text) in files {
        let session = Session::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let written = session.to_string();
        let again = Session::parse(&written).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(again, session, "{file}");
        assert_eq!(again.to_string(), written, "{file}");
        assert_eq!(again.into_owned(), session, "{file}");
    }
}

#[test]
fn what_all_reject_is_rejected() {
    let Some(corpus) = corpus() else { return };
    let files = labelled(&corpus.join("sdp"), "reject").unwrap();
    assert!(!files.is_empty());
    for (file, text) in files {
        let error = Session::parse(&text).expect_err(&file);
        println!("{file}: {error}");
    }
}
