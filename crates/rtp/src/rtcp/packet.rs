//! Any RTCP packet: type and format beside their reader.

use super::{
    ApplicationDefined, ExtendedReport, Fir, Frame, Goodbye, Nack, PacketType, Pli, ReceiverReport,
    Remb, SenderReport, SourceDescription, TransportFeedback,
};
use crate::ParseError;

/// An RTCP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Packet<'a> {
    /// What a sender sent and received, RFC 3550 §6.4.1.
    SenderReport(SenderReport<'a>),
    /// What a receiver received, RFC 3550 §6.4.2.
    ReceiverReport(ReceiverReport<'a>),
    /// Names, RFC 3550 §6.5.
    SourceDescription(SourceDescription<'a>),
    /// Sources that leave, RFC 3550 §6.6.
    Goodbye(Goodbye<'a>),
    /// RFC 3550 §6.7.
    ApplicationDefined(ApplicationDefined<'a>),
    /// Lost packets are asked for, RFC 4585 §6.2.1.
    Nack(Nack<'a>),
    /// A picture was lost, RFC 4585 §6.3.1.
    Pli(Pli),
    /// A whole picture is asked for, RFC 5104 §4.3.1.
    Fir(Fir<'a>),
    /// What a receiver thinks the path carries.
    Remb(Remb<'a>),
    /// Arrival times of all packets of a transport.
    TransportFeedback(TransportFeedback<'a>),
    /// RFC 3611.
    ExtendedReport(ExtendedReport<'a>),
    /// A type or format without a name here.
    Unknown(Frame<'a>),
}

impl<'a> Packet<'a> {
    /// Reads the body of a packet.
    ///
    /// # Errors
    ///
    /// The body is not what its type and format demand.
    #[inline]
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        Ok(match (frame.packet_type, frame.count) {
            (TransportFeedback::TYPE, TransportFeedback::FORMAT) => {
                Self::TransportFeedback(TransportFeedback::parse(frame)?)
            }
            (SenderReport::TYPE, _) => Self::SenderReport(SenderReport::parse(frame)?),
            (ReceiverReport::TYPE, _) => Self::ReceiverReport(ReceiverReport::parse(frame)?),
            (SourceDescription::TYPE, _) => {
                Self::SourceDescription(SourceDescription::parse(frame)?)
            }
            (Goodbye::TYPE, _) => Self::Goodbye(Goodbye::parse(frame)?),
            (ApplicationDefined::TYPE, _) => {
                Self::ApplicationDefined(ApplicationDefined::parse(frame)?)
            }
            (Nack::TYPE, Nack::FORMAT) => Self::Nack(Nack::parse(frame)?),
            (Pli::TYPE, Pli::FORMAT) => Self::Pli(Pli::parse(frame)?),
            (Fir::TYPE, Fir::FORMAT) => Self::Fir(Fir::parse(frame)?),
            (Remb::TYPE, Remb::FORMAT) if Remb::is_remb(frame.body) => {
                Self::Remb(Remb::parse(frame)?)
            }
            (PacketType::EXTENDED_REPORT, _) => Self::ExtendedReport(ExtendedReport::parse(frame)?),
            _ => Self::Unknown(frame),
        })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::SenderReport(packet) => packet.write(out),
            Self::ReceiverReport(packet) => packet.write(out),
            Self::SourceDescription(packet) => packet.write(out),
            Self::Goodbye(packet) => packet.write(out),
            Self::ApplicationDefined(packet) => packet.write(out),
            Self::Nack(packet) => packet.write(out),
            Self::Pli(packet) => packet.write(out),
            Self::Fir(packet) => packet.write(out),
            Self::Remb(packet) => packet.write(out),
            Self::TransportFeedback(packet) => packet.write(out),
            Self::ExtendedReport(packet) => packet.write(out),
            Self::Unknown(packet) => packet.write(out),
        }
    }
}

#[cfg(test)]
mod tests;
