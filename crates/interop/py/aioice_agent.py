"""An agent of aioice that is driven by lines, and sends back what it hears."""

import asyncio
import sys

from aioice import Candidate, Connection

tasks = set()


def say(*words):
    print(*words, flush=True)


def start(work):
    task = asyncio.ensure_future(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def echo(connection):
    await connection.connect()
    say("state ready")
    while True:
        await connection.send(await connection.recv())


async def begin(controlling):
    """Gathers, and tells what it has; the candidates of the other side may come later."""
    connection = Connection(ice_controlling=controlling)
    await connection.gather_candidates()
    say("local", connection.local_username, connection.local_password)
    for candidate in connection.local_candidates:
        say("candidate", candidate.to_sdp())
    say("end")
    return connection


async def main(role, signalling, _):
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    connection, waiting = await begin(role == "controlling"), []
    while line := (await lines.readline()).decode().strip():
        word, _, rest = line.partition(" ")
        if word == "remote":
            connection.remote_username, connection.remote_password = rest.split(" ")
            if signalling == "trickled":
                start(echo(connection))
        elif word == "candidate":
            waiting.append(Candidate.from_sdp(rest))
            if signalling == "trickled":
                await connection.add_remote_candidate(waiting.pop())
        elif word == "end":
            for candidate in waiting:
                await connection.add_remote_candidate(candidate)
            waiting.clear()
            await connection.add_remote_candidate(None)
            if signalling == "whole":
                start(echo(connection))
        elif word == "restart":
            # It knows no restart: another agent takes its place.
            await connection.close()
            connection = await begin(role == "controlling")


asyncio.run(main(*sys.argv[1:]))
