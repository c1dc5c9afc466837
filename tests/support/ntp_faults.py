"""An NTP server for tests with every fault that a server can have, on a free loopback port."""

import contextlib
import socket
import struct
import threading
import time

NTP_UNIX_S = 2_208_988_800  # from 1900 to 1970, RFC 868


def stamp(unix_s):
    """An NTP timestamp of 8 bytes; its seconds wrap in 2036."""
    whole = int(unix_s // 1)
    return struct.pack("!II", (whole + NTP_UNIX_S) % 2**32, int((unix_s - whole) * 2**32))


def reply(
    question,
    *,
    ahead_s=0.0,
    leap=0,
    mode=4,
    stratum=2,
    precision=-24,
    delay_s=0.0,
    dispersion_s=0.0,
    ref_id=b"\x7f\0\0\1",
    origin=None,
    held_s=0.0,
    transmit=None,
):
    """The 48 bytes of an answer (RFC 5905 section 7.3), faultless unless told otherwise."""
    now_s = time.time() + ahead_s
    return (
        struct.pack(
            "!BBbbII",
            leap << 6 | 4 << 3 | mode,
            stratum,
            6,
            precision,
            int(delay_s * 65536),
            int(dispersion_s * 65536),
        )
        + ref_id
        + stamp(now_s - 1)
        + (question[40:48] if origin is None else origin)
        + stamp(now_s)
        + (stamp(now_s + held_s) if transmit is None else transmit)
    )


@contextlib.contextmanager
def server(answers, family=socket.AF_INET):
    """A UDP server; answers(question, number) gives the packets to send back. Yields HOST:PORT and
    the list of questions that came."""
    questions = []
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    port = sock.getsockname()[1]

    def serve():
        while True:
            question, client = sock.recvfrom(1024)
            if not question:
                return
            questions.append(question)
            for packet in answers(question, len(questions)):
                sock.sendto(packet, client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield (f"[::1]:{port}" if family == socket.AF_INET6 else f"127.0.0.1:{port}"), questions
    finally:
        with socket.socket(family, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", sock.getsockname())
        thread.join()
        sock.close()


def faulty(family=socket.AF_INET, **changes):
    return server(lambda question, number: [reply(question, **changes)], family)


def silent():
    return server(lambda question, number: [])
