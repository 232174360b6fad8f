"""Checks kernels and reference on a CPU: needs PyTorch; Triton runs in its interpreter. python3 -m unittest test_kernels"""

import os
import unittest

os.environ["TRITON_INTERPRET"] = "1"

import torch

import kernels
from shapes import parse_shape

kernels.DEVICE = "cpu"


class Kernels(unittest.TestCase):
    def test_reference_is_that_of_pytorch(self):
        for text in ("2x4x33 d16", "2x4x33 d16 causal", "1x4/2x5:70 d32/16"):
            shape = parse_shape(text)
            q, k, v = (t.double() for t in kernels.make_inputs(shape, "fp16", False))
            expected = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=shape.causal, enable_gqa=True)
            self.assertLess(kernels.relative_error(kernels.reference(q, k, v, shape.causal), expected), 1e-6)

    def test_kernels_are_right_with_their_gradients(self):
        for kernel, gradients in (("math", True), ("triton", False)):
            for text in ("2x4x300 d64", "2x4x300 d64 causal", "4x4/2x1:300 d128"):
                with self.subTest(kernel=kernel, shape=text):
                    shape = parse_shape(text)
                    error = kernels.error_small(kernel, shape, "fp16", gradients and shape.seqlen_q > 1)
                    self.assertLess(error, kernels.TOLERANCE["fp16"])
                    q, k, v = kernels.make_inputs(shape, "fp16", False)
                    result = kernels.forward(kernel, q, k, v, shape.causal)
                    self.assertLess(kernels.error_large(result, q, k, v, shape.causal), kernels.TOLERANCE["fp16"])

    def test_a_wrong_result_is_seen(self):
        shape = parse_shape("1x2x128 d64 causal")
        q, k, v = kernels.make_inputs(shape, "fp16", False)
        masked_otherwise = kernels.forward("math", q, k, v, False)
        self.assertGreater(kernels.error_large(masked_otherwise, q, k, v, True), kernels.TOLERANCE["fp16"])

    def test_what_a_kernel_does_not_take_is_told(self):
        q, k, v = kernels.make_inputs(parse_shape("1x2x16 d48"), "fp16", False)
        with self.assertRaisesRegex(kernels.Unsupported, "48"):
            kernels.forward("triton", q, k, v, False)
        q, k, v = kernels.make_inputs(parse_shape("1x2x8:16 d64"), "fp16", False)
        with self.assertRaisesRegex(kernels.Unsupported, "causal"):
            kernels.forward("math", q, k, v, True)


if __name__ == "__main__":
    unittest.main()
