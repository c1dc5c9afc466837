"""The two loops of counter mode that run anywhere; see picototp.codes.aes_ctr."""


def fill(blocks: bytearray, first: bytes, number: int, count: int) -> None:
    """Write to `blocks` `count` counter blocks: `first`, 16 bytes, plus `number` and what follows.

    The whole block counts, modulo 2**128, its last byte lowest (NIST SP 800-38A, B.1).
    """
    for index in range(count):
        at = 16 * index + 15
        carry = number + index
        for place in range(15, -1, -1):
            carry += first[place]
            blocks[at] = carry & 0xFF
            carry >>= 8
            at -= 1


def mix(data: bytearray, start: int, stream: bytearray, skip: int, count: int) -> None:
    """XOR `count` bytes of `stream`, from `skip` on, into `data` from `start` on."""
    for index in range(count):
        data[start + index] ^= stream[skip + index]
