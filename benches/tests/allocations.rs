//! What must not ask the heap for memory for each packet. Without the harness, whose threads do.

#[path = "../src/alloc.rs"]
mod alloc;

use srtp::{Config, Inbound, Outbound, Profile};
use testkit::SeededRng;

const PROFILES: [Profile; 3] =
    [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm, Profile::Aes128CmHmacSha1_80];

/// A thousand packets of four streams and as many reports, protected and unprotected.
fn exchange(sender: &mut Outbound, receiver: &mut Inbound, buf: &mut Vec<u8>, first: u32) {
    for n in first..first + 1000 {
        let [n0, n1] = (n as u16).to_be_bytes();
        for ssrc in 0..4 {
            buf.clear();
            buf.extend_from_slice(&[0x80, 96, n0, n1, 0, 0, 0, 9, 0, 0, 0, ssrc]);
            buf.resize(1200, 7);
            sender.protect(buf, 0).unwrap();
            assert_eq!(receiver.unprotect(buf).map(|packet| packet.len()), Ok(1200));
        }
        buf.clear();
        buf.extend_from_slice(&[0x80, 201, 0, 1, 0, 0, 0, 1]);
        buf.resize(100, 7);
        sender.protect_rtcp(buf, 0).unwrap();
        let mut forged = [0x80; 200];
        forged[..buf.len()].copy_from_slice(buf);
        assert_eq!(receiver.unprotect_rtcp(buf).map(|packet| packet.len()), Ok(100));
        assert!(receiver.unprotect_rtcp(&mut forged).is_err());
        assert!(receiver.unprotect(&mut forged).is_err());
    }
}

fn main() {
    for profile in PROFILES {
        let (key, salt) = ([1; 32], [2; 14]);
        let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
        let mut rng = SeededRng::new(1);
        let mut sender = Outbound::new(profile, key, salt, &mut rng).unwrap();
        let mut receiver = Inbound::new(profile, key, salt, Config::default(), &mut rng).unwrap();
        let mut buf = Vec::with_capacity(1500);
        exchange(&mut sender, &mut receiver, &mut buf, 0);

        alloc::start_counting();
        exchange(&mut sender, &mut receiver, &mut buf, 1000);
        assert_eq!(alloc::stop_counting(), 0, "{profile}");
    }
}
