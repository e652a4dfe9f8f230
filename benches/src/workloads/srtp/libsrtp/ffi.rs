//! What is needed of srtp2/srtp.h, version 2.5.

use std::ffi::{c_int, c_void};

pub(super) const SSRC_ANY_INBOUND: c_int = 2;
pub(super) const SSRC_ANY_OUTBOUND: c_int = 3;

#[repr(C)]
pub(super) struct SrtpCryptoPolicy {
    cipher_type: u32,
    cipher_key_len: c_int,
    auth_type: u32,
    auth_key_len: c_int,
    auth_tag_len: c_int,
    sec_serv: c_int,
}

#[repr(C)]
pub(super) struct SrtpSsrc {
    pub(super) kind: c_int,
    value: u32,
}

#[repr(C)]
pub(super) struct SrtpPolicy {
    pub(super) ssrc: SrtpSsrc,
    pub(super) rtp: SrtpCryptoPolicy,
    pub(super) rtcp: SrtpCryptoPolicy,
    pub(super) key: *mut u8,
    keys: *mut *mut c_void,
    num_master_keys: usize,
    deprecated_ekt: *mut c_void,
    pub(super) window_size: usize,
    allow_repeat_tx: c_int,
    enc_xtn_hdr: *mut c_int,
    enc_xtn_hdr_count: c_int,
    next: *mut SrtpPolicy,
}

/// `srtp_protect` and `srtp_unprotect`.
pub(super) type Convert = unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_int) -> c_int;

#[link(name = "srtp2")]
unsafe extern "C" {
    pub(super) fn srtp_init() -> c_int;
    pub(super) fn srtp_create(session: *mut *mut c_void, policy: *const SrtpPolicy) -> c_int;
    pub(super) fn srtp_dealloc(session: *mut c_void) -> c_int;
    pub(super) fn srtp_protect(s: *mut c_void, packet: *mut c_void, len: *mut c_int) -> c_int;
    pub(super) fn srtp_unprotect(s: *mut c_void, packet: *mut c_void, len: *mut c_int) -> c_int;
    pub(super) fn srtp_crypto_policy_set_rtp_default(policy: *mut SrtpCryptoPolicy);
    pub(super) fn srtp_crypto_policy_set_aes_gcm_128_16_auth(policy: *mut SrtpCryptoPolicy);
}
