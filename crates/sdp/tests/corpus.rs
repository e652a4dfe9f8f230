//! Descriptions of browsers, gateways and RFCs, from the folder that `PATCHCORD_CORPUS` names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use patchcord_sdp::attribute::Attribute;
use patchcord_sdp::{Candidate, Session};
use serde_json::Value;

mod reference;

/// The corpus, if it is there.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
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

/// The fields of each description, as another parser took them out.
#[test]
fn fields_equal_the_reference() {
    let Some(corpus) = corpus() else { return };
    let accepted = labelled(&corpus.join("sdp"), "accept").unwrap();
    let reference = fs::read_to_string(corpus.join("sdp/REF_sdp-transform.jsonl")).unwrap();
    let mut compared = 0;
    for line in reference.lines() {
        let mut entry: Value = serde_json::from_str(line).unwrap();
        let file = entry["file"].as_str().unwrap().to_owned();
        let Some((_, text)) = accepted.iter().find(|(accepted, _)| *accepted == file) else {
            continue;
        };
        let expected = &mut entry["parsed"];
        let mut invalid = forget(expected);
        for media in expected["media"].as_array_mut().into_iter().flatten() {
            invalid.extend(forget(media));
        }
        let own = reference::session(&Session::parse(text).unwrap(), &invalid);
        assert_eq!(&own, expected, "{file}");
        compared += 1;
    }
    assert_eq!(compared, accepted.len());
}

/// Leaves out what this crate keeps as text, and returns the attributes that were invalid.
fn forget(fields: &mut Value) -> Vec<String> {
    let invalid = fields["invalid"].as_array().cloned().unwrap_or_default();
    let fields = fields.as_object_mut().into_iter();
    fields.for_each(|fields| fields.retain(|name, _| !reference::TEXT_ONLY.contains(&&**name)));
    let values = invalid.iter().filter_map(|line| line["value"].as_str());
    values.map(|value| format!("a={value}")).collect()
}

/// Descriptions captured from browsers and servers, beside the corpus.
#[test]
fn what_peers_write_is_written_back_byte_for_byte() {
    let Some(corpus) = corpus() else { return };
    let Ok(folder) = fs::read_dir(corpus.join("../peers/sdp")) else { return };
    for path in folder.map(|file| file.unwrap().path()) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        // That of libnice is a fragment, without a session.
        if path.extension().is_none_or(|end| end != "sdp") || name.starts_with("libnice") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let session = Session::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(session.to_string(), text, "{name}");
        let mut all = session.media.iter().flat_map(|media| &media.attributes);
        let unknown = all.find(|attribute| matches!(attribute, Attribute::Unknown(_)));
        assert_eq!(unknown, None, "{name}");
    }
}

#[test]
fn candidates_are_written_back() {
    let Some(corpus) = corpus() else { return };
    let file = corpus.join("ice/candidates/harvested_from_shared_sdp.txt");
    let lines = fs::read_to_string(file).unwrap();
    assert!(lines.lines().count() > 50);
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let candidate = Candidate::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(candidate.to_string(), line);
    }
}
