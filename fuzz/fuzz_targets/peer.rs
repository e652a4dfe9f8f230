//! Datagrams, descriptions, candidates and commands in any order: no panic, and a connection that
//! is not closed can still be.
#![no_main]

use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use peer::{
    Certificate, Config, DataChannelInit, Event, IceCandidate, Message, OfferOptions,
    PeerConnection, SessionDescription,
};
use sansio::{Datagram, Instant, Machine, Path};
use testkit::SeededRng;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(Arc::new(Certificate::generate().expect("a certificate"))));

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Datagram(&'a [u8]),
    Offer(&'a str),
    Answer(&'a str),
    TakeOffer,
    TakeAnswer,
    Candidate(&'a str),
    CreateOffer(bool),
    SetLocal,
    Rollback,
    Channel(&'a str, bool, Option<u16>),
    Send(&'a [u8]),
    Read,
    Threshold(u16),
    CloseChannel(u8),
    Close,
    Wait(u16),
}

fuzz_target!(|steps: Vec<Step<'_>>| {
    let mut now = Instant::ZERO;
    let mut peers = [1_u8, 2].map(|n| {
        let rng = Box::new(SeededRng::new(n.into()));
        let mut peer = PeerConnection::new(CONFIG.clone(), rng);
        peer.add_local_candidate(now, ([10, 0, 0, n], 5000).into());
        peer.end_of_local_candidates(now);
        peer
    });
    let path = Path::udp(([10, 0, 0, 1], 5000).into(), ([10, 0, 0, 2], 5000).into());
    let mut channels = Vec::new();
    for step in steps.into_iter().take(64) {
        let [a, b] = &mut peers;
        match step {
            Step::Datagram(bytes) => {
                let _ = a.handle_input(now, Datagram::new(path, now, &mut bytes.to_vec()));
            }
            Step::Offer(text) => {
                let _ = a.set_remote_description(now, SessionDescription::offer(text));
            }
            Step::Answer(text) => {
                let _ = a.set_remote_description(now, SessionDescription::answer(text));
            }
            Step::TakeOffer => {
                if let Some(offer) = a.local_description() {
                    let _ = b.set_remote_description(now, offer);
                    let _ = b.set_local_description(now, None);
                }
            }
            Step::TakeAnswer => {
                if let Some(answer) = b.local_description() {
                    let _ = a.set_remote_description(now, answer);
                }
            }
            Step::Candidate(text) => {
                let candidate = IceCandidate { candidate: text.into(), ..IceCandidate::default() };
                let _ = a.add_ice_candidate(now, Some(candidate));
            }
            Step::CreateOffer(ice_restart) => {
                let _ = a.create_offer(now, OfferOptions { ice_restart });
            }
            Step::SetLocal => {
                let _ = a.set_local_description(now, None);
            }
            Step::Rollback => {
                let _ = a.set_local_description(now, Some(SessionDescription::rollback()));
            }
            Step::Channel(label, ordered, id) => {
                let negotiated = id.is_some();
                let init =
                    DataChannelInit { ordered, negotiated, id, ..DataChannelInit::default() };
                channels.extend(a.create_data_channel(now, label, &init));
            }
            Step::Send(bytes) => {
                for &id in &channels {
                    let _ = a.channel_send(now, id, Message::binary(bytes.to_vec()));
                }
            }
            Step::Read => {
                for &id in &channels {
                    let _ = a.channel_read(now, id);
                }
            }
            Step::Threshold(bytes) => {
                for &id in &channels {
                    a.set_buffered_amount_low_threshold(id, bytes.into());
                }
            }
            Step::CloseChannel(n) => {
                if let Some(&id) = channels.get(usize::from(n)) {
                    a.channel_close(now, id);
                }
            }
            Step::Close => a.close(now),
            Step::Wait(ms) => now += core::time::Duration::from_millis(ms.into()),
        }
        exchange(&mut peers, now);
    }
    peers[0].close(now);
    exchange(&mut peers, now);
    assert_eq!(peers[0].poll_timeout(), None);
});

/// Carries what both have to say, for some rounds.
fn exchange(peers: &mut [PeerConnection; 2], now: Instant) {
    let mut buf = Vec::new();
    for round in 0..8 {
        let [a, b] = peers;
        let (from, to) = if round % 2 == 0 { (a, b) } else { (b, a) };
        from.handle_timeout(now);
        for _ in 0..64 {
            buf.clear();
            let Some(transmit) = from.poll_transmit(now, &mut buf) else { break };
            let _ = to.handle_input(now, Datagram::new(transmit.path.reversed(), now, &mut buf));
        }
        while let Some(event) = from.poll_event() {
            // One side returns what it hears, and closes what is closed.
            if let Event::ChannelReadable(id) = event
                && round % 2 == 1
                && let Some(message) = from.channel_read(now, id)
            {
                let _ = from.channel_send(now, id, message);
            }
        }
    }
}
