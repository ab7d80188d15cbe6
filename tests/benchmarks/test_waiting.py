"""Readers that wait, against a server that says what it is told to."""

import asyncio

import pytest
from benchmarks.waiting import Waiting, events, long_polls


async def _learned(waiting: Waiting, answers: list[bytes], count: int) -> tuple[list[int], list[bytes]]:
    """The first positions that a reader from position 4 on learns of, and the requests that it made."""
    requests: list[bytes] = []
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for each in answers:
            requests.append((await reader.readuntil(b"\r\n\r\n")).splitlines()[0])
            writer.write(each)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        found: list[int] = []
        reading = waiting(server.sockets[0].getsockname()[1], 4, asyncio.Event())
        async for position in reading:
            found.append(position)
            if len(found) == count:
                break
        await reading.aclose()
        await gone.wait()
    return found, requests


@pytest.mark.anyio
async def test_a_long_poll_goes_on_where_the_answer_left_off() -> None:
    first = b"HTTP/1.1 200 OK\r\nHub-Next: 6\r\nContent-Length: 2\r\n\r\n{}"
    second = b"HTTP/1.1 200 OK\r\nHub-Next: 7\r\nContent-Length: 2\r\n\r\n{}"

    found, requests = await _learned(long_polls, [first, second], 3)

    assert found == [5, 6, 7]
    assert requests == [b"GET /v1/feed?after=4&wait=60 HTTP/1.1", b"GET /v1/feed?after=6&wait=60 HTTP/1.1"]


@pytest.mark.anyio
async def test_a_reader_of_events_learns_positions_from_their_ids() -> None:
    stream = b"HTTP/1.1 200 OK\r\n\r\nretry: 2000\n\nid: 1.5\ndata: {}\n\nid: 1.6\ndata: {}\n\n"

    found, _ = await _learned(events, [stream], 2)

    assert found == [5, 6]
