//! A description as sdp-transform, a parser in JavaScript, shows it.

use std::collections::BTreeMap;

use patchcord_sdp::attribute::{
    Attribute, Candidate, Direction, Extmap, Feedback, RidDirection, RtcpFb, Simulcast, TcpType,
};
use patchcord_sdp::{AddressType, Bandwidth, Connection, Media, Session, Token};
use serde_json::{Map, Value, json};

/// What sdp-transform takes apart and this crate keeps as text.
pub(crate) const TEXT_ONLY: &[&str] = &[
    "invalid",
    "crypto",
    "label",
    "content",
    "control",
    "sourceFilter",
    "tsRefClocks",
    "mediaClk",
    "bfcpConfId",
    "bfcpFloorCtrl",
    "bfcpFloorId",
    "bfcpUserId",
    "xGoogleFlag",
    "imageattrs",
    "keywords",
    "remoteCandidates",
    "simulcast_03",
];

/// The whole description, but for the lines that are `invalid` to sdp-transform.
pub(crate) fn session(session: &Session<'_>, invalid: &[String]) -> Value {
    let known = |line: &&Attribute<'_>| !invalid.contains(&line.to_string());
    let mut out = Fields::new();
    let origin = &session.origin;
    out.put("version", json!(0));
    out.put(
        "origin",
        json!({
            "username": word(&origin.username),
            "sessionId": word(&origin.session_id),
            "sessionVersion": word(&origin.session_version),
            "netType": "IN",
            "ipVer": version(&origin.address),
            "address": word(&origin.address.address),
        }),
    );
    out.put("name", word(&session.name));
    out.maybe("description", session.information.as_deref().map(word));
    out.maybe("uri", session.uri.as_deref().map(word));
    out.maybe("email", session.emails.last().map(|email| word(email)));
    out.maybe("connection", session.connection.as_ref().map(connection));
    session.bandwidth.iter().for_each(|line| out.push("bandwidth", bandwidth(line)));
    for time in &session.times {
        out.put("timing", json!({ "start": time.start, "stop": time.stop }));
    }
    session.attributes.iter().filter(known).for_each(|line| out.attribute(line));
    let media = session.media.iter().map(|described| {
        let mut out = media(described);
        described.attributes.iter().filter(known).for_each(|line| out.attribute(line));
        out.done()
    });
    out.put("media", media.collect());
    out.done()
}

/// A media description without its attributes.
fn media(media: &Media<'_>) -> Fields {
    let mut out = Fields::new();
    out.put("rtp", json!([]));
    out.put("fmtp", json!([]));
    let formats: Vec<_> = media.formats.iter().map(Token::as_str).collect();
    out.put("type", word(media.kind.as_str()));
    out.put("port", json!(media.port));
    out.put("protocol", word(&media.protocol));
    out.put("payloads", word(&formats.join(" ")));
    out.maybe("description", media.information.as_deref().map(word));
    out.maybe("connection", media.connections.last().map(connection));
    media.bandwidth.iter().for_each(|line| out.push("bandwidth", bandwidth(line)));
    out
}

/// The fields of a session or of a media description.
struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    const fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn done(self) -> Value {
        Value::Object(self.0.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn put(&mut self, name: &'static str, value: Value) {
        self.0.insert(name, value);
    }

    fn maybe(&mut self, name: &'static str, value: Option<Value>) {
        self.0.extend(value.map(|value| (name, value)));
    }

    fn push(&mut self, name: &'static str, value: Value) {
        if let Value::Array(list) = self.0.entry(name).or_insert_with(|| json!([])) {
            list.push(value);
        }
    }

    fn attribute(&mut self, attribute: &Attribute<'_>) {
        match attribute {
            Attribute::Candidate(found) => self.push("candidates", candidate(found)),
            Attribute::RtcpFb(found) => self.feedback(found),
            Attribute::Rtpmap(_)
            | Attribute::Fmtp(_)
            | Attribute::Extmap(_)
            | Attribute::Ssrc(_)
            | Attribute::SsrcGroup(_)
            | Attribute::Msid(_)
            | Attribute::Rid(_)
            | Attribute::Group(_) => self.listed(attribute),
            _ => self.single(attribute),
        }
    }

    /// What may stand many times.
    fn listed(&mut self, attribute: &Attribute<'_>) {
        match attribute {
            Attribute::Rtpmap(map) => {
                let mut value = json!({ "payload": map.payload_type.number(), "codec": word(&map.encoding), "rate": map.clock_rate });
                add(&mut value, "encoding", map.parameters.as_deref());
                self.push("rtp", value);
            }
            Attribute::Fmtp(fmtp) => self.push(
                "fmtp",
                json!({ "payload": word(&fmtp.format), "config": word(&fmtp.parameters) }),
            ),
            Attribute::Extmap(map) => self.push("ext", extension(map)),
            Attribute::Ssrc(source) => {
                let mut value = json!({ "id": source.ssrc.0, "attribute": word(&source.name) });
                add(&mut value, "value", source.value.as_deref());
                self.push("ssrcs", value);
            }
            Attribute::SsrcGroup(group) => {
                let ssrcs: Vec<_> = group.ssrcs.iter().map(ToString::to_string).collect();
                self.push(
                    "ssrcGroups",
                    json!({ "semantics": word(&group.semantics), "ssrcs": word(&ssrcs.join(" ")) }),
                );
            }
            Attribute::Msid(msid) => {
                let mut value = json!({ "id": word(&msid.stream) });
                add(&mut value, "appdata", msid.track.as_deref());
                self.push("msid", value);
            }
            Attribute::Rid(rid) => {
                let direction = if rid.direction == RidDirection::Send { "send" } else { "recv" };
                let mut value = json!({ "id": word(&rid.id), "direction": direction });
                add(&mut value, "params", Some(&*rid.restrictions).filter(|text| !text.is_empty()));
                self.push("rids", value);
            }
            Attribute::Group(group) => {
                let mids: Vec<_> = group.mids.iter().map(Token::as_str).collect();
                self.push(
                    "groups",
                    json!({ "type": word(&group.semantics), "mids": word(&mids.join(" ")) }),
                );
            }
            _ => {}
        }
    }

    /// What counts once: the last of many.
    fn single(&mut self, attribute: &Attribute<'_>) {
        let text = attribute.to_string();
        let value = text.split_once(':').map_or(&text["a=".len()..], |(_, value)| value);
        let name = match attribute {
            Attribute::IceUfrag(_) => "iceUfrag",
            Attribute::IcePwd(_) => "icePwd",
            // The first option only.
            Attribute::IceOptions(_) => return self.put("iceOptions", word(first_word(value))),
            Attribute::IceLite => "icelite",
            Attribute::EndOfCandidates => "endOfCandidates",
            Attribute::Setup(_) => "setup",
            Attribute::Connection(_) => "connectionType",
            Attribute::Mid(_) => "mid",
            Attribute::BundleOnly => "bundleOnly",
            Attribute::Direction(_) => "direction",
            Attribute::RtcpMux => "rtcpMux",
            Attribute::RtcpRsize => "rtcpRsize",
            Attribute::ExtmapAllowMixed => "extmapAllowMixed",
            Attribute::SctpPort(_) => "sctpPort",
            Attribute::MaxMessageSize(_) => "maxMessageSize",
            Attribute::Ptime(_) => "ptime",
            Attribute::Maxptime(_) => "maxptime",
            Attribute::Framerate(_) => "framerate",
            Attribute::Fingerprint(found) => {
                let value =
                    json!({ "type": word(&found.hash_function), "hash": word(&found.digest) });
                return self.put("fingerprint", value);
            }
            Attribute::Rtcp(found) => {
                let mut value = json!({ "port": found.port });
                if let Some(address) = &found.address {
                    add(&mut value, "netType", Some("IN"));
                    value["ipVer"] = version(address);
                    add(&mut value, "address", Some(&address.address));
                }
                return self.put("rtcp", value);
            }
            Attribute::Sctpmap(map) => {
                return self.put("sctpmap", json!({ "sctpmapNumber": map.port, "app": word(&map.protocol), "maxMessageSize": map.streams }));
            }
            Attribute::MsidSemantic(found) => {
                return self.put("msidSemantic", semantic(&found.text));
            }
            Attribute::Simulcast(found) => return self.put("simulcast", simulcast(found)),
            _ => return,
        };
        self.put(name, word(value));
    }

    fn feedback(&mut self, found: &RtcpFb<'_>) {
        let payload = found.payload_type.map_or(json!("*"), |payload| json!(payload.number()));
        if let Feedback::MinimumInterval(interval) = found.feedback {
            return self.push("rtcpFbTrrInt", json!({ "payload": payload, "value": interval }));
        }
        // Of the words behind the first two nothing is shown.
        let text = found.feedback.to_string();
        let mut words = text.split(' ');
        let mut value = json!({ "payload": payload });
        add(&mut value, "type", words.next());
        add(&mut value, "subtype", words.next());
        self.push("rtcpFb", value);
    }
}

fn candidate(found: &Candidate<'_>) -> Value {
    let mut value = json!({
        "foundation": word(&found.foundation),
        "component": found.component,
        "transport": word(&found.transport),
        "priority": found.priority,
        "ip": word(&found.address.to_string()),
        "port": found.port,
        "type": word(found.kind.as_str()),
    });
    if let Some(related) = &found.related {
        value["raddr"] = word(&related.address.to_string());
        value["rport"] = json!(related.port);
    }
    add(&mut value, "tcptype", found.tcp_type.map(TcpType::as_str));
    for name in ["generation", "network-id", "network-cost"] {
        add(&mut value, name, found.extension(name));
    }
    value
}

fn extension(map: &Extmap<'_>) -> Value {
    let mut value = json!({ "value": map.id });
    add(&mut value, "direction", map.direction.map(Direction::as_str));
    let mut rest = map.attributes.as_deref();
    if map.uri == "urn:ietf:params:rtp-hdrext:encrypt" {
        add(&mut value, "encrypt-uri", Some(&map.uri));
        add(&mut value, "uri", rest.map(first_word));
        rest = rest.and_then(|rest| rest.split_once(' ')).map(|(_, config)| config);
    } else {
        add(&mut value, "uri", Some(&map.uri));
    }
    // The first word only.
    add(&mut value, "config", rest.map(first_word));
    value
}

fn simulcast(found: &Simulcast<'_>) -> Value {
    let mut value = Value::Object(Map::new());
    let text = found.to_string();
    let mut words = text.split(' ');
    for (direction, list) in [("dir1", "list1"), ("dir2", "list2")] {
        add(&mut value, direction, words.next());
        add(&mut value, list, words.next());
    }
    value
}

/// With a blank before it or without; the first stream only.
fn semantic(text: &str) -> Value {
    let trimmed = text.strip_prefix(' ').unwrap_or(text);
    let (semantic, streams) = trimmed.split_once(' ').unwrap_or(("", trimmed));
    json!({ "semantic": word(semantic), "token": word(first_word(streams)) })
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

fn connection(found: &Connection<'_>) -> Value {
    json!({ "version": version(found), "ip": word(&found.address) })
}

fn version(found: &Connection<'_>) -> Value {
    let six = found.address_type == AddressType::Ip6;
    json!(if six { 6 } else { 4 })
}

fn bandwidth(found: &Bandwidth<'_>) -> Value {
    json!({ "type": found.kind.as_str(), "limit": found.value })
}

fn add(value: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        value[name] = word(text);
    }
}

/// A number, where JavaScript would write it so.
fn word(text: &str) -> Value {
    let whole = text.parse::<i64>().ok().filter(|number| number.abs() < 1 << 53);
    if let Some(number) = whole.filter(|number| number.to_string() == text) {
        return json!(number);
    }
    let broken = text.contains('.').then(|| text.parse::<f64>().ok()).flatten();
    if let Some(number) = broken.filter(|number| number.to_string() == text) {
        return json!(number);
    }
    json!(text)
}
