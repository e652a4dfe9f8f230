//! One media section: its sender, its receiver, and what was agreed about it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::extension_ids::ExtensionIds;
use super::payload_types::{Meaning, PayloadTypes};
use super::sender::Sender;
use crate::media::{Codec, LocalSource, Parameters, RtpPacket, TransceiverId};

#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: TransceiverId,
    pub(super) mid: Box<str>,
    pub(super) codecs: Arc<[Codec]>,
    payload_types: Option<PayloadTypes>,
    pub(super) extensions: ExtensionIds,
    pub(super) rids: Vec<Box<str>>,
    /// Not agreed on, or not yet: RTCP comes in compounds that begin with a report.
    pub(super) reduced_size: bool,
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
}

/// The receiving half: packets that the application has not read.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    /// The agreed direction lets us receive.
    pub(super) active: bool,
    queue: VecDeque<RtpPacket>,
    /// Packets that were dropped because nobody read them.
    pub(super) dropped: u64,
}

impl Section {
    pub(super) fn new(id: TransceiverId, source: LocalSource, random: u64) -> Self {
        Self {
            id,
            mid: Box::default(),
            codecs: Arc::new([]),
            payload_types: None,
            extensions: ExtensionIds::default(),
            rids: Vec::new(),
            reduced_size: true,
            sender: Sender::new(source, random),
            receiver: Receiver::default(),
        }
    }

    pub(super) fn configure(&mut self, agreed: Parameters) {
        self.mid = agreed.mid;
        self.payload_types = Some(PayloadTypes::new(&agreed.codecs));
        self.codecs = agreed.codecs;
        self.extensions = ExtensionIds::new(&agreed.extensions);
        self.rids = agreed.remote_rids;
        self.reduced_size = agreed.reduced_size;
        self.sender.active = agreed.send;
        self.receiver.active = agreed.receive;
    }

    pub(super) fn stop(&mut self) {
        self.sender.active = false;
        self.receiver.active = false;
        self.payload_types = None;
    }

    pub(super) fn meaning(&self, payload_type: rtp::PayloadType) -> Option<Meaning> {
        self.payload_types.as_ref()?.meaning(payload_type)
    }

    pub(super) fn codec(&self, index: u8) -> Option<&Codec> {
        self.codecs.get(usize::from(index))
    }
}

impl Receiver {
    /// `true`: it was empty.
    pub(super) fn push(&mut self, packet: RtpPacket, bound: usize) -> bool {
        if self.queue.len() >= bound {
            self.queue.pop_front();
            self.dropped += 1;
        }
        self.queue.push_back(packet);
        self.queue.len() == 1
    }

    pub(super) fn pop(&mut self) -> Option<RtpPacket> {
        self.queue.pop_front()
    }
}
