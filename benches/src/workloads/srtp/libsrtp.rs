//! libsrtp2, as the system provides it.
#![expect(unsafe_code, reason = "libsrtp2 is written in C")]

mod ffi;

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use super::{Contender, KEY, PACKET, Profile, Srtp};

pub(super) const CONTENDER: Contender = ("libsrtp2", |profile| Box::new(LibSrtp::new(profile)));
/// Room for what protection adds.
const TRAILER: usize = 144;

/// libsrtp2's sessions are one-way: one for each direction.
pub(super) struct LibSrtp {
    sender: *mut c_void,
    receiver: *mut c_void,
    packet: Vec<u8>,
}

impl LibSrtp {
    pub(super) fn new(profile: Profile) -> Self {
        static INIT: std::sync::Once = std::sync::Once::new();
        // SAFETY: called once, before anything else of libsrtp2.
        INIT.call_once(|| assert_eq!(unsafe { ffi::srtp_init() }, 0));
        Self {
            sender: session(profile, ffi::SSRC_ANY_OUTBOUND),
            receiver: session(profile, ffi::SSRC_ANY_INBOUND),
            packet: Vec::with_capacity(PACKET + TRAILER),
        }
    }

    /// Works in place on a copy of `bytes`; false if the library refuses.
    fn convert(&mut self, bytes: &[u8], session: *mut c_void, work: ffi::Convert) -> bool {
        self.packet.clear();
        self.packet.reserve(bytes.len() + TRAILER);
        self.packet.extend_from_slice(bytes);
        let mut len = bytes.len() as c_int;
        // SAFETY: the session is open as long as `self` lives; the buffer has room for `len` and
        // the trailer, and `len` bytes of it are written afterwards.
        unsafe {
            let done = work(session, self.packet.as_mut_ptr().cast(), &mut len) == 0;
            self.packet.set_len(len as usize);
            done
        }
    }
}

fn session(profile: Profile, kind: c_int) -> *mut c_void {
    let mut key = [&KEY[..], profile.salt()].concat();
    // SAFETY: all zeros is a policy; the library copies the key during the call.
    unsafe {
        let mut policy: ffi::SrtpPolicy = std::mem::zeroed();
        let set = match profile {
            Profile::AeadAes128Gcm => ffi::srtp_crypto_policy_set_aes_gcm_128_16_auth,
            Profile::Aes128CmSha1_80 => ffi::srtp_crypto_policy_set_rtp_default,
        };
        set(&mut policy.rtp);
        set(&mut policy.rtcp);
        policy.ssrc.kind = kind;
        policy.key = key.as_mut_ptr();
        policy.window_size = 128;
        let mut session = null_mut();
        assert_eq!(ffi::srtp_create(&mut session, &policy), 0);
        session
    }
}

impl Srtp for LibSrtp {
    fn protect(&mut self, rtp: &[u8]) -> &[u8] {
        assert!(self.convert(rtp, self.sender, ffi::srtp_protect));
        &self.packet
    }

    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]> {
        self.convert(srtp, self.receiver, ffi::srtp_unprotect).then_some(&self.packet)
    }
}

impl Drop for LibSrtp {
    fn drop(&mut self) {
        // SAFETY: each session is closed once.
        unsafe {
            ffi::srtp_dealloc(self.sender);
            ffi::srtp_dealloc(self.receiver);
        }
    }
}
