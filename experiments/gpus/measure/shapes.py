"""Shapes that are measured: as text on the command line, as fields of a row, and the usual list of them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Shape:
    """One call of a kernel; lengths in tokens."""

    batch: int
    heads_q: int
    heads_kv: int
    head_dim_qk: int
    head_dim_v: int
    seqlen_q: int
    seqlen_kv: int
    causal: bool = False

    def __post_init__(self):
        for name, value in dataclasses.asdict(self).items():
            if name != "causal" and value < 1:
                raise ValueError(f"{name} is {value}, but must be at least 1")
        if self.heads_q % self.heads_kv != 0:
            raise ValueError(f"{self.heads_q} query heads cannot share {self.heads_kv} key heads evenly")
        if self.causal and self.seqlen_q > self.seqlen_kv:
            raise ValueError("under a causal mask there must be as many keys as queries")


def parse_shape(text):
    """"4x32/8x4096:8192 d192/128 causal": batch, heads of queries and of keys, queries and keys, head sizes."""
    words = text.split()
    try:
        batch, heads, lengths = words[0].split("x")
        if not words[1].startswith("d") or words[2:] not in ([], ["causal"]):
            raise ValueError
        heads_q, heads_kv = _pair(heads, "/")
        seqlen_q, seqlen_kv = _pair(lengths, ":")
        head_dim_qk, head_dim_v = _pair(words[1][1:], "/")
        numbers = (int(batch), heads_q, heads_kv, head_dim_qk, head_dim_v, seqlen_q, seqlen_kv)
    except (ValueError, IndexError):
        raise ValueError(f'"{text}" is no shape; one is "4x32x8192 d128 causal" or "64x32/8x1:4096 d128"') from None
    return Shape(*numbers, causal=len(words) == 3)


def _pair(text, separator):
    first, *rest = (int(part) for part in text.split(separator))
    if len(rest) > 1:
        raise ValueError(text)
    return first, rest[0] if rest else first


def shape_text(shape):
    """What `parse_shape` reads."""
    one = lambda a, b, separator: f"{a}" if a == b else f"{a}{separator}{b}"
    heads = one(shape.heads_q, shape.heads_kv, "/")
    lengths = one(shape.seqlen_q, shape.seqlen_kv, ":")
    sizes = one(shape.head_dim_qk, shape.head_dim_v, "/")
    return f"{shape.batch}x{heads}x{lengths} d{sizes}{' causal' if shape.causal else ''}"


# 16K tokens, heads that are 2048 wide together: the shapes of the charts of FlashAttention. Then grouped queries.
TRAINING = [
    Shape(16384 // length, 2048 // size, 2048 // size, size, size, length, length, causal)
    for size in (64, 128, 256)
    for length in (512, 1024, 2048, 4096, 8192, 16384)
    for causal in (False, True)
] + [Shape(2, 64, 8, 128, 128, length, length, causal) for length in (2048, 8192) for causal in (False, True)]

# One query a sequence: caches of 16K to 4M keys, few and many sequences, grouped queries and not.
DECODING = [
    Shape(batch, heads_q, heads_kv, 128, 128, 1, length)
    for heads_q, heads_kv in ((32, 32), (32, 8))
    for batch, length in ((1, 16384), (1, 65536), (8, 4096), (16, 8192), (64, 2048), (128, 8192))
]


def operations(shape, pass_name):
    """Of the products of matrices, 2 a multiply-accumulate, half of them where causal."""
    forward = shape.head_dim_qk + shape.head_dim_v
    backward = 3 * shape.head_dim_qk + 2 * shape.head_dim_v
    columns = {"fwd": forward, "decode": forward, "bwd": backward, "fwd+bwd": forward + backward}[pass_name]
    pairs = shape.seqlen_q * shape.seqlen_kv / (2 if shape.causal else 1)
    return 2 * shape.batch * shape.heads_q * pairs * columns
