"""CPace, written from docs/link.md with plain integers and without our own code."""

import hashlib
import hmac

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
A = 486662
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
DOMAIN = b"indoor-voice pairing 2"

Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def root(square: int) -> int:
    """Return the even square root of a number that has one."""
    found = pow(square, (P + 3) // 8, P)
    if (found * found - square) % P:
        found = found * ROOT_OF_MINUS_ONE % P
    assert (found * found - square) % P == 0
    return P - found if found % 2 else found


def is_square(value: int) -> bool:
    return pow(value, (P - 1) // 2, P) in (0, 1)


def add(one: Point, other: Point) -> Point:
    (x, y), (u, v) = one, other
    mixed = D * x * y * u * v % P
    return (
        (x * v + y * u) * pow(1 + mixed, -1, P) % P,
        (y * v + x * u) * pow(1 - mixed, -1, P) % P,
    )


def times(scalar: int, point: Point) -> Point:
    product = IDENTITY
    while scalar:
        if scalar % 2:
            product = add(product, point)
        point = add(point, point)
        scalar //= 2
    return product


def encoded(point: Point) -> bytes:
    x, y = point
    return (y | (x % 2) << 255).to_bytes(32, "little")


def decoded(text: bytes) -> Point:
    number = int.from_bytes(text, "little")
    y, odd = number % 2**255, number >> 255
    x = root((y * y - 1) * pow(D * y * y + 1, -1, P) % P)
    return (P - x if odd else x, y)


def joined(*parts: bytes) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in parts)


def generator(code: str, first: bytes, second: bytes) -> Point:
    zeros = bytes(128 - 1 - len(joined(DOMAIN, code.encode())))
    identities = joined(b"initiator", first, b"responder", second)
    text = joined(DOMAIN, code.encode(), zeros, identities, b"")
    number = int.from_bytes(hashlib.sha512(text).digest()[:32], "little")
    r, odd = number % 2**255, number >> 255
    u = -A * pow(1 + 2 * r * r, -1, P) % P
    if not is_square(u * (u * u + A * u + 1) % P):
        u = (-u - A) % P
    y = (u - 1) * pow(u + 1, -1, P) % P
    x = root((y * y - 1) * pow(D * y * y + 1, -1, P) % P)
    return times(8, (P - x if odd else x, y))


def key(shared: Point, first: bytes, second: bytes) -> bytes:
    text = joined(DOMAIN + b"_ISK", b"", encoded(shared)) + joined(first, b"", second, b"")
    return hashlib.sha512(text).digest()


def confirmation(secret: bytes, role: bytes, first: bytes, second: bytes) -> bytes:
    """Return one block of HKDF-SHA256 without salt."""
    drawn = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(drawn, b" ".join((DOMAIN, role, first + second)) + b"\x01", "sha256")
