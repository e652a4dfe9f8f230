//! usrsctp without its threads, over AF_CONN. Its clock for round-trip samples is the real one
//! (only its timers are driven), so its RTO stays at the minimum in virtual time.
#![expect(unsafe_code, reason = "usrsctp is written in C")]

mod ffi;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};
use std::time::Duration;

use bytes::Bytes;
use sansio::Instant;

use super::transfer::Endpoint;
use super::{PACKET, SEND_BUFFER};
use ffi::{AF_CONN, IPPROTO_SCTP, PeerAddrParams, SockaddrConn};

/// usrsctp counts its timers in ticks.
const TICK: Duration = Duration::from_millis(10);
const CLIENT: usize = 1;
const SERVER: usize = 2;

thread_local! {
    /// What the client and the server have sent.
    static WIRES: RefCell<[VecDeque<Vec<u8>>; 2]> = const {
        RefCell::new([VecDeque::new(), VecDeque::new()])
    };
}

/// Called by usrsctp to send. With AF_CONN one pointer stands for both ends of a path.
extern "C" fn output(addr: *mut c_void, data: *mut c_void, len: usize, _: u8, _: u8) -> c_int {
    // SAFETY: usrsctp hands over `len` bytes at `data`, valid during the call.
    let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
    WIRES.with_borrow_mut(|wires| wires[addr as usize - 1].push_back(bytes.to_vec()));
    0
}

pub(super) struct Usrsctp {
    me: usize,
    listener: *mut c_void,
    socket: *mut c_void,
    clock: Instant,
    buffer: Vec<u8>,
    partial: usize,
}

pub(super) fn pair() -> (Usrsctp, Usrsctp) {
    static INIT: std::sync::Once = std::sync::Once::new();
    // SAFETY: called once, before anything else of usrsctp.
    INIT.call_once(|| unsafe { ffi::usrsctp_init_nothreads(0, output, null()) });
    WIRES.with_borrow_mut(|wires| wires.iter_mut().for_each(VecDeque::clear));
    let end = |me, listener, socket| Usrsctp {
        me,
        listener,
        socket,
        clock: Instant::ZERO,
        buffer: vec![0; 1 << 18],
        partial: 0,
    };
    let (client, server) = (socket(CLIENT), socket(SERVER));
    // SAFETY: both are sockets that `socket` has made; the address lives through the call.
    unsafe {
        assert_eq!(ffi::usrsctp_listen(server, 1), 0);
        let size = size_of::<SockaddrConn>() as u32;
        ffi::usrsctp_connect(client, &SockaddrConn::new(CLIENT), size);
    }
    (end(CLIENT, null_mut(), client), end(SERVER, server, null_mut()))
}

/// A bound, non-blocking socket of one end.
fn socket(me: usize) -> *mut c_void {
    // SAFETY: null stands for "none" in all of these; the addresses live through the calls.
    unsafe {
        ffi::usrsctp_register_address(me as *mut c_void);
        let stream = libc::SOCK_STREAM;
        let s = ffi::usrsctp_socket(AF_CONN, stream, IPPROTO_SCTP, null(), null(), 0, null_mut());
        assert!(!s.is_null());
        ffi::usrsctp_set_non_blocking(s, 1);
        set(s, libc::SOL_SOCKET, libc::SO_SNDBUF, &(SEND_BUFFER as c_int));
        set(s, libc::SOL_SOCKET, libc::SO_RCVBUF, &(SEND_BUFFER as c_int));
        let linger = libc::linger { l_onoff: 1, l_linger: 0 };
        set(s, libc::SOL_SOCKET, libc::SO_LINGER, &linger);
        set(s, IPPROTO_SCTP, ffi::SCTP_NODELAY, &(1 as c_int));
        let mut params: PeerAddrParams = std::mem::zeroed();
        (params.pathmtu, params.flags) = (PACKET as u32, ffi::SPP_PMTUD_DISABLE);
        set(s, IPPROTO_SCTP, ffi::SCTP_PEER_ADDR_PARAMS, &params);
        let size = size_of::<SockaddrConn>() as u32;
        assert_eq!(ffi::usrsctp_bind(s, &SockaddrConn::new(me), size), 0);
        s
    }
}

fn set<T>(socket: *mut c_void, level: c_int, name: c_int, value: &T) {
    let len = size_of::<T>() as u32;
    // SAFETY: `value` lives through the call and has `len` bytes.
    let result =
        unsafe { ffi::usrsctp_setsockopt(socket, level, name, (&raw const *value).cast(), len) };
    assert_eq!(result, 0, "usrsctp_setsockopt {name}");
}

impl Endpoint for Usrsctp {
    type Packet = Vec<u8>;

    fn input(&mut self, _: Instant, packet: Vec<u8>) {
        // SAFETY: the packet lives through the call.
        unsafe {
            let (data, len) = (packet.as_ptr().cast(), packet.len());
            ffi::usrsctp_conninput(self.me as *mut c_void, data, len, 0);
        }
    }

    /// The timers are global: the client alone drives them.
    fn advance(&mut self, now: Instant) {
        if self.me == CLIENT && now >= self.clock + TICK {
            let elapsed = (now - self.clock).as_millis() as u32;
            self.clock += Duration::from_millis(elapsed.into());
            // SAFETY: usrsctp is initialized.
            unsafe { ffi::usrsctp_handle_timers(elapsed) };
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        (self.me == CLIENT).then(|| self.clock + TICK)
    }

    fn output(&mut self, _: Instant, wire: &mut VecDeque<Vec<u8>>) {
        WIRES.with_borrow_mut(|wires| wire.append(&mut wires[self.me - 1]));
    }

    fn connected(&self) -> bool {
        // SAFETY: the client's socket is open as long as `self` lives.
        self.me == SERVER || unsafe { ffi::usrsctp_get_events(self.socket) } & ffi::EVENT_WRITE != 0
    }

    fn send(&mut self, _: Instant, message: &Bytes) -> bool {
        let (data, len) = (message.as_ptr().cast(), message.len());
        // SAFETY: the message lives through the call.
        unsafe {
            ffi::usrsctp_sendv(self.socket, data, len, null_mut(), 0, null_mut(), 0, 0, 0) > 0
        }
    }

    fn recv(&mut self, _: Instant) -> Option<usize> {
        if self.socket.is_null() {
            // SAFETY: the listener is open as long as `self` lives.
            self.socket = unsafe { ffi::usrsctp_accept(self.listener, null_mut(), null_mut()) };
            if self.socket.is_null() {
                return None;
            }
            // SAFETY: it was accepted just now.
            unsafe { ffi::usrsctp_set_non_blocking(self.socket, 1) };
        }
        loop {
            let (mut from, mut info, mut kind, mut flags) = (0, 0, 0, 0);
            let room = &mut self.buffer[self.partial..];
            let (data, len) = (room.as_mut_ptr().cast(), room.len());
            // SAFETY: `room` has `len` bytes; no address and no info is asked for.
            let n = unsafe {
                let (none, nothing) = (null_mut(), null_mut());
                ffi::usrsctp_recvv(
                    self.socket,
                    data,
                    len,
                    none,
                    &mut from,
                    nothing,
                    &mut info,
                    &mut kind,
                    &mut flags,
                )
            };
            self.partial += usize::try_from(n).ok().filter(|&n| n > 0)?;
            if flags & libc::MSG_EOR != 0 {
                return Some(std::mem::take(&mut self.partial));
            }
        }
    }
}

impl Drop for Usrsctp {
    fn drop(&mut self) {
        // SAFETY: each socket is closed once.
        unsafe {
            for socket in [self.socket, self.listener] {
                if !socket.is_null() {
                    ffi::usrsctp_close(socket);
                }
            }
            ffi::usrsctp_deregister_address(self.me as *mut c_void);
            if self.me == CLIENT {
                ffi::usrsctp_handle_timers(10);
            }
        }
    }
}
