//! All epochs of a connection: what seals and opens its records.

use crate::suite::Framing;
use crate::wire::message::RecordNumber;
use crate::wire::{ContentType, DTLS_10, Epoch, RecordHeader, header_of};
use crate::{Discard, ProtocolVersion, SealError};

use super::keys::Keys;
use super::window::Window;

/// RFC 9147 §4.5.3: as much may be sealed with one key, by the strictest of our AEADs, AES-GCM:
/// 2^24.5 records.
const MOST_SEALED_13: u64 = 23_726_566;
/// RFC 6347 §4.1: sequence numbers do not wrap.
const MOST_SEALED_12: u64 = (1 << 48) - 1;
/// From here on we ask for new keys, long before the old ones are used up.
const RENEW_AFTER: u64 = 1 << 23;
/// RFC 9147 §4.5.3: after as many forgeries a key proves nothing any more.
const MOST_FORGED: u64 = 1 << 36;
/// Epochs whose records may still be on their way: a handshake's, or the one before a key update,
/// and the present one.
const MOST_READ: usize = 2;

/// The keys of a connection, by epoch.
///
/// ```text
/// DTLS 1.2   0 plain    1 all the rest
/// DTLS 1.3   0 plain    2 handshake    3, 4, … application data, a key update each
/// ```
pub(crate) struct Records {
    /// The next sequence number without protection, and the version that such a record names.
    plain: u64,
    plain_version: u16,
    /// Oldest first.
    write: Vec<WriteEpoch>,
    /// Oldest first.
    read: Vec<ReadEpoch>,
}

struct WriteEpoch {
    epoch: u64,
    keys: Keys,
    next: u64,
    most: u64,
}

struct ReadEpoch {
    epoch: u64,
    keys: Keys,
    window: Window,
    forged: u64,
}

/// A record, opened in place: `record[start..][..len]` is its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) kind: ContentType,
    pub(crate) number: RecordNumber,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Default for Records {
    fn default() -> Self {
        let plain_version = ProtocolVersion::Dtls12.wire();
        Self { plain: 0, plain_version, write: Vec::new(), read: Vec::new() }
    }
}

impl Records {
    /// RFC 9147 §4.1: a first ClientHello may call itself 1.0, for old peers. All browsers do.
    pub(crate) fn be_modest(&mut self) {
        self.plain_version = DTLS_10;
    }

    /// A version has been chosen.
    pub(crate) fn be_frank(&mut self) {
        self.plain_version = ProtocolVersion::Dtls12.wire();
    }

    /// From now on records of this epoch can be sent. An epoch comes once, so no number does twice.
    pub(crate) fn add_write(&mut self, version: ProtocolVersion, epoch: u64, keys: Keys) {
        let most = match version {
            ProtocolVersion::Dtls12 => MOST_SEALED_12,
            ProtocolVersion::Dtls13 => MOST_SEALED_13,
        };
        debug_assert!(self.write.iter().all(|one| one.epoch < epoch));
        // There are few, and they live long.
        self.write.reserve_exact(1);
        self.write.push(WriteEpoch { epoch, keys, next: 0, most });
    }

    /// From now on records of this epoch can be opened.
    pub(crate) fn add_read(&mut self, epoch: u64, keys: Keys) {
        if self.read.len() == MOST_READ {
            self.read.remove(0);
        }
        self.read.reserve_exact(1);
        self.read.push(ReadEpoch { epoch, keys, window: Window::default(), forged: 0 });
    }

    /// Forgets the keys for sending before `epoch`.
    pub(crate) fn forget_write(&mut self, epoch: u64) {
        self.write.retain(|one| one.epoch >= epoch);
        self.write.shrink_to_fit();
    }

    /// Forgets the keys for receiving before `epoch`.
    pub(crate) fn forget_read(&mut self, epoch: u64) {
        self.read.retain(|one| one.epoch >= epoch);
        self.read.shrink_to_fit();
    }

    /// Makes a record of `buf[at..]`: the epoch's head room, then plaintext. Gives its sequence
    /// number.
    pub(crate) fn seal(
        &mut self,
        epoch: u64,
        kind: ContentType,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Result<u64, SealError> {
        if epoch == 0 {
            return self.seal_plain(kind, buf, at);
        }
        let write = self.write.iter_mut().rev().find(|one| one.epoch == epoch);
        let write = write.ok_or(SealError::Exhausted)?;
        let sequence = write.next;
        if sequence >= write.most {
            return Err(SealError::Exhausted);
        }
        // Whatever comes of it, the number is used up.
        write.next = sequence.saturating_add(1);
        let len = buf.len();
        let sealed = write.keys.seal((epoch, sequence), kind, buf, at);
        sealed.map_err(|_| {
            buf.truncate(len);
            SealError::Exhausted
        })?;
        Ok(sequence)
    }

    fn seal_plain(
        &mut self,
        kind: ContentType,
        buf: &mut [u8],
        at: usize,
    ) -> Result<u64, SealError> {
        let sequence = self.plain;
        let len = buf.len().saturating_sub(at).saturating_sub(Framing::PLAIN.head);
        let len = u16::try_from(len).map_err(|_| SealError::Exhausted)?;
        self.plain = sequence.saturating_add(1);
        let header = header_of(self.plain_version, kind, 0, sequence, len);
        for (slot, byte) in buf.iter_mut().skip(at).zip(header) {
            *slot = byte;
        }
        Ok(sequence)
    }

    /// Opens a record in place.
    // As RecordHeader::parse.
    #[inline(always)]
    pub(crate) fn open(
        &mut self,
        header: RecordHeader,
        record: &mut [u8],
    ) -> Result<Opened, Discard> {
        if let Epoch::Full { epoch: 0, sequence } = header.epoch {
            let number = RecordNumber { epoch: 0, sequence };
            let len = record.len().saturating_sub(header.header);
            return Ok(Opened { kind: header.kind, number, start: header.header, len });
        }
        let read = self.read.iter_mut().rev().find(|one| one.is(header.epoch));
        let read = read.ok_or(Discard::Rejected)?;
        if read.forged >= MOST_FORGED {
            return Err(Discard::Rejected);
        }
        match read.keys.open(read.epoch, &read.window, header, record) {
            Ok(opened) => {
                read.window.note(opened.number.sequence);
                Ok(opened)
            }
            Err(discard) => {
                read.forged = read.forged.saturating_add(1);
                Err(discard)
            }
        }
    }

    /// Whether there are keys for a record of this epoch.
    pub(crate) fn can_open(&self, epoch: Epoch) -> bool {
        epoch.is_plain() || self.read.iter().any(|one| one.is(epoch))
    }

    /// The newest epoch for sending.
    pub(crate) fn write_epoch(&self) -> u64 {
        self.write.last().map_or(0, |one| one.epoch)
    }

    /// The newest epoch for receiving.
    pub(crate) fn read_epoch(&self) -> u64 {
        self.read.last().map_or(0, |one| one.epoch)
    }

    /// What a record of this epoch adds to its plaintext.
    pub(crate) fn framing(&self, epoch: u64) -> Framing {
        let write = self.write.iter().find(|one| one.epoch == epoch);
        write.map_or(Framing::PLAIN, |one| one.keys.framing())
    }

    /// Whether the newest keys for sending have done so much that new ones should follow.
    pub(crate) fn wants_new_keys(&self) -> bool {
        self.write.last().is_some_and(|one| one.next >= RENEW_AFTER && one.most == MOST_SEALED_13)
    }

    /// Lets the newest keys for sending look as if they had sealed as many records.
    #[cfg(test)]
    pub(crate) fn pretend_sealed(&mut self, records: u64) {
        if let Some(last) = self.write.last_mut() {
            last.next = last.next.max(records);
        }
    }
}

impl ReadEpoch {
    fn is(&self, epoch: Epoch) -> bool {
        match epoch {
            Epoch::Full { epoch, .. } => self.epoch == u64::from(epoch),
            Epoch::Low(low) => self.epoch & 3 == u64::from(low),
        }
    }
}
