//! The set-up of an association, RFC 9260 §5.1.
//!
//! ```text
//!   active                       passive
//!   CookieWait    INIT ------->           remembers nothing
//!                <------- INIT ACK        (all it needs is in the cookie)
//!   CookieEchoed  COOKIE ECHO, DATA ---->
//!                <------- COOKIE ACK      Established
//!   Established
//! ```

use sansio::Instant;

use super::cookie::Cookie;
use super::state::{Association, Local, MIN_WINDOW, Remote, State, limits};
use super::timers::Timer;
use crate::cause::{Cause, InvalidMandatoryParameter, MissingParameter, UnresolvableAddress};
use crate::chunk::{ForwardTsn, IData, IForwardTsn, Init, InitAck, ReConfig};
use crate::config::Config;
use crate::error::{CloseReason, Discard, Violation};
use crate::event::Event;
use crate::ids::Tag;
use crate::incoming::Reassembly;
use crate::outgoing::Kind;
use crate::parameter::{
    ForwardTsnSupported, Parameter, Parameters, StateCookie, SupportedExtensions,
    UnrecognizedParameter, ZeroChecksumAcceptable,
};
use crate::serial::Tsn;

/// Chunk types beyond RFC 9260 that we know.
const EXTENSIONS: [u8; 2] = [ReConfig::TYPE, ForwardTsn::TYPE];
/// Those and the ones of whoever interleaves messages.
const INTERLEAVING: [u8; 4] = [ReConfig::TYPE, ForwardTsn::TYPE, IData::TYPE, IForwardTsn::TYPE];

impl Association {
    /// Begins the set-up. Both sides may: their set-ups become one (RFC 9260 §5.2.1). Does nothing
    /// when one has begun.
    pub fn connect(&mut self, now: Instant) {
        if matches!(self.state, State::Closed) {
            self.state = State::CookieWait { retransmissions: 0 };
            self.pending.init = true;
            self.timers.set(Timer::Init, now + self.rto.current());
        }
    }

    /// Appends our INIT.
    pub(super) fn write_init(&self, out: &mut Vec<u8>) {
        let Local { tag, initial_tsn, .. } = self.local;
        Own { tag, initial_tsn, window: self.receive_window.size() }.write_init(&self.config, out);
    }

    /// INIT from the other side.
    pub(super) fn handle_init(&mut self, now: Instant, init: &Init<'_>) -> Result<(), Discard> {
        self.counters.inits_received += 1;
        if let Err((violation, cause)) = check(init) {
            // RFC 9260 §5.1: an association that cannot be is refused, and leaves nothing behind.
            tracing::debug!(%violation, "INIT refused");
            self.reply_abort(init.tag, false, &[cause]);
            return Ok(());
        }
        let (tag, tsn, tie_tags) = match self.state {
            State::Closed => (self.local.tag, self.local.initial_tsn, [0; 2]),
            State::Ended => {
                self.reply_abort(init.tag, false, &[]);
                return Ok(());
            }
            _ => match self.identity_for_unexpected_init() {
                Some(identity) => identity,
                None => return Ok(()),
            },
        };
        let remote = agree(&self.config, init);
        let cookie = Cookie { created: now, local_tag: tag, local_tsn: tsn, remote, tie_tags };
        let cookie = cookie.seal(&self.cookie_key);
        let mut parameters = Vec::new();
        StateCookie { cookie: &cookie }.write(&mut parameters);
        write_capabilities(&self.config, &mut parameters);
        for parameter in unrecognized(init.parameters) {
            let room = self.config.max_packet_size.saturating_sub(64 + parameters.len());
            if parameter.len() < room {
                UnrecognizedParameter { parameter }.write(&mut parameters);
            }
        }
        let mut chunk = Vec::new();
        if let Ok(parameters) = Parameters::parse(&parameters) {
            let own = Own { tag, initial_tsn: tsn, window: self.receive_window.size() };
            InitAck(own.init(&self.config, parameters)).write(&mut chunk);
        }
        self.reply(init.tag, chunk);
        Ok(())
    }

    /// INIT ACK from the other side.
    pub(super) fn handle_init_ack(&mut self, now: Instant, init: &Init<'_>) -> Result<(), Discard> {
        // RFC 9260 §5.2.3: late or out of place, it is ignored.
        let State::CookieWait { .. } = self.state else { return Err(Discard::Unexpected) };
        self.remote = agree(&self.config, init);
        if let Err((violation, cause)) = check(init) {
            self.violate(violation, &[cause]);
            return Ok(());
        }
        let cookie = init.parameters.iter().find_map(|p| match p {
            Parameter::StateCookie(p) => Some(p.cookie.to_vec()),
            _ => None,
        });
        let Some(cookie) = cookie else {
            let types = StateCookie::TYPE.to_be_bytes();
            let cause = Cause::MissingParameter(MissingParameter { types: &types });
            self.violate(Violation::MissingCookie, &[cause]);
            return Ok(());
        };
        self.start_receiving();
        self.refuse_streams();
        for parameter in unrecognized(init.parameters) {
            self.report_parameter(parameter);
        }
        self.state = State::CookieEchoed { cookie, retransmissions: 0 };
        self.pending.cookie_echo = true;
        self.timers.set(Timer::Init, now + self.rto.current());
        Ok(())
    }

    /// COOKIE ECHO from the other side, in a packet with `tag`. Returns whether the rest of the
    /// packet counts.
    pub(super) fn handle_cookie_echo(
        &mut self,
        now: Instant,
        tag: Tag,
        cookie: &[u8],
    ) -> Result<bool, Discard> {
        let cookie = Cookie::open(&self.cookie_key, cookie).ok_or(Discard::Cookie)?;
        if cookie.local_tag != tag {
            return Err(Discard::VerificationTag { found: tag });
        }
        let age = now - cookie.created;
        if age > self.config.cookie_lifetime && cookie.remote.tag != self.remote.tag {
            self.reply_stale_cookie(&cookie, age - self.config.cookie_lifetime);
            return Ok(false);
        }
        match self.state {
            State::Ended => return Err(Discard::Unexpected),
            State::Closed => self.adopt(&cookie),
            _ => {
                if !self.resolve_collision(&cookie)? {
                    return Ok(false);
                }
            }
        }
        self.pending.cookie_ack = true;
        if matches!(
            self.state,
            State::Closed | State::CookieWait { .. } | State::CookieEchoed { .. }
        ) {
            self.establish(now);
        }
        Ok(true)
    }

    /// COOKIE ACK from the other side.
    pub(super) fn handle_cookie_ack(&mut self, now: Instant) -> bool {
        let echoed = matches!(self.state, State::CookieEchoed { .. });
        if echoed {
            self.establish(now);
        }
        echoed
    }

    /// T1 expired.
    pub(super) fn retransmit_init(&mut self, now: Instant) {
        if let State::CookieEchoed { .. } = self.state {
            // DATA travelled with it.
            self.lose_all();
        }
        let count = match &mut self.state {
            State::CookieWait { retransmissions } => {
                self.pending.init = true;
                retransmissions
            }
            State::CookieEchoed { retransmissions, .. } => {
                self.pending.cookie_echo = true;
                retransmissions
            }
            _ => return,
        };
        if *count >= self.config.max_init_retransmissions {
            let retransmissions = *count;
            self.end(CloseReason::ConnectTimeout { retransmissions });
            return;
        }
        *count += 1;
        self.rto.back_off();
        self.timers.set(Timer::Init, now + self.rto.current());
    }

    /// Our cookie was too old (RFC 9260 §5.2.6): asks for another. It counts as a retransmission,
    /// so that this ends.
    pub(super) fn handle_stale_cookie(&mut self, now: Instant) {
        if let State::CookieEchoed { retransmissions, .. } = self.state {
            self.lose_all();
            self.state = State::CookieWait { retransmissions };
            self.retransmit_init(now);
        }
    }

    /// Takes what the cookie says about both sides.
    pub(super) fn adopt(&mut self, cookie: &Cookie) {
        self.local.tag = cookie.local_tag;
        self.remote = cookie.remote;
        self.start_receiving();
        self.refuse_streams();
    }

    /// Messages flow.
    pub(super) fn establish(&mut self, now: Instant) {
        self.state = State::Established;
        self.timers.stop(Timer::Init);
        self.pending.init = false;
        self.pending.cookie_echo = false;
        self.sending.errors = 0;
        if !self.outstanding.is_empty() {
            self.timers.set(Timer::Retransmit, now + self.rto.current());
        }
        self.schedule_heartbeat(now);
        self.events.push_back(Event::Connected);
    }

    /// Expects the other side's first chunk.
    pub(super) fn start_receiving(&mut self) {
        let limits = limits(&self.config, &self.receive_window);
        self.reassembly = Reassembly::new(self.remote.initial_tsn, limits);
        self.queue.agree(self.remote.kind, self.max_payload());
        self.incoming_resets.restart(self.remote.initial_tsn);
    }

    /// RFC 9260 §5.1.1: never more streams than the other side takes.
    fn refuse_streams(&mut self) {
        for id in self.queue.refuse_from(self.remote.outbound_streams) {
            self.events.push_back(Event::StreamRefused(id));
        }
    }
}

/// What an INIT or INIT ACK of ours says, but for capabilities and the configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub(super) tag: Tag,
    pub(super) initial_tsn: Tsn,
    /// Bytes.
    pub(super) window: usize,
}

impl Own {
    /// Appends INIT.
    pub(super) fn write_init(self, config: &Config, out: &mut Vec<u8>) {
        let mut parameters = Vec::new();
        write_capabilities(config, &mut parameters);
        if let Ok(parameters) = Parameters::parse(&parameters) {
            self.init(config, parameters).write(out);
        }
    }

    fn init<'a>(self, config: &Config, parameters: Parameters<'a>) -> Init<'a> {
        Init {
            tag: self.tag,
            window: u32::try_from(self.window).unwrap_or(u32::MAX),
            outbound_streams: config.outbound_streams,
            inbound_streams: config.inbound_streams,
            initial_tsn: self.initial_tsn,
            parameters,
        }
    }
}

/// What we and an INIT or INIT ACK have in common.
pub(super) fn agree(config: &Config, init: &Init<'_>) -> Remote {
    let mut remote = Remote {
        tag: init.tag,
        initial_tsn: init.initial_tsn,
        window: init.window as usize,
        outbound_streams: config.outbound_streams.min(init.inbound_streams),
        inbound_streams: config.inbound_streams.min(init.outbound_streams),
        forward_tsn: false,
        re_config: false,
        zero_checksum: false,
        kind: Kind::Data,
    };
    let mut i_forward_tsn = false;
    for parameter in init.parameters.iter() {
        match parameter {
            // RFC 9653 §5.2: only for a reason that we know of, too.
            Parameter::ZeroChecksumAcceptable(p) => {
                let dtls = p.method == ZeroChecksumAcceptable::DTLS;
                remote.zero_checksum |= config.zero_checksum && dtls;
            }
            Parameter::ForwardTsnSupported(_) => remote.forward_tsn = true,
            Parameter::SupportedExtensions(p) => {
                remote.forward_tsn |= p.chunk_types.contains(&ForwardTsn::TYPE);
                remote.re_config |= p.chunk_types.contains(&ReConfig::TYPE);
                i_forward_tsn |= p.chunk_types.contains(&IForwardTsn::TYPE);
                if config.interleaving && p.chunk_types.contains(&IData::TYPE) {
                    remote.kind = Kind::IData;
                }
            }
            _ => {}
        }
    }
    // RFC 8260 §2.3.1: messages that are interleaved take I-FORWARD-TSN to be given up.
    remote.forward_tsn &= remote.kind == Kind::Data || i_forward_tsn;
    remote
}

fn write_capabilities(config: &Config, parameters: &mut Vec<u8>) {
    ForwardTsnSupported.write(parameters);
    let chunk_types = if config.interleaving { &INTERLEAVING[..] } else { &EXTENSIONS };
    SupportedExtensions { chunk_types }.write(parameters);
    if config.zero_checksum {
        ZeroChecksumAcceptable { method: ZeroChecksumAcceptable::DTLS }.write(parameters);
    }
}

/// RFC 9260 §3.3.2: values that INIT and INIT ACK must not have.
pub(super) fn check<'a>(init: &Init<'a>) -> Result<(), (Violation, Cause<'a>)> {
    if init.tag == Tag(0)
        || (init.window as usize) < MIN_WINDOW
        || init.outbound_streams == 0
        || init.inbound_streams == 0
    {
        let cause = Cause::InvalidMandatoryParameter(InvalidMandatoryParameter);
        return Err((Violation::InvalidInit, cause));
    }
    for parameter in init.parameters.iter() {
        if let Parameter::HostNameAddress(p) = parameter {
            let cause = Cause::UnresolvableAddress(UnresolvableAddress { parameter: p.name });
            return Err((Violation::HostName, cause));
        }
    }
    Ok(())
}

/// The parameters that ask to be reported, with their headers.
fn unrecognized(parameters: Parameters<'_>) -> impl Iterator<Item = &[u8]> {
    parameters.iter().filter_map(|p| match p {
        Parameter::Unknown(p) if p.report() => Some(p.as_bytes()),
        _ => None,
    })
}
