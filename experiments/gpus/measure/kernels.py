"""The kernels that are measured, and a reference in fp32 that they are checked against. All of it needs PyTorch."""

import torch
import torch.nn.functional as functional
from torch.nn.attention import SDPBackend, sdpa_kernel

# Relative error, of all elements together, beyond which a kernel is wrong and not measured.
TOLERANCE = {"fp16": 5e-3, "bf16": 3e-2}
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}
# Queries of the large shape that are checked, at its end.
CHECKED_QUERIES = 64
DEVICE = "cuda"


class Unsupported(Exception):
    """A kernel does not take a shape."""


def names():
    """Kernels by the name of the option, as a row names them."""
    return {
        "flash": f"torch SDPA flash_attn, torch {torch.__version__}",
        "cudnn": f"torch SDPA cuDNN {torch.backends.cudnn.version()}, torch {torch.__version__}",
        "efficient": f"torch SDPA memory-efficient, torch {torch.__version__}",
        "math": f"torch SDPA math (unfused), torch {torch.__version__}",
        "triton": f"Triton {_triton_version()} flash forward",
    }


def _triton_version():
    try:
        import triton
    except ImportError:
        return "(not installed)"
    return triton.__version__


def forward(kernel, q, k, v, causal):
    """The result of a kernel; `Unsupported` if it does not take the shape."""
    if causal and q.shape[2] != k.shape[2]:
        # PyTorch masks from the first key on, rows of points count from the last.
        raise Unsupported("causal with fewer queries than keys")
    try:
        if kernel == "triton":
            from triton_attention import triton_attention

            return triton_attention(q, k, v, causal)
        backend = {
            "flash": SDPBackend.FLASH_ATTENTION,
            "cudnn": SDPBackend.CUDNN_ATTENTION,
            "efficient": SDPBackend.EFFICIENT_ATTENTION,
            "math": SDPBackend.MATH,
        }[kernel]
        grouped = {"enable_gqa": True} if q.shape[1] != k.shape[1] else {}
        with sdpa_kernel(backend):
            return functional.scaled_dot_product_attention(q, k, v, is_causal=causal, **grouped)
    except (ImportError, ValueError, TypeError, RuntimeError) as error:
        raise Unsupported(str(error).splitlines()[0]) from error


def make_inputs(shape, dtype, gradients, seed=0):
    generator = torch.Generator(device=DEVICE).manual_seed(seed)

    def tensor(heads, length, size):
        values = torch.randn(shape.batch, heads, length, size, generator=generator, device=DEVICE, dtype=DTYPES[dtype])
        return values.requires_grad_(gradients)

    q = tensor(shape.heads_q, shape.seqlen_q, shape.head_dim_qk)
    k = tensor(shape.heads_kv, shape.seqlen_kv, shape.head_dim_qk)
    v = tensor(shape.heads_kv, shape.seqlen_kv, shape.head_dim_v)
    return q, k, v


def reference(q, k, v, causal, first_query=0):
    """Softmax attention in fp32; `first_query` is the place of q[..., 0, :] among all queries."""
    group = q.shape[1] // k.shape[1]
    k, v = (t.float().repeat_interleave(group, dim=1) for t in (k, v))
    scores = q.float() @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if causal:
        rows = torch.arange(q.shape[2], device=q.device)[:, None] + first_query
        keys = torch.arange(k.shape[2], device=q.device)[None, :]
        scores = scores.masked_fill(keys > rows, float("-inf"))
    return scores.softmax(-1) @ v


def relative_error(found, expected):
    return ((found.float() - expected).norm() / expected.norm()).item()


def error_small(kernel, shape, dtype, gradients):
    """The largest relative error, of the result and of the gradients, at a small shape with the same heads and mask."""
    small = type(shape)(
        1, 2 * shape.heads_q // shape.heads_kv, 2, shape.head_dim_qk, shape.head_dim_v,
        min(shape.seqlen_q, 200), min(shape.seqlen_kv, 200), shape.causal,
    )
    inputs = make_inputs(small, dtype, gradients)
    exact = [t.detach().float().requires_grad_(gradients) for t in inputs]
    found = forward(kernel, *inputs, small.causal)
    expected = reference(*exact, small.causal)
    errors = [relative_error(found, expected)]
    if gradients:
        upstream = torch.randn_like(found)
        pairs = zip(
            torch.autograd.grad(found, inputs, upstream),
            torch.autograd.grad(expected, exact, upstream.float()),
        )
        errors += [relative_error(a, b) for a, b in pairs]
    return max(errors)


def error_large(result, q, k, v, causal):
    """Relative error of the last queries of the last head of the last sequence, at the shape that is measured."""
    queries = min(CHECKED_QUERIES, q.shape[2])
    first = q.shape[2] - queries
    with torch.no_grad():
        expected = reference(q[-1:, -1:, first:], k[-1:, -1:], v[-1:, -1:], causal, first)
    return relative_error(result[-1:, -1:, first:].detach(), expected)
