"""Elliptic curves over prime fields: points, multiplication, checks, ECDSA verification. Pure.

`cryptography` adds no points, which PACE's mapping needs, and knows no brainpoolP320r1. Python's integers do not run in constant
time: private keys here live for one session.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from card_reader.chip.curve_table import CURVES
from card_reader.errors import DataError

_WINDOW = 4
Jacobian = tuple[int, int, int]
_INFINITY: Jacobian = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class Point:
    """A point that is on its curve and is not the point at infinity."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Curve:
    """y² = x³ + ax + b modulo p; `g` has the prime order n, the cofactor is 1."""

    name: str
    p: int
    a: int
    b: int
    g: Point
    n: int

    @property
    def size(self) -> int:
        """Bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    def holds(self, x: int, y: int) -> bool:
        """(x, y) satisfies the equation with both coordinates below p."""
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - x * x * x - self.a * x - self.b) % self.p == 0

    def decode(self, data: bytes) -> Point:
        """An uncompressed point. Raises: DataError: another form, or not on the curve (invalid-curve attacks end here)."""
        if len(data) != 2 * self.size + 1 or data[0] != 4:
            raise DataError("a point in a form that is not known")
        x, y = int.from_bytes(data[1 : 1 + self.size], "big"), int.from_bytes(data[1 + self.size :], "big")
        if not self.holds(x, y):
            raise DataError("a point that is not on its curve")
        return Point(x, y)

    def encode(self, point: Point) -> bytes:
        """04, x, y."""
        return b"\x04" + point.x.to_bytes(self.size, "big") + point.y.to_bytes(self.size, "big")

    def x_bytes(self, point: Point) -> bytes:
        """The shared secret of a key agreement."""
        return point.x.to_bytes(self.size, "big")

    def times(self, scalar: int, point: Point | None = None) -> Point:
        """scalar · point (the generator by default). Raises: DataError: the result is the point at infinity."""
        return self._affine(self._multiply(scalar % self.n, point or self.g))

    def plus(self, one: Point, other: Point) -> Point:
        """Raises: DataError: the result is the point at infinity."""
        return self._affine(self._add((one.x, one.y, 1), (other.x, other.y, 1)))

    def verifies(self, public: Point, digest: bytes, r: int, s: int) -> bool:
        """ECDSA: (r, s) is `public`'s signature of `digest`. SEC 1 §4.1.4."""
        if not (0 < r < self.n and 0 < s < self.n):
            return False
        excess = max(0, 8 * len(digest) - self.n.bit_length())
        e = int.from_bytes(digest, "big") >> excess
        w = pow(s, -1, self.n)
        both = self._add(self._multiply(e * w % self.n, self.g), self._multiply(r * w % self.n, public))
        return both[2] != 0 and self._affine(both).x % self.n == r

    def _multiply(self, scalar: int, point: Point) -> Jacobian:
        table = [_INFINITY, (point.x, point.y, 1)]
        for _ in range(2, 1 << _WINDOW):
            table.append(self._add(table[-1], table[1]))
        result = _INFINITY
        for shift in range(-(-scalar.bit_length() // _WINDOW) * _WINDOW - _WINDOW, -1, -_WINDOW):
            for _ in range(_WINDOW):
                result = self._double(result)
            result = self._add(result, table[scalar >> shift & (1 << _WINDOW) - 1])
        return result

    def _double(self, point: Jacobian) -> Jacobian:
        x, y, z = point
        p = self.p
        if not y or not z:
            return _INFINITY
        yy = y * y % p
        s = 4 * x * yy % p
        m = (3 * x * x + self.a * pow(z, 4, p)) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def _add(self, one: Jacobian, other: Jacobian) -> Jacobian:
        if not one[2] or not other[2]:
            return other if not one[2] else one
        (x1, y1, z1), (x2, y2, z2), p = one, other, self.p
        z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * z2z2 % p, x2 * z1z1 % p
        s1, s2 = y1 * z2 * z2z2 % p, y2 * z1 * z1z1 % p
        if u1 == u2:
            return self._double(one) if s1 == s2 else _INFINITY
        h, r = (u2 - u1) % p, (s2 - s1) % p
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p

    def _affine(self, point: Jacobian) -> Point:
        x, y, z = point
        if not z:
            raise DataError("a key agreement that ends at infinity")
        inverse = pow(z, -1, self.p)
        square = inverse * inverse % self.p
        return Point(x * square % self.p, y * square * inverse % self.p)


@cache
def curve(name: str) -> Curve:
    """A curve by its name. Raises: KeyError: not one of the standardised ones."""
    _, p, a, b, x, y, n = CURVES[name]
    return Curve(name, p, a, b, Point(x, y), n)


def by_parameter_id(number: int) -> Curve:
    """A curve by its id in EF.CardAccess. Raises: DataError: not an elliptic curve of the standard."""
    for name, parameters in CURVES.items():
        if parameters[0] == number:
            return curve(name)
    raise DataError(f"domain parameters {number} are not built")


def by_parameters(p: int, a: int, b: int, g: bytes, n: int, cofactor: int | None) -> Curve:
    """The named curve of explicit parameters, compared in every one of them: a curve with another generator is a forgery.

    `g` is the encoded generator. Raises: DataError: no standard curve has these parameters.
    """
    for name in CURVES:
        known = curve(name)
        if (known.p, known.a % p, known.b, known.n) == (p, a % p, b, n) and cofactor in {None, 1}:
            compressed = bytes([2 + known.g.y % 2]) + known.x_bytes(known.g)
            if g in {known.encode(known.g), compressed}:
                return known
    raise DataError("explicit curve parameters that no standard has")
