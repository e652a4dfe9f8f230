"""GStreamer's webrtcbin against the echo server: messages, sound and pictures, there and back.
Prints a note."""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC
from signalling import exchange

SECONDS = 4
GATHERING = 1500  # ms at most
CONNECTING = 10  # s at most
SOURCES = """
webrtcbin name=peer bundle-policy=max-bundle
audiotestsrc is-live=true ! audioconvert ! opusenc ! rtpopuspay pt=111
  ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer.
videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1
  ! vp8enc deadline=1 keyframe-max-dist=60 ! rtpvp8pay pt=96 picture-id-mode=15-bit
  ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer.
"""
DECODERS = {"VP8": "rtpvp8depay ! vp8dec", "OPUS": "rtpopusdepay ! opusdec"}

Gst.init(None)
loop = GLib.MainLoop()
pipeline = Gst.parse_launch(SOURCES)
peer = pipeline.get_by_name("peer")
back = {"VP8": 0, "OPUS": 0}
said = []
candidates = []
kept = []


def described(kind, text):
    _, message = GstSdp.SDPMessage.new_from_text(text)
    description = GstWebRTC.WebRTCSessionDescription.new(kind, message)
    # The binding frees both, although one owns the other: so neither is freed.
    kept.extend([message, description])
    return description


def arrived(_, pad):
    """A stream comes back: decode and count it."""
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    name = pad.get_current_caps().get_structure(0).get_string("encoding-name")
    decoder = f"queue ! {DECODERS[name]} ! fakesink name=sink async=false signal-handoffs=true"
    branch = Gst.parse_bin_from_description(decoder, True)
    branch.get_by_name("sink").connect("handoff", lambda *_: back.update({name: back[name] + 1}))
    pipeline.add(branch)
    branch.sync_state_with_parent()
    pad.link(branch.get_static_pad("sink"))


def offered(promise, *_):
    reply = promise.get_reply()
    offer = reply.get_value("offer")
    text = offer.sdp.as_text()
    kept.extend([reply, offer])
    peer.emit("set-local-description", described(GstWebRTC.WebRTCSDPType.OFFER, text), Gst.Promise.new())
    # Without trickling: the description with all candidates, a moment later.
    GLib.timeout_add(GATHERING, answered, text)


def answered(text):
    # All is bundled with the first section.
    head, media, rest = text.partition("a=mid:")
    mid, _, rest = rest.partition("\r\n")
    lines = "".join(f"a={candidate}\r\n" for candidate in candidates)
    text = exchange(sys.argv[1], f"{head}{media}{mid}\r\n{lines}{rest}")
    answer = described(GstWebRTC.WebRTCSDPType.ANSWER, text)
    peer.emit("set-remote-description", answer, Gst.Promise.new())
    return False


def opened(channel):
    channel.emit("send-string", "Grüße")


def over():
    loop.quit()
    return False


def connected(*_):
    state = peer.get_property("connection-state")
    if state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
        GLib.timeout_add(SECONDS * 1000, over)
    if state == GstWebRTC.WebRTCPeerConnectionState.FAILED:
        over()


peer.connect("pad-added", arrived)
peer.connect("on-ice-candidate", lambda _, section, candidate: candidates.append(candidate))
peer.connect("notify::connection-state", connected)
pipeline.set_state(Gst.State.READY)
data = peer.emit("create-data-channel", "echo", None)
data.connect("on-open", opened)
data.connect("on-message-string", lambda _, text: said.append(text))
create = lambda *_: peer.emit("create-offer", None, Gst.Promise.new_with_change_func(offered))
peer.connect("on-negotiation-needed", create)
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add((CONNECTING + SECONDS) * 1000, over)
loop.run()
state = peer.get_property("connection-state").value_nick
ice = peer.get_property("ice-connection-state").value_nick
wrong = None
if state == "failed" and ice in ("connected", "completed"):
    wrong = "the handshake failed"
elif state != "connected":
    wrong = f"the connection is {state}, ICE {ice}"
elif said != ["Grüße"] or min(back.values()) < 15 * SECONDS:
    wrong = f"came back: {said}, {back}"
print(wrong or f"in {SECONDS} s VP8 {back['VP8']} frames decoded, opus {back['OPUS']}", flush=True)
# Not by the interpreter's own end, which would free what is freed already.
os._exit(1 if wrong else 0)
