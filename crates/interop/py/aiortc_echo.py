"""aiortc against the echo server: messages, sound and pictures, there and back. Prints a note."""

import asyncio
import fractions
import sys
import time

import numpy
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame
from signalling import exchange

SECONDS = 4
RATE = 48_000
SAMPLES = 960


class Picture(VideoStreamTrack):
    """Stripes that wander."""

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        row = (numpy.arange(320 * 3) + pts // 300) % 256
        frame = VideoFrame.from_ndarray(numpy.tile(row.astype(numpy.uint8).reshape(1, 320, 3), (240, 1, 1)), "rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """440 Hz."""

    def __init__(self):
        super().__init__()
        self.at, self.started = 0, time.monotonic()

    async def recv(self):
        await asyncio.sleep(max(0, self.started + self.at / RATE - time.monotonic()))
        angle = 2 * numpy.pi * 440 * (self.at + numpy.arange(SAMPLES)) / RATE
        frame = AudioFrame.from_ndarray((8000 * numpy.sin(angle)).astype(numpy.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.at, fractions.Fraction(1, RATE)
        self.at += SAMPLES
        return frame


async def gather(returned, count, limited):
    """Up to `count` messages; fewer where some may be lost, as on a machine that is slow."""
    back = []
    while len(back) < count:
        try:
            back.append(await asyncio.wait_for(returned.get(), 2 if limited else 10))
        except asyncio.TimeoutError:
            break
    return back


async def channels(pc):
    """Channels of every kind, opened while the connection stands, closed, and opened again."""
    kinds = [
        {"ordered": True, "protocol": "proto"},
        {"ordered": False},
        {"ordered": False, "maxRetransmits": 0},
        {"maxPacketLifeTime": 1000},
    ]
    for n, kind in enumerate(kinds * 2):
        channel = pc.createDataChannel(f"kind {n}", **kind)
        opened, closed, returned = asyncio.Event(), asyncio.Event(), asyncio.Queue()
        channel.on("open", opened.set)
        channel.on("close", closed.set)
        channel.on("message", returned.put_nowait)
        await asyncio.wait_for(opened.wait(), 10)
        sent = [f"{n} {i}" + "x" * (i * 300) for i in range(50)]
        for message in sent:
            channel.send(message)
        limited = "maxRetransmits" in kind or "maxPacketLifeTime" in kind
        back = await gather(returned, len(sent), limited)
        missing = len(sent) - len(back)
        assert back and (limited or not missing), f"{missing} messages of channel {kind} are missing"
        assert sorted(back) == sorted(m for m in sent if m in back), f"channel {kind} came back changed"
        if kind.get("ordered", True):
            assert back == [m for m in sent if m in back], f"channel {kind} came back out of order"
        channel.close()
        await asyncio.wait_for(closed.wait(), 10)


async def call(url, codec):
    """A call with pictures in `codec`; returns what came back, in words."""
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    back = {"audio": 0, "video": 0, "loud": 0}
    tasks = []

    async def consume(track):
        while True:
            frame = await track.recv()
            if track.kind == "audio":
                back["loud"] += int(numpy.abs(frame.to_ndarray()).mean() > 500)
            elif frame.to_ndarray(format="gray").std() < 20:
                continue  # Not a stripe in sight.
            back[track.kind] += 1

    pc.on("track", lambda track: tasks.append(asyncio.ensure_future(consume(track))))
    pc.addTrack(Tone())
    pc.addTrack(Picture())
    codecs = RTCRtpSender.getCapabilities("video").codecs
    pc.getTransceivers()[1].setCodecPreferences([c for c in codecs if c.name == codec or c.name == "rtx"])

    channel = pc.createDataChannel("echo")
    messages = ["text", "Grüße, 🦀", b"", b"\x00" * 1000, "x" * 60_000]
    returned = asyncio.Queue()
    channel.on("open", lambda: [channel.send(message) for message in messages])
    channel.on("message", returned.put_nowait)

    await pc.setLocalDescription(await pc.createOffer())
    answer = exchange(url, pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    for message in messages:
        assert await asyncio.wait_for(returned.get(), 15) == message, "a message came back changed"
    await channels(pc)
    await asyncio.sleep(SECONDS)
    for task in tasks:
        task.cancel()
    await pc.close()

    assert back["video"] >= 15 * SECONDS, f"{back['video']} frames of {codec} came back"
    assert back["loud"] >= 35 * SECONDS, f"{back['loud']} of {back['audio']} packets of sound were loud"
    return f"{codec} {back['video']} frames decoded, opus {back['audio']}"


async def main(url):
    notes = [await call(url, codec) for codec in ("VP8", "H264")]
    print(f"{len(notes)} calls of {SECONDS} s: " + "; ".join(notes))


asyncio.run(main(sys.argv[1]))
