//! A packet to its chunks: which tag it must carry (RFC 9260 §8.5), what may share a packet
//! (§6.10), what is not understood (§3.2).

use sansio::Instant;

use super::state::{Association, State};
use crate::cause::{Cause, InvalidStream, UnrecognizedChunk, UnrecognizedParameters};
use crate::chunk::{Abort, Chunk, Error};
use crate::error::{CloseReason, Discard};
use crate::packet::{Checksum, Packet};

/// Bytes of error causes that wait to be sent. More are dropped: they only inform.
const MAX_ERRORS: usize = 512;

impl Association {
    /// A packet arrived.
    pub(super) fn handle_packet(&mut self, now: Instant, bytes: &[u8]) -> Result<(), Discard> {
        let packet = Packet::parse(bytes, self.accepted_checksum())?;
        let header = packet.header;
        if (header.destination_port, header.source_port)
            != (self.config.local_port, self.config.remote_port)
        {
            let (source_port, destination_port) = (header.source_port, header.destination_port);
            return Err(Discard::Ports { source_port, destination_port });
        }
        let mut chunks = packet.chunks().flatten();
        let first = chunks.next().ok_or(Discard::Unexpected)?;
        match first {
            Chunk::Init(init) => {
                // §6.10, §8.5.1 A: alone, and with tag zero.
                if chunks.next().is_some() {
                    return Err(Discard::Bundling);
                }
                if header.tag.0 != 0 {
                    return Err(Discard::VerificationTag { found: header.tag });
                }
                return self.handle_init(now, &init);
            }
            Chunk::CookieEcho(echo) => {
                if !self.handle_cookie_echo(now, header.tag, echo.cookie)? {
                    return Ok(());
                }
                self.handle_chunks(now, &packet);
                return Ok(());
            }
            _ => {}
        }
        if matches!(self.state, State::Closed | State::Ended) {
            return self.handle_stranger(&packet);
        }
        if matches!(first, Chunk::ShutdownAck(_))
            && matches!(self.state, State::CookieWait { .. } | State::CookieEchoed { .. })
        {
            // §8.5.1 E: meant for an association that was before this one.
            return self.handle_stranger(&packet);
        }
        let reflected = match first {
            Chunk::Abort(abort) => abort.reflected,
            Chunk::ShutdownComplete(complete) => complete.reflected,
            _ => false,
        };
        let expected = if reflected { self.remote.tag } else { self.local.tag };
        if header.tag != expected || expected.0 == 0 {
            return Err(Discard::VerificationTag { found: header.tag });
        }
        if let Chunk::InitAck(_) | Chunk::ShutdownComplete(_) = first
            && chunks.next().is_some()
        {
            return Err(Discard::Bundling);
        }
        match self.handle_chunks(now, &packet) {
            true => Ok(()),
            false => Err(Discard::Unexpected),
        }
    }

    /// RFC 9653 §5.3: zero is taken from those who were told that it may be.
    fn accepted_checksum(&self) -> Checksum {
        match self.state {
            State::Closed | State::Ended => Checksum::Verify,
            _ if self.config.zero_checksum => Checksum::AcceptZero,
            _ => Checksum::Verify,
        }
    }

    /// Whether one of the chunks was used.
    fn handle_chunks(&mut self, now: Instant, packet: &Packet<'_>) -> bool {
        let mut used = false;
        for chunk in packet.chunks().flatten() {
            used |= self.handle_chunk(now, &chunk);
            let stop = matches!(chunk, Chunk::Unknown(u) if !u.go_on());
            if stop || matches!(self.state, State::Ended) {
                break;
            }
        }
        self.packet_done(now);
        self.settle(now);
        used
    }

    fn handle_chunk(&mut self, now: Instant, chunk: &Chunk<'_>) -> bool {
        match chunk {
            Chunk::Data(data) => self.handle_data(data),
            Chunk::IData(data) => self.handle_i_data(data),
            Chunk::Sack(sack) => self.handle_sack(now, sack),
            Chunk::ForwardTsn(forward) => self.handle_forward_tsn(forward),
            Chunk::IForwardTsn(forward) => self.handle_i_forward_tsn(forward),
            Chunk::ReConfig(re_config) => self.handle_re_config(now, re_config),
            Chunk::Heartbeat(heartbeat) => self.handle_heartbeat(heartbeat),
            Chunk::HeartbeatAck(ack) => self.handle_heartbeat_ack(now, ack),
            Chunk::CookieAck(_) => self.handle_cookie_ack(now),
            // Handled before the others; and what has nothing to say.
            Chunk::CookieEcho(_) | Chunk::Pad(_) => true,
            Chunk::InitAck(init) => self.handle_init_ack(now, &init.0).is_ok(),
            Chunk::Init(_) => false,
            Chunk::Shutdown(shutdown) => self.handle_shutdown(now, shutdown),
            Chunk::ShutdownAck(_) => self.handle_shutdown_ack(),
            Chunk::ShutdownComplete(_) => self.handle_shutdown_complete(),
            Chunk::Abort(abort) => self.handle_abort(abort),
            Chunk::Error(error) => self.handle_error(now, error),
            Chunk::Unknown(unknown) => {
                if unknown.report() {
                    let chunk = unknown.as_bytes();
                    self.report(&Cause::UnrecognizedChunk(UnrecognizedChunk { chunk }));
                }
                true
            }
        }
    }

    fn handle_abort(&mut self, abort: &Abort<'_>) -> bool {
        let cause = abort.causes.iter().next().map(|cause| cause.code());
        self.end(CloseReason::RemoteAbort { cause });
        true
    }

    fn handle_error(&mut self, now: Instant, error: &Error<'_>) -> bool {
        for cause in error.causes.iter() {
            tracing::debug!(?cause, "the other side reports an error");
            if let Cause::StaleCookie(_) = cause {
                self.handle_stale_cookie(now);
            }
        }
        true
    }

    /// Tells the other side about something it did, when there is room for that.
    pub(super) fn report(&mut self, cause: &Cause<'_>) {
        let before = self.pending.errors.len();
        cause.write(&mut self.pending.errors);
        if self.pending.errors.len() > MAX_ERRORS {
            self.pending.errors.truncate(before);
        }
    }

    pub(super) fn report_parameter(&mut self, parameters: &[u8]) {
        self.report(&Cause::UnrecognizedParameters(UnrecognizedParameters { parameters }));
    }

    pub(super) fn report_stream(&mut self, stream: crate::ids::StreamId) {
        self.report(&Cause::InvalidStream(InvalidStream { stream }));
    }
}
