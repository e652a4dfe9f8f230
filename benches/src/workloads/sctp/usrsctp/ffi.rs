//! What is needed of usrsctp.h.

use std::ffi::{c_char, c_int, c_void};

pub(super) const AF_CONN: c_int = 123;
pub(super) const IPPROTO_SCTP: c_int = 132;
pub(super) const SCTP_NODELAY: c_int = 4;
pub(super) const SCTP_PEER_ADDR_PARAMS: c_int = 10;
pub(super) const SPP_PMTUD_DISABLE: u32 = 0x10;
pub(super) const EVENT_WRITE: c_int = 2;

#[repr(C)]
pub(super) struct SockaddrConn {
    family: u16,
    port: u16,
    addr: *mut c_void,
}

impl SockaddrConn {
    pub(super) fn new(addr: usize) -> Self {
        Self { family: AF_CONN as u16, port: 5000_u16.to_be(), addr: addr as *mut c_void }
    }
}

#[repr(C)]
pub(super) struct PeerAddrParams {
    pub(super) address: libc::sockaddr_storage,
    pub(super) assoc_id: u32,
    pub(super) hbinterval: u32,
    pub(super) pathmtu: u32,
    pub(super) flags: u32,
    pub(super) ipv6_flowlabel: u32,
    pub(super) pathmaxrxt: u16,
    pub(super) dscp: u8,
}

pub(super) type Output = extern "C" fn(*mut c_void, *mut c_void, usize, u8, u8) -> c_int;

#[link(name = "usrsctp")]
unsafe extern "C" {
    pub(super) fn usrsctp_init_nothreads(port: u16, output: Output, debug: *const c_char);
    pub(super) fn usrsctp_socket(
        domain: c_int,
        kind: c_int,
        protocol: c_int,
        recv: *const c_void,
        send: *const c_void,
        threshold: u32,
        info: *mut c_void,
    ) -> *mut c_void;
    pub(super) fn usrsctp_setsockopt(
        socket: *mut c_void,
        level: c_int,
        name: c_int,
        value: *const c_void,
        len: u32,
    ) -> c_int;
    pub(super) fn usrsctp_register_address(addr: *mut c_void);
    pub(super) fn usrsctp_deregister_address(addr: *mut c_void);
    pub(super) fn usrsctp_bind(s: *mut c_void, addr: *const SockaddrConn, len: u32) -> c_int;
    pub(super) fn usrsctp_listen(s: *mut c_void, backlog: c_int) -> c_int;
    pub(super) fn usrsctp_accept(
        s: *mut c_void,
        addr: *mut c_void,
        len: *mut c_void,
    ) -> *mut c_void;
    pub(super) fn usrsctp_connect(s: *mut c_void, addr: *const SockaddrConn, len: u32) -> c_int;
    pub(super) fn usrsctp_close(s: *mut c_void);
    pub(super) fn usrsctp_set_non_blocking(s: *mut c_void, on: c_int) -> c_int;
    pub(super) fn usrsctp_get_events(s: *mut c_void) -> c_int;
    pub(super) fn usrsctp_sendv(
        s: *mut c_void,
        data: *const c_void,
        len: usize,
        to: *mut c_void,
        to_count: c_int,
        info: *mut c_void,
        info_len: u32,
        info_type: u32,
        flags: c_int,
    ) -> isize;
    pub(super) fn usrsctp_recvv(
        s: *mut c_void,
        data: *mut c_void,
        len: usize,
        from: *mut c_void,
        from_len: *mut u32,
        info: *mut c_void,
        info_len: *mut u32,
        info_type: *mut u32,
        flags: *mut c_int,
    ) -> isize;
    pub(super) fn usrsctp_conninput(addr: *mut c_void, data: *const c_void, len: usize, ecn: u8);
    pub(super) fn usrsctp_handle_timers(elapsed_ms: u32);
}
