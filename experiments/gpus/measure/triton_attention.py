"""A forward kernel of attention in Triton: FlashAttention-2's loop, as short as it can be."""

import torch
import triton
import triton.language as tl


@triton.jit
def _attention(
    q, k, v, o, heads, group, seqlen_q, seqlen_kv, scale_log2,
    SIZE: tl.constexpr, ROWS: tl.constexpr, KEYS: tl.constexpr, CAUSAL: tl.constexpr,
):
    tile = tl.program_id(0)
    head = tl.program_id(1)
    key_head = (head // heads) * (heads // group) + (head % heads) // group
    rows = tile * ROWS + tl.arange(0, ROWS)
    columns = tl.arange(0, SIZE)
    q += head.to(tl.int64) * seqlen_q * SIZE
    o += head.to(tl.int64) * seqlen_q * SIZE
    k += key_head.to(tl.int64) * seqlen_kv * SIZE
    v += key_head.to(tl.int64) * seqlen_kv * SIZE
    places = rows[:, None] * SIZE + columns[None, :]
    inside = rows[:, None] < seqlen_q
    queries = tl.load(q + places, mask=inside, other=0.0)
    greatest = tl.full([ROWS], float("-inf"), tl.float32)
    total = tl.zeros([ROWS], tl.float32)
    result = tl.zeros([ROWS, SIZE], tl.float32)
    end = seqlen_kv
    if CAUSAL:
        end = tl.minimum(seqlen_kv, (tile + 1) * ROWS + seqlen_kv - seqlen_q)
    for start in range(0, end, KEYS):
        keys = start + tl.arange(0, KEYS)
        columns_of_keys = tl.load(k + keys[None, :] * SIZE + columns[:, None], mask=keys[None, :] < seqlen_kv, other=0.0)
        scores = tl.dot(queries, columns_of_keys) * scale_log2
        seen = keys[None, :] < seqlen_kv
        if CAUSAL:
            seen = seen & (keys[None, :] <= rows[:, None] + seqlen_kv - seqlen_q)
        scores = tl.where(seen, scores, float("-inf"))
        now = tl.maximum(greatest, tl.max(scores, 1))
        weights = tl.exp2(scores - now[:, None])
        correction = tl.exp2(greatest - now)
        values = tl.load(v + keys[:, None] * SIZE + columns[None, :], mask=keys[:, None] < seqlen_kv, other=0.0)
        total = total * correction + tl.sum(weights, 1)
        result = result * correction[:, None] + tl.dot(weights.to(values.dtype), values)
        greatest = now
    tl.store(o + places, (result / total[:, None]).to(o.dtype.element_ty), mask=inside)


def triton_attention(q, k, v, causal):
    """Queries, keys and values are (batch, heads, length, size), contiguous, of one size that is a power of 2, 16 to 256."""
    batch, heads, seqlen_q, size = q.shape
    if k.shape[-1] != size or v.shape[-1] != size or size not in (16, 32, 64, 128, 256):
        raise ValueError(f"head sizes {size} and {v.shape[-1]} are not one power of 2 from 16 to 256")
    o = torch.empty_like(q)
    rows = 128 if seqlen_q > 64 else 16
    keys = 64 if size <= 128 else 32
    grid = (triton.cdiv(seqlen_q, rows), batch * heads)
    scale_log2 = size**-0.5 * 1.4426950408889634
    _attention[grid](
        q, k, v, o, heads, heads // k.shape[1], seqlen_q, k.shape[2], scale_log2,
        SIZE=size, ROWS=rows, KEYS=keys, CAUSAL=causal, num_warps=8 if size >= 128 else 4, num_stages=2,
    )
    return o
