"""Keccak-256 as Ethereum has it: the padding that was proposed for SHA-3, which hashlib's SHA-3 changed."""

RATE = 136
MASK = (1 << 64) - 1
ROUNDS = 24


def keccak_256(message: bytes) -> bytes:
    padded = bytearray(message + b"\x01" + bytes(RATE - 1 - len(message) % RATE))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), RATE):
        for lane in range(RATE // 8):
            state[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permuted(state: list[int]) -> list[int]:
    register = 1
    for _ in range(ROUNDS):
        columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        parity = [columns[x - 1] ^ _rotated(columns[(x + 1) % 5], 1) for x in range(5)]
        state = [lane ^ parity[index % 5] for index, lane in enumerate(state)]
        x, y, current = 1, 0, state[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, state[x + 5 * y] = state[x + 5 * y], _rotated(current, (step + 1) * (step + 2) // 2 % 64)
        state = [state[i] ^ (~state[i - i % 5 + (i + 1) % 5] & state[i - i % 5 + (i + 2) % 5]) for i in range(25)]
        for bit in range(7):
            register = (register << 1 ^ (register >> 7) * 0x171) & 0xFF
            if register & 2:
                state[0] ^= 1 << (1 << bit) - 1
    return state


def _rotated(lane: int, by: int) -> int:
    return (lane << by | lane >> 64 - by) & MASK
