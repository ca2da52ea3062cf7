"""Multiplies matrices with numpy's BLAS, not with BLIS, whose wheels lack a kernel for many CPUs.

Given to `spacy train` as `--code`; where BLIS has only its generic kernel (AMD EPYC) matrix
products are three times as fast.
"""

from __future__ import annotations

import numpy as np
from thinc.api import NumpyOps


def _gemm(  # type: ignore[no-untyped-def]
    self: NumpyOps, x, y, out=None, trans1: bool = False, trans2: bool = False
):
    left, right = (x.T if trans1 else x), (y.T if trans2 else y)
    return np.dot(left, right, out=out) if out is not None else np.dot(left, right)


NumpyOps.gemm = _gemm
