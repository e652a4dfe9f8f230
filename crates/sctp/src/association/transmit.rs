//! Chunks to packets, built when they are asked for, RFC 9260 §6.10.

use sansio::{Instant, Transmit};

use super::state::{Association, State};
use crate::cause::Causes;
use crate::chunk::{CookieAck, CookieEcho, Error, HeartbeatAck, Sack, Shutdown, ShutdownAck};
use crate::ids::Tag;
use crate::packet::{Header, PacketBuilder};
use crate::parameter::HeartbeatInfo;

impl Association {
    /// Appends one packet to `buf`, if there is something to send.
    pub(super) fn transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        let len = self
            .transmit_alone(buf)
            .or_else(|| self.transmit_path_probe(now, buf))
            .or_else(|| self.transmit_bundle(now, buf))?;
        self.counters.packets_sent += 1;
        Some(Transmit::new((), len))
    }

    /// Chunks that share a packet with no other: replies, and INIT.
    fn transmit_alone(&mut self, buf: &mut Vec<u8>) -> Option<usize> {
        if let Some((tag, chunk)) = self.replies.pop_front() {
            let mut packet = self.packet(buf, tag);
            packet.out().extend_from_slice(&chunk);
            return packet.finish();
        }
        if core::mem::take(&mut self.pending.init) {
            let mut packet = self.packet(buf, Tag(0));
            self.write_init(packet.out());
            self.counters.inits_sent += 1;
            return packet.finish();
        }
        None
    }

    /// Control chunks first, then DATA.
    fn transmit_bundle(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<usize> {
        if matches!(self.state, State::Closed | State::CookieWait { .. } | State::Ended) {
            return None;
        }
        self.give_up(now);
        self.check_black_hole();
        let mut packet = self.packet(buf, self.remote.tag);
        let echoing = self.write_cookies(&mut packet);
        if matches!(self.state, State::CookieEchoed { .. }) {
            if echoing {
                self.write_errors(&mut packet);
                self.write_data(now, &mut packet);
            }
            return packet.finish();
        }
        self.write_control(now, &mut packet);
        // §6.2: an acknowledgement that waits goes along with DATA.
        if self.ack.due || (self.ack.is_waiting() && self.has_data_to_send(now)) {
            self.write_sack(&mut packet);
        }
        self.write_shutdown(&mut packet);
        self.write_data(now, &mut packet);
        self.finish_packet(packet)
    }

    /// Whether COOKIE ECHO was appended.
    fn write_cookies(&mut self, packet: &mut PacketBuilder<'_>) -> bool {
        if core::mem::take(&mut self.pending.cookie_ack) {
            CookieAck.write(packet.out());
        }
        let State::CookieEchoed { cookie, .. } = &self.state else { return false };
        let echoing = core::mem::take(&mut self.pending.cookie_echo);
        if echoing {
            CookieEcho { cookie }.write(packet.out());
        }
        echoing
    }

    fn write_control(&mut self, now: Instant, packet: &mut PacketBuilder<'_>) {
        self.write_errors(packet);
        self.write_heartbeat(now, packet);
        self.write_re_config(packet);
        self.write_forward_tsn(now, packet);
        while let Some(info) = self.heartbeat.answers.front() {
            if packet.room() < info.len() + Sack::MIN_LEN {
                break;
            }
            HeartbeatAck { info: HeartbeatInfo { info } }.write(packet.out());
            self.heartbeat.answers.pop_front();
        }
    }

    fn write_errors(&mut self, packet: &mut PacketBuilder<'_>) {
        let fits = packet.room() >= self.pending.errors.len() + 4;
        if !self.pending.errors.is_empty() && fits {
            if let Ok(causes) = Causes::parse(&self.pending.errors) {
                Error { causes }.write(packet.out());
            }
            self.pending.errors = Vec::new();
        }
    }

    fn write_shutdown(&mut self, packet: &mut PacketBuilder<'_>) {
        if packet.room() < Shutdown::LEN {
            return;
        }
        if core::mem::take(&mut self.pending.shutdown) {
            Shutdown { cumulative_tsn: self.reassembly.cumulative() }.write(packet.out());
        }
        if core::mem::take(&mut self.pending.shutdown_ack) {
            ShutdownAck.write(packet.out());
        }
    }

    /// Ends a packet of the association. RFC 9653 §5.2: what is sent to strangers, INIT and COOKIE
    /// ECHO have their checksum in any case.
    pub(super) fn finish_packet(&self, packet: PacketBuilder<'_>) -> Option<usize> {
        if self.remote.zero_checksum { packet.finish_without_checksum() } else { packet.finish() }
    }

    fn packet<'b>(&self, buf: &'b mut Vec<u8>, tag: Tag) -> PacketBuilder<'b> {
        PacketBuilder::new(buf, self.header(tag), self.path_mtu.size())
    }

    pub(super) fn header(&self, tag: Tag) -> Header {
        Header {
            source_port: self.config.local_port,
            destination_port: self.config.remote_port,
            tag,
        }
    }
}
