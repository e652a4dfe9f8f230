//! What the engine counts, as W3C webrtc-stats names it.

use super::media::Media;
use super::stream::Role;
use crate::media::TransceiverId;
use crate::stats::{InboundRtp, MediaCounters, OutboundRtp};

impl Media {
    pub(crate) fn counters(&self) -> MediaCounters {
        let sections = self.sections.iter();
        let sent = sections.map(|s| &s.sender.counters);
        MediaCounters {
            packets_sent: sent.map(|c| c.packets_sent + c.retransmitted_packets_sent).sum(),
            packets_received: self.streams.iter().map(|s| s.counters.packets_received).sum(),
            ..self.reports.counters
        }
    }

    pub(crate) fn outbound(&self, id: TransceiverId) -> Option<OutboundRtp> {
        Some(self.sections.get(self.index(id)?)?.sender.counters)
    }

    pub(crate) fn inbound(&self, id: TransceiverId) -> Option<InboundRtp> {
        let index = self.index(id)?;
        let mut all = InboundRtp {
            packets_discarded: self.sections.get(index)?.receiver.dropped,
            ..InboundRtp::default()
        };
        for stream in self.streams.iter().filter(|s| s.section == index) {
            let one = &stream.counters;
            all.packets_received += one.packets_received;
            all.bytes_received += one.bytes_received;
            all.retransmitted_packets_received += one.retransmitted_packets_received;
            all.packets_duplicated += one.packets_duplicated;
            all.nack_count += one.nack_count;
            all.pli_count += one.pli_count;
            all.fir_count += one.fir_count;
            if let (Role::Media, Some(reception)) = (stream.role, &stream.reception) {
                all.packets_lost += reception.lost();
                all.jitter = all.jitter.max(reception.jitter());
            }
        }
        Some(all)
    }
}
