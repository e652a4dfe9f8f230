//! sctp-proto (str0m's) and rtc-sctp: forks of one code base with small differences in their APIs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

macro_rules! family {
    ($module:ident, $library:ident, payload: $payload:ident, write_now: ($($now:ident)?),
     new: $new:expr, connect: $connect:expr, server: $server:expr, handle: $handle:expr) => {
        pub(super) mod $module {
            use std::collections::VecDeque;
            use std::sync::Arc;

            use bytes::Bytes;
            use sansio::Instant;
            use $library::{
                Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint,
                EndpointConfig, Event, Payload, PayloadProtocolIdentifier, ServerConfig,
            };

            use super::PEER;
            use crate::workloads::sctp::{self, PACKET, SEND_BUFFER};

            pub(in crate::workloads::sctp) struct End {
                base: std::time::Instant,
                endpoint: Endpoint,
                handle: Option<AssociationHandle>,
                association: Option<Association>,
                connected: bool,
                accepted: bool,
                buffer: Vec<u8>,
            }

            pub(in crate::workloads::sctp) fn pair() -> (End, End) {
                let base = std::time::Instant::now();
                let mut config = EndpointConfig::new();
                // Common header and DATA chunk header.
                config.max_payload_size((PACKET - 28) as u32 & !3);
                let config = Arc::new(config);
                let end = |server: Option<ServerConfig>| End {
                    base,
                    endpoint: $new(config.clone(), server.map(Arc::new)),
                    handle: None,
                    association: None,
                    connected: false,
                    accepted: false,
                    buffer: vec![0; 1 << 18],
                };
                let (mut client, server) = (end(None), end(Some($server)));
                let (handle, association) = $connect(&mut client.endpoint, base);
                (client.handle, client.association) = (Some(handle), Some(association));
                (client, server)
            }

            impl End {
                fn std(&self, now: Instant) -> std::time::Instant {
                    self.base + (now - Instant::ZERO)
                }

                fn events(&mut self) {
                    let Some(association) = &mut self.association else { return };
                    while let Some(event) = association.poll() {
                        match event {
                            Event::Connected => {
                                self.connected = true;
                                if association.side().is_client() {
                                    let ppid = PayloadProtocolIdentifier::Binary;
                                    association.open_stream(1, ppid).unwrap();
                                }
                            }
                            Event::AssociationLost { .. } => panic!("association lost"),
                            _ => {}
                        }
                    }
                    while let Some(event) = association.poll_endpoint_event() {
                        self.endpoint.handle_event(self.handle.unwrap(), event);
                    }
                }
            }

            impl sctp::transfer::Endpoint for End {
                type Packet = Bytes;

                fn input(&mut self, now: Instant, packet: Bytes) {
                    let now = self.std(now);
                    match $handle(&mut self.endpoint, now, packet) {
                        Some((handle, DatagramEvent::NewAssociation(association))) => {
                            (self.handle, self.association) = (Some(handle), Some(association));
                        }
                        Some((_, DatagramEvent::AssociationEvent(event))) => {
                            if let Some(association) = &mut self.association {
                                association.handle_event(event);
                            }
                        }
                        _ => {}
                    }
                }

                fn advance(&mut self, now: Instant) {
                    let now = self.std(now);
                    if let Some(association) = &mut self.association
                        && association.poll_timeout().is_some_and(|at| at <= now)
                    {
                        association.handle_timeout(now);
                    }
                }

                fn next_timeout(&self) -> Option<Instant> {
                    let at = self.association.as_ref()?.poll_timeout()?;
                    Some(Instant::ZERO + at.saturating_duration_since(self.base))
                }

                fn output(&mut self, now: Instant, wire: &mut VecDeque<Bytes>) {
                    self.events();
                    let now = self.std(now);
                    let Some(association) = &mut self.association else { return };
                    while let Some(transmit) = association.poll_transmit(now) {
                        if let Payload::RawEncode(packets) = transmit.$payload {
                            wire.extend(packets);
                        }
                    }
                }

                fn connected(&self) -> bool {
                    self.connected
                }

                fn send(&mut self, _now: Instant, message: &Bytes) -> bool {
                    $(let $now = self.std(_now);)?
                    let mut stream = self.association.as_mut().unwrap().stream(1).unwrap();
                    if stream.buffered_amount().unwrap() >= SEND_BUFFER {
                        return false;
                    }
                    let ppid = PayloadProtocolIdentifier::Binary;
                    stream.write_sctp($($now,)? message, ppid).unwrap();
                    true
                }

                fn recv(&mut self, _: Instant) -> Option<usize> {
                    let association = self.association.as_mut()?;
                    if !self.accepted {
                        self.accepted = association.accept_stream().is_some();
                    }
                    let chunks = association.stream(1).ok()?.read_sctp().ok()??;
                    Some(chunks.read(&mut self.buffer).unwrap())
                }
            }
        }
    };
}

family!(proto, sctp_proto, payload: payload, write_now: (),
    new: Endpoint::new,
    connect: |e: &mut Endpoint, _| e.connect(ClientConfig::new(), PEER).unwrap(),
    server: ServerConfig::new(),
    handle: |e: &mut Endpoint, now, data| e.handle(now, PEER, None, None, data));

family!(rtc, rtc_sctp, payload: message, write_now: (now),
    new: |config, server| {
        Endpoint::new(PEER, rtc_shared::TransportProtocol::UDP, config, server)
    },
    connect: |e: &mut Endpoint, now| {
        let transport = rtc_sctp::TransportConfig::default();
        e.connect(now, ClientConfig::new(transport), PEER).unwrap()
    },
    server: ServerConfig::new(rtc_sctp::TransportConfig::default()),
    handle: |e: &mut Endpoint, now, data| e.handle(now, PEER, None, data));
