//! Addresses of this host come and go: a cable is pulled, a phone leaves the house.
//!
//! ```text
//!   the system says that something changed ──► 100 ms later: the list ──► is it another one?
//!   or, where it says nothing: every 3 s ──────────┘
//! ```

use core::net::IpAddr;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;

use sansio::Instant;

use super::interfaces::{self, Interface};

/// Who knows the addresses of this host. Stories have another one than the system.
pub(crate) trait Interfaces: Send + Sync {
    /// All addresses.
    fn list(&mut self) -> io::Result<Vec<Interface>>;

    /// Ready when the list may be another one, once for each time.
    fn poll_changed(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Whether [`poll_changed`](Self::poll_changed) tells of all changes.
    fn tells(&self) -> bool;
}

/// When to look for other addresses, and what there was.
pub(crate) struct Watch {
    interfaces: Box<dyn Interfaces>,
    known: Vec<Interface>,
    /// What was there before the list changed last, and is there no more.
    gone: Vec<IpAddr>,
    next: Instant,
}

impl Watch {
    /// From the first word of the system on: one change is many messages.
    const SETTLING: Duration = Duration::from_millis(100);
    /// Where the system says nothing.
    const INTERVAL: Duration = Duration::from_secs(3);
    /// Where it does: for what it may have forgotten to say.
    const LONG_INTERVAL: Duration = Duration::from_secs(60);

    pub(crate) fn new(now: Instant, mut interfaces: Box<dyn Interfaces>) -> io::Result<Self> {
        let known = interfaces.list()?;
        let mut watch = Self { interfaces, known, gone: Vec::new(), next: now };
        watch.next = now + watch.interval();
        Ok(watch)
    }

    /// The addresses, when it looked last.
    pub(crate) fn known(&self) -> &[Interface] {
        &self.known
    }

    /// Addresses that nothing can be sent from any more since the list changed last.
    pub(crate) fn gone(&self) -> &[IpAddr] {
        &self.gone
    }

    /// Ready when the system says that something changed.
    pub(crate) fn poll_changed(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        let changed = self.interfaces.poll_changed(cx);
        if changed.is_ready() {
            self.next = self.next.min(now + Self::SETTLING);
        }
        changed
    }

    /// Looks, if it is time to. True: there are others than before.
    pub(crate) fn look(&mut self, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        self.next = now + self.interval();
        match self.interfaces.list() {
            Ok(listed) => {
                if listed == self.known {
                    return false;
                }
                let before = core::mem::replace(&mut self.known, listed);
                let is_there = |address: IpAddr| {
                    self.known.iter().any(|one| one.address == address && !one.down)
                };
                let usable = before.iter().filter(|one| !one.down).map(|one| one.address);
                self.gone = usable.filter(|address| !is_there(*address)).collect();
                true
            }
            Err(error) => {
                tracing::debug!(%error, "the addresses of this host are not to be had");
                false
            }
        }
    }

    /// When there is something to do.
    pub(crate) fn poll_timeout(&self) -> Instant {
        self.next
    }

    fn interval(&self) -> Duration {
        if self.interfaces.tells() { Self::LONG_INTERVAL } else { Self::INTERVAL }
    }
}

/// What the system says.
pub(crate) struct System {
    changes: Option<changes::Changes>,
}

impl System {
    /// On the current tokio runtime.
    pub(crate) fn new() -> Self {
        let changes = changes::Changes::new();
        let changes = changes.inspect_err(|error| tracing::debug!(%error, "addresses are polled"));
        Self { changes: changes.ok() }
    }
}

impl Interfaces for System {
    fn list(&mut self) -> io::Result<Vec<Interface>> {
        interfaces::listed()
    }

    fn poll_changed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(changes) = &mut self.changes else { return Poll::Pending };
        changes.poll(cx).map(|tells| {
            if !tells {
                self.changes = None;
            }
        })
    }

    fn tells(&self) -> bool {
        self.changes.is_some()
    }
}

/// Linux tells by a socket. What it says is not read: the list is.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod changes {
    use core::task::{Context, Poll};
    use std::io;
    use std::os::unix::net::UnixDatagram;

    use rustix::io::Errno;
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, SocketFlags, SocketType};

    /// `RTMGRP_LINK`, `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV6_IFADDR` of rtnetlink(7).
    const GROUPS: u32 = 0x1 | 0x10 | 0x100;

    pub(super) struct Changes {
        /// To tokio it is a datagram socket like others.
        socket: tokio::net::UnixDatagram,
    }

    impl Changes {
        pub(super) fn new() -> io::Result<Self> {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let (family, kind) = (AddressFamily::NETLINK, SocketType::RAW);
            // Protocol 0 is NETLINK_ROUTE.
            let socket = rustix::net::socket_with(family, kind, flags, None)?;
            rustix::net::bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
            let socket = tokio::net::UnixDatagram::from_std(UnixDatagram::from(socket))?;
            Ok(Self { socket })
        }

        /// Ready with true: something changed. With false: it tells no more.
        pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
            let mut changed = false;
            while self.socket.poll_recv_ready(cx).is_ready() {
                match self.socket.try_recv(&mut [0; 64]) {
                    Ok(_) => changed = true,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    // It had more to say than there was room for.
                    Err(error) if Errno::from_io_error(&error) == Some(Errno::NOBUFS) => {
                        changed = true;
                    }
                    Err(_) => return Poll::Ready(false),
                }
            }
            if changed { Poll::Ready(true) } else { Poll::Pending }
        }
    }
}

/// Other systems are asked from time to time.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod changes {
    use core::task::{Context, Poll};
    use std::io;

    pub(super) struct Changes;

    impl Changes {
        pub(super) fn new() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn poll(&mut self, _: &mut Context<'_>) -> Poll<bool> {
            Poll::Pending
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::mpsc;

    use super::*;

    /// Interfaces that a test makes up, and the hand that changes them.
    #[derive(Clone, Debug)]
    pub(crate) struct MadeUp {
        listed: Arc<Mutex<Vec<Interface>>>,
        changed: mpsc::UnboundedSender<()>,
    }

    struct Told {
        listed: Arc<Mutex<Vec<Interface>>>,
        changed: mpsc::UnboundedReceiver<()>,
    }

    impl MadeUp {
        pub(crate) fn new(addresses: &[&str]) -> (Self, Box<dyn Interfaces>) {
            let (changed, receiver) = mpsc::unbounded_channel();
            let made_up = Self { listed: Arc::default(), changed };
            made_up.set(addresses);
            let listed = Arc::clone(&made_up.listed);
            (made_up, Box::new(Told { listed, changed: receiver }))
        }

        /// The host has these addresses now, each on an interface of its own.
        pub(crate) fn set(&self, addresses: &[&str]) {
            let interface = |(n, text): (usize, &&str)| Interface {
                name: format!("eth{n}").into(),
                index: u32::try_from(n + 1).ok(),
                address: text.parse().unwrap(),
                prefix: 24,
                down: false,
            };
            *self.listed.lock().unwrap() = addresses.iter().enumerate().map(interface).collect();
            let _ = self.changed.send(());
        }
    }

    impl Interfaces for Told {
        fn list(&mut self) -> io::Result<Vec<Interface>> {
            Ok(self.listed.lock().unwrap().clone())
        }

        fn poll_changed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
            self.changed.poll_recv(cx).map(|_| ())
        }

        fn tells(&self) -> bool {
            true
        }
    }

    fn ms(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn looks_when_it_was_told_and_the_messages_have_come() {
        let (made_up, interfaces) = MadeUp::new(&["192.0.2.1"]);
        let mut watch = Watch::new(ms(0), interfaces).unwrap();
        let cx = &mut Context::from_waker(core::task::Waker::noop());
        while watch.poll_changed(cx, ms(0)).is_ready() {}
        assert!(!watch.look(ms(100)), "nothing changed");
        assert_eq!(watch.gone(), [] as [IpAddr; 0]);
        assert_eq!(watch.poll_timeout(), ms(60_100));
        made_up.set(&["192.0.2.2"]);
        made_up.set(&["192.0.2.3"]);
        for now in [ms(1000), ms(1050)] {
            assert!(watch.poll_changed(cx, now).is_ready());
        }
        assert!(watch.poll_changed(cx, ms(1050)).is_pending());
        assert_eq!(watch.poll_timeout(), ms(1100));
        assert!(!watch.look(ms(1099)));
        assert!(watch.look(ms(1100)));
        assert_eq!(watch.known()[0].address.to_string(), "192.0.2.3");
        assert_eq!(watch.gone(), ["192.0.2.1".parse::<IpAddr>().unwrap()]);
        made_up.set(&["192.0.2.3", "192.0.2.4"]);
        assert!(watch.poll_changed(cx, ms(2000)).is_ready() && watch.look(ms(2100)));
        assert_eq!(watch.gone(), [] as [IpAddr; 0]);
    }

    #[test]
    fn a_system_that_says_nothing_is_asked_every_three_seconds() {
        let mut watch = Watch::new(ms(0), Box::new(System { changes: None })).unwrap();
        assert_eq!(watch.poll_timeout(), ms(3000));
        watch.look(ms(3000));
        assert_eq!(watch.poll_timeout(), ms(6000));
    }

    #[tokio::test]
    async fn the_system_can_be_watched() {
        let mut system = System::new();
        assert_eq!(system.tells(), cfg!(any(target_os = "linux", target_os = "android")));
        assert!(!system.list().unwrap().is_empty());
    }
}
