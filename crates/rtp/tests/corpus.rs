//! Replays packets that other stacks wrote, and the fuzzers' inputs.

extern crate patchcord_rtp as rtp;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rtp::extension::{AbsoluteSendTime, Mid, RtpStreamId, TransportSequenceNumber};
use rtp::rtcp::{self, Frames};
use rtp::{Packet, ParseError};

mod exercise;

/// The folder of packets, where there is one.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("PATCHCORD_CORPUS").map(|root| Path::new(&root).join("rtp"));
    if folder.is_none() {
        println!("skipped: PATCHCORD_CORPUS is not set");
    }
    folder
}

/// The tables, and where their files lie.
const TABLES: [(&str, &str); 3] =
    [("LABELS_rtp.tsv", ".."), ("LABELS_rtcp.tsv", ".."), ("LABELS_aiortc.tsv", "aiortc")];

/// File, bytes and label of each row of all tables.
fn rows(folder: &Path) -> io::Result<Vec<(String, Vec<u8>, String)>> {
    let mut rows = Vec::new();
    for (table, files) in TABLES {
        for row in fs::read_to_string(folder.join(table))?.lines() {
            let (Some((file, _)), Some((_, label))) = (row.split_once('\t'), row.rsplit_once('\t'))
            else {
                continue;
            };
            if file != "file" {
                let bytes = fs::read(folder.join(files).join(file))?;
                rows.push((file.to_owned(), bytes, label.to_owned()));
            }
        }
    }
    Ok(rows)
}

/// How the tables write a packet.
fn rtp_label(bytes: &[u8]) -> String {
    match Packet::parse(bytes) {
        Ok(packet) => {
            let head = rtp::header_len(bytes).unwrap_or_default();
            let (pt, seq) = (packet.payload_type, packet.sequence_number);
            let (pad, payload) = (packet.padding, packet.payload.len());
            let ext = if bytes[0] & 0x10 == 0 { "" } else { " ext=bede" };
            format!("framing-ok pt={pt} seq={seq} hdr={head} pad={pad} payload={payload}{ext}")
        }
        Err(ParseError::Version { .. }) => "reject:version".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// How the tables write a compound: the first packet's type and count.
fn rtcp_label(bytes: &[u8]) -> String {
    let frames: Result<Vec<_>, _> = Frames::new(bytes).collect();
    match frames {
        Ok(frames) => {
            let first = frames.first();
            let kind = first.map(|frame| format!("{}/{}", frame.packet_type.0, frame.count));
            format!("framing-ok:{}", kind.unwrap_or_default())
        }
        Err(ParseError::Version { .. }) => "reject:version".to_owned(),
        Err(ParseError::Padding { .. }) => "reject:padding".to_owned(),
        Err(ParseError::Truncated { .. }) if bytes.len() < 4 => "reject:short".to_owned(),
        Err(_) => "reject:truncated".to_owned(),
    }
}

#[test]
fn packets_are_framed_as_labelled() {
    let Some(folder) = corpus() else { return };
    let rows = rows(&folder).unwrap();
    assert_eq!(rows.len(), 97);
    for (file, bytes, label) in rows {
        let is_rtcp = file.contains("rtcp");
        let found = if is_rtcp { rtcp_label(&bytes) } else { rtp_label(&bytes) };
        assert_eq!(found, label, "{file}");
        exercise::rtp(&bytes);
        exercise::rtcp(&bytes);
    }
}

/// Framed well, malformed inside.
const REFUSED: [&str; 14] = [
    "rtp/libwebrtc-rtcp/13.rtcp", // FIR without an entry
    "rtp/libwebrtc-rtcp/16.rtcp", // REMB without a bitrate
    "rtp/libwebrtc-rtcp/25.rtcp", // SDES chunk without an end
    "rtp/libwebrtc-rtcp/32.rtcp", // BYE of two sources with one
    "rtp/libwebrtc-rtcp/34.rtcp", // REMB about four streams with three
    "rtp/libwebrtc-rtcp/35.rtcp", // SDES item without its text
    "rtp/libwebrtc-rtcp/56.rtcp", // PLI without a media source
    "rtp/libwebrtc-rtcp/9.rtcp",  // SDES chunk without an end
    "rtcp_bye_invalid.bin",
    "rtcp_psfb_invalid.bin",
    "rtcp_rr_invalid.bin",
    "rtcp_rtpfb_invalid.bin",
    "rtcp_sdes_item_truncated.bin",
    "rtcp_sr_invalid.bin",
];
/// Padded, which RTCP packets of whole words do without.
const PADDED: [&str; 2] = ["rtcp_bye_padding.bin", "rtp/libwebrtc-rtcp/11.rtcp"];

#[test]
fn packets_are_written_as_they_came() {
    let Some(folder) = corpus() else { return };
    let (mut rtp, mut rtcp, mut refused) = (0, 0, Vec::new());
    for (file, mut bytes, label) in rows(&folder).unwrap() {
        let mut out = Vec::new();
        if label.starts_with("reject") {
            continue;
        } else if !file.contains("rtcp") {
            let packet = Packet::parse(&bytes).unwrap();
            packet.write(&mut out);
            // Senders may pad with anything; we pad with zeros.
            let padding = usize::from(packet.padding);
            bytes.iter_mut().rev().take(padding).skip(1).for_each(|byte| *byte = 0);
            rtp += 1;
        } else if rtcp::packets(&bytes).all(|packet| packet.is_ok()) {
            rtcp::packets(&bytes).flatten().for_each(|packet| packet.write(&mut out));
            rtcp += 1;
        } else {
            refused.push(file);
            continue;
        }
        assert_eq!(out == bytes, !PADDED.contains(&&*file), "{file}: {out:02x?} {bytes:02x?}");
    }
    assert_eq!((rtp, rtcp), (11, 62));
    assert_eq!(refused, REFUSED);
}

/// The UDP payloads of an Ethernet capture.
fn datagrams(pcap: &[u8]) -> Vec<&[u8]> {
    let mut rest = &pcap[24..];
    let mut all = Vec::new();
    while rest.len() > 16 {
        let len = u32::from_le_bytes([rest[8], rest[9], rest[10], rest[11]]) as usize;
        all.push(&rest[16 + 14 + 20 + 8..16 + len]);
        rest = &rest[16 + len..];
    }
    all
}

/// Beside each capture lies what Wireshark reads in it.
#[test]
fn captures_are_read_as_wireshark_reads_them() {
    let Some(folder) = corpus() else { return };
    for (name, count) in [("vp8", 104), ("h264", 298)] {
        let pcap = fs::read(folder.join(format!("str0m-pcap/{name}.pcap"))).unwrap();
        let text = fs::read_to_string(folder.join(format!("str0m-pcap/{name}.txt"))).unwrap();
        let packets = datagrams(&pcap);
        assert_eq!((packets.len(), text.lines().count()), (count, count));
        for (bytes, line) in packets.iter().zip(text.lines()) {
            let packet = Packet::parse(bytes).unwrap();
            let mark = if packet.marker { ", Mark" } else { "" };
            let expected = format!(
                "RTP-Type-{}, SSRC=0x{:X}, Seq={}, Time={}{mark} ",
                packet.payload_type, packet.ssrc.0, packet.sequence_number, packet.timestamp
            );
            assert!(line.contains(&expected), "{line}: {expected}");
            exercise::rtp(bytes);
            let mut out = Vec::new();
            packet.write(&mut out);
            assert_eq!(out, *bytes, "{line}");
        }
    }
}

/// The ids are those of the browsers' descriptions then.
#[test]
fn extensions_of_a_capture_make_sense() {
    let Some(folder) = corpus() else { return };
    let pcap = fs::read(folder.join("str0m-pcap/vp8.pcap")).unwrap();
    let (mut numbers, mut times, mut named) = (Vec::new(), Vec::new(), 0);
    for bytes in datagrams(&pcap) {
        let extensions = Packet::parse(bytes).unwrap().extensions;
        let value = |id| extensions.get(id).unwrap();
        times.push(AbsoluteSendTime::parse(value(2)).unwrap());
        numbers.push(TransportSequenceNumber::parse(value(4)).unwrap().0);
        // Until the other side knows them.
        if let Some(rid) = extensions.get(10) {
            assert_eq!(RtpStreamId::parse(rid).map(|rid| rid.as_str()), Ok("l"));
            assert_eq!(Mid::parse(value(9)).map(|mid| mid.as_str()), Ok("1"));
            named += 1;
        }
    }
    for pair in numbers.windows(2) {
        assert!(pair[1].is_after(pair[0]));
    }
    assert!(named > 0);
    // About 3.3 s of 2^-18 s.
    let distance = times.last().unwrap().distance_from(times[0]);
    assert!((3 << 18..4 << 18).contains(&distance), "{distance}");
}

#[test]
fn dependency_descriptors_are_harmless() {
    let Some(folder) = corpus() else { return };
    for file in fs::read_dir(folder.join("libwebrtc-dependency_descriptor")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        exercise::extensions::descriptors(&bytes);
        bytes.windows(24).for_each(exercise::extensions::any);
    }
}

#[test]
fn the_inputs_of_the_fuzzers_are_harmless() {
    type Exercise = fn(&[u8]);
    let targets: [(&str, Exercise); 4] = [
        ("rtp", exercise::rtp),
        ("rtcp", exercise::rtcp),
        ("rtp_extensions", exercise::extensions::any),
        ("rtp_repair", exercise::repair::steps),
    ];
    for (target, exercise) in targets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let Ok(folder) = fs::read_dir(folder) else {
            println!("skipped: the fuzzer's corpus is not part of the published crate");
            return;
        };
        for file in folder {
            exercise(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}
