//! Writing messages: questions and records of our names, RFC 1035 §4.1.

use core::net::IpAddr;

use crate::message::{
    AUTHORITATIVE, CLASS_IN, Kind, RESPONSE, TOP_BIT, TYPE_A, TYPE_AAAA, TYPE_NSEC,
};
use crate::name::{LOCAL, Name};

/// How long others may believe an address, seconds: RFC 6762 §10 for what names a host.
pub(crate) const TTL: u32 = 120;
/// How long who asks by ordinary DNS may believe it, RFC 6762 §6.7.
pub(crate) const LEGACY_TTL: u32 = 10;

/// Appends a message to a buffer. Sections are written in their order.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// Where the message begins.
    start: usize,
    /// The name that was written last, and where.
    last: Option<(Name, u16)>,
    /// Where `.local` stands.
    local: Option<u16>,
}

/// The sections, by the place of their count in the header.
#[derive(Clone, Copy, Debug)]
enum Section {
    Questions = 4,
    Answers = 6,
    Additional = 10,
}

impl<'a> Writer<'a> {
    pub(crate) fn query(out: &'a mut Vec<u8>) -> Self {
        Self::new(out, 0, 0)
    }

    /// `id` is 0 but for legacy unicast, RFC 6762 §18.1.
    pub(crate) fn response(out: &'a mut Vec<u8>, id: u16) -> Self {
        Self::new(out, id, RESPONSE | AUTHORITATIVE)
    }

    fn new(out: &'a mut Vec<u8>, id: u16, flags: u16) -> Self {
        let start = out.len();
        out.extend(id.to_be_bytes());
        out.extend(flags.to_be_bytes());
        out.extend([0; 8]);
        Self { out, start, last: None, local: None }
    }

    pub(crate) fn question(&mut self, name: Name, kind: Kind, unicast: bool) -> &mut Self {
        self.count(Section::Questions);
        self.name(name);
        self.u16(kind.number());
        self.u16(if unicast { CLASS_IN | TOP_BIT } else { CLASS_IN })
    }

    /// An address as the only one of its name and family. `ttl` 0: it is no more.
    pub(crate) fn address(&mut self, name: Name, address: IpAddr, ttl: u32) -> &mut Self {
        self.record(name, address, CLASS_IN | TOP_BIT, ttl)
    }

    /// The same for who asks by ordinary DNS, which does not know the bit (RFC 6762 §6.7).
    pub(crate) fn legacy_address(&mut self, name: Name, address: IpAddr) -> &mut Self {
        self.record(name, address, CLASS_IN, LEGACY_TTL)
    }

    /// There is nothing else of this name than its address, RFC 6762 §6.1.
    pub(crate) fn nothing_else(&mut self, name: Name, address: IpAddr) -> &mut Self {
        self.count(Section::Additional);
        let at = self.name(name);
        self.u16(TYPE_NSEC);
        self.u16(CLASS_IN | TOP_BIT);
        self.out.extend(TTL.to_be_bytes());
        // Bit 1 or bit 28 of the first window: A or AAAA (RFC 4034 §4.1.2).
        let bitmap: &[u8] = match address {
            IpAddr::V4(_) => &[0, 1, 0x40],
            IpAddr::V6(_) => &[0, 4, 0, 0, 0, 0x08],
        };
        let length = u16::try_from(bitmap.len() + 2).unwrap_or_default();
        self.u16(length);
        self.pointer(at);
        self.out.extend_from_slice(bitmap);
        self
    }

    fn record(&mut self, name: Name, address: IpAddr, class: u16, ttl: u32) -> &mut Self {
        self.count(Section::Answers);
        self.name(name);
        self.u16(if address.is_ipv4() { TYPE_A } else { TYPE_AAAA });
        self.u16(class);
        self.out.extend(ttl.to_be_bytes());
        match address {
            IpAddr::V4(v4) => {
                self.u16(4);
                self.out.extend(v4.octets());
            }
            IpAddr::V6(v6) => {
                self.u16(16);
                self.out.extend(v6.octets());
            }
        }
        self
    }

    /// Writes a name, or where it stands already; says where it stands.
    fn name(&mut self, name: Name) -> u16 {
        if let Some((last, at)) = self.last
            && last == name
        {
            self.pointer(at);
            return at;
        }
        let at = self.place();
        self.out.push(octet(Name::LABEL));
        self.out.extend(name.label());
        match self.local {
            Some(local) => self.pointer(local),
            None => {
                self.local = Some(self.place());
                self.out.push(octet(LOCAL.len()));
                self.out.extend(LOCAL);
                self.out.push(0);
            }
        }
        self.last = Some((name, at));
        at
    }

    fn pointer(&mut self, to: u16) {
        self.u16(0xc000 | to);
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.out.extend(value.to_be_bytes());
        self
    }

    /// Where the next byte of the message will stand.
    fn place(&self) -> u16 {
        u16::try_from(self.out.len() - self.start).unwrap_or_default()
    }

    fn count(&mut self, section: Section) {
        let at = self.start + section as usize;
        if let Some(place) =
            self.out.get_mut(at..at + 2).and_then(|p| <&mut [u8; 2]>::try_from(p).ok())
        {
            *place = u16::from_be_bytes(*place).saturating_add(1).to_be_bytes();
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a label has at most 63 octets")]
const fn octet(length: usize) -> u8 {
    length as u8
}
