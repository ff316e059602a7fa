"""Operations and their gradients as PyTorch computes them, in double precision: writes operations.json.

    python3 packages/tensor/test/pytorch/operations.py

Debian's python3-torch 1.13 made the file that is here. A case is an expression of the library (a, b, c are tensors, T is the
package), its inputs, what PyTorch makes of them, the cotangents of its outputs, and the gradients of its inputs.
"""
import json
import math
import os

import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
cases = []


def grid(t, steps=1024):
    """Numbers that fixed point holds exactly."""
    return (t * steps).round() / steps


def rn(*shape, scale=1.5):
    return grid(torch.randn(list(shape)) * scale)


def pos(*shape, lo=0.1, hi=4.0):
    return grid(lo + torch.rand(list(shape)) * (hi - lo))


def distinct(*shape):
    """No two elements are equal: maxima and orders are the same everywhere."""
    n = math.prod(shape)
    return (torch.randperm(n).double().reshape(shape) - n / 2) / 4


def case(js, f, *inputs, grad=True, tol=None):
    """One case: the expression, the same for PyTorch, and the inputs. tol is relative to 1 + |value|."""
    ins = [x.clone().requires_grad_(grad) for x in inputs]
    y = f(*ins)
    ys = list(y) if isinstance(y, (tuple, list)) else [y]
    ups = grads = None
    if grad:
        g = torch.Generator().manual_seed(len(cases))
        wanted = [o.is_floating_point() and o.requires_grad for o in ys]
        ups = [grid(torch.randn(o.shape, generator=g), 8) if w else None for o, w in zip(ys, wanted)]
        total = sum((o * u).sum() for o, u in zip(ys, ups) if u is not None)
        grads = torch.autograd.grad(total, ins, allow_unused=True)
    numbers = lambda t: None if t is None else t.detach().double().flatten().tolist()
    tensor = lambda t: dict(shape=list(t.shape), data=numbers(t))
    cases.append(
        dict(
            js=js,
            inputs=[tensor(x) for x in inputs],
            outputs=[tensor(o) for o in ys],
            ups=ups and [numbers(u) for u in ups],
            grads=grads and [numbers(g) for g in grads],
            tol=tol,
        )
    )


# Arithmetic with broadcasting.

bshapes = [
    ((), ()),
    ((3,), ()),
    ((1,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((0,), (1,)),
    ((2, 0, 3), (3,)),
    ((2, 3, 4), (3, 1)),
    ((3, 1, 2), (1, 4, 1)),
    ((1, 1), (2,)),
]
for sa, sb in bshapes:
    a, b = rn(*sa), rn(*sb)
    case("a.add(b)", lambda a, b: a + b, a, b)
    case("a.sub(b)", lambda a, b: a - b, a, b)
    case("a.mul(b)", lambda a, b: a * b, a, b)
    d = pos(*sb) * torch.where(torch.rand(list(sb)) < 0.5, torch.tensor(-1.0), torch.tensor(1.0))
    d = grid(d)
    case("a.div(b)", lambda a, b: a / b, a, d)
    case("a.maximum(b)", lambda a, b: torch.maximum(a, b), a, b)
    case("a.minimum(b)", lambda a, b: torch.minimum(a, b), a, b)
    for op in ["eq", "ne", "lt", "le", "gt", "ge"]:
        bb = torch.where(torch.rand(list(sb)) < 0.5, b, grid(a.flatten()[0].expand(sb)) if a.numel() else b)
        case(f"a.{op}(b)", lambda a, b, op=op: getattr(a, op)(b).double(), a, bb, grad=False)
for s in [(), (1,), (0,), (5,), (2, 3)]:
    a = rn(*s)
    case("a.neg()", lambda a: -a, a)
    case("a.square()", lambda a: a * a, a)
    for p in [0, 1, 2, 3, 4, 5, 7]:
        case(f"a.pow({p})", lambda a, p=p: a**p, a, tol=4e-3)
    q = pos(*s, lo=0.3)
    for p in [-1, -2, -3, 0.5, 1.5, -0.5, 2.7, -1.3, 1 / 3]:
        case(f"a.pow({p})", lambda a, p=p: a**p, q, tol=8e-3)
    for p in [0.5, 2.25, -1.5, 0, 1]:
        case(f"a.posPow({p})", lambda a, p=p: a**p, q, tol=8e-3)
    case("a.polynomial([1, -0.5, 0.25])", lambda a: a - 0.5 * a**2 + 0.25 * a**3, a)
    case("a.polynomial([0, 0, 0, 1])", lambda a: a**4, a, tol=4e-3)
    case(
        "a.reciprocal()",
        lambda a: 1 / a,
        grid(q * torch.where(torch.rand(list(s)) < 0.5, torch.tensor(-1.0), torch.tensor(1.0))),
    )
    case("a.clone()", lambda a: a.clone(), a)
    case("a.detach()", lambda a: a.detach(), a, grad=False)
    for k in ["add", "sub", "mul"]:
        case(f"a.{k}(2.5)", lambda a, k=k: getattr(a, k)(2.5), a)
        case(f"a.{k}(-3)", lambda a, k=k: getattr(a, k)(-3), a)
        case(f"a.{k}(0)", lambda a, k=k: getattr(a, k)(0), a)
    case("a.div(3)", lambda a: a / 3, a)
    case("a.div(-0.125)", lambda a: a / -0.125, a)
# ---- matmul etc
for sa, sb in [
    ((3, 4), (4, 2)),
    ((4,), (4,)),
    ((4,), (4, 2)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4, 2)),
    ((2, 3, 4), (2, 4, 2)),
    ((3, 4), (2, 4, 2)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((1, 1), (1, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((2, 3), (3, 0)),
    ((4,), (2, 4, 3)),
    ((2, 3, 4), (4,)),
    ((2, 2, 3, 4), (4,)),
    ((1, 2, 3), (5, 3, 1)),
]:
    case("a.matmul(b)", lambda a, b: a @ b, rn(*sa), rn(*sb))
case("a.dot(b)", lambda a, b: a @ b, rn(5), rn(5))
case("a.dot(b)", lambda a, b: a @ b, rn(1), rn(1))
case("a.dot(b)", lambda a, b: a @ b, rn(0), rn(0))
case("a.ger(b)", lambda a, b: torch.outer(a, b), rn(3), rn(4))
case("a.ger(b)", lambda a, b: torch.outer(a, b), rn(1), rn(3))
case("a.ger(b)", lambda a, b: torch.outer(a, b), rn(0), rn(3))
case("T.einsum('ij,jk->ik', a, b)", lambda a, b: torch.einsum("ij,jk->ik", a, b), rn(2, 3), rn(3, 4))
case(
    "T.einsum('bij,bkj->bik', a, b)",
    lambda a, b: torch.einsum("bij,bkj->bik", a, b),
    rn(2, 2, 3),
    rn(2, 4, 3),
)
case("T.einsum('ij->ji', a)", lambda a: torch.einsum("ij->ji", a), rn(2, 3))
case("T.einsum('ii->i', a)", lambda a: torch.einsum("ii->i", a), rn(3, 3))
case("T.einsum('ij->', a)", lambda a: torch.einsum("ij->", a), rn(3, 2))
case("T.einsum('i,j->ij', a, b)", lambda a, b: torch.einsum("i,j->ij", a, b), rn(3), rn(2))
case(
    "T.einsum('...ij,...jk->...ik', a, b)",
    lambda a, b: torch.einsum("...ij,...jk->...ik", a, b),
    rn(2, 2, 3),
    rn(3, 2),
)
case("T.einsum('ij,ij->j', a, b)", lambda a, b: torch.einsum("ij,ij->j", a, b), rn(3, 2), rn(3, 2))
case(
    "T.einsum('bi,ij,bj->b', a, b, c)",
    lambda a, b, c: torch.einsum("bi,ij,bj->b", a, b, c),
    rn(2, 3),
    rn(3, 4),
    rn(2, 4),
    tol=4e-3,
)
case("T.einsum('ij,jk', a, b)", lambda a, b: torch.einsum("ij,jk", a, b), rn(2, 3), rn(3, 4))


# conv
def cj(o):
    return json.dumps(o)


def padt(x, p, nd):
    # onnx pads: before.., after..
    l = []
    for ax in reversed(range(nd)):
        l += [p[ax], p[ax + nd]]
    return F.pad(x, l)


for o, si, sw in [
    ({}, (1, 1, 5), (1, 1, 3)),
    ({"stride": 2}, (2, 2, 7), (3, 2, 3)),
    ({"pads": 1}, (2, 2, 5), (3, 2, 3)),
    ({"pads": [1, 2]}, (1, 2, 5), (3, 2, 3)),
    ({"dilation": 2, "pads": [2, 2]}, (1, 2, 6), (2, 2, 3)),
    ({"groups": 2}, (1, 4, 5), (4, 2, 2)),
    ({"groups": 4, "stride": 3, "pads": [0, 1]}, (2, 4, 7), (8, 1, 3)),
    ({}, (1, 2, 4), (3, 2, 1)),
    ({}, (1, 1, 3), (1, 1, 3)),
]:
    p = o.get("pads", 0)
    p = [p, p] if isinstance(p, int) else p
    case(
        f"a.conv1d(b, {cj(o)})",
        lambda a, b, o=o, p=p: F.conv1d(
            padt(a, p, 1),
            b,
            stride=o.get("stride", 1),
            dilation=o.get("dilation", 1),
            groups=o.get("groups", 1),
        ),
        rn(*si),
        rn(*sw),
    )
for o, si, sw in [
    ({}, (1, 1, 4, 5), (1, 1, 3, 3)),
    ({"stride": 2}, (2, 2, 7, 6), (3, 2, 3, 2)),
    ({"stride": [2, 1], "pads": [1, 0, 0, 2]}, (1, 2, 5, 5), (2, 2, 3, 3)),
    ({"pads": [1, 1, 1, 1]}, (1, 2, 5, 4), (2, 2, 3, 3)),
    ({"pads": 2, "dilation": 2}, (1, 1, 5, 5), (2, 1, 3, 3)),
    ({"groups": 2, "pads": 1}, (2, 4, 4, 4), (6, 2, 3, 3)),
    ({"groups": 4, "pads": 1, "stride": 2}, (1, 4, 6, 5), (4, 1, 3, 3)),
    ({"dilation": [1, 2]}, (1, 2, 4, 6), (2, 2, 2, 3)),
    ({}, (3, 4, 2, 2), (5, 4, 1, 1)),
    ({"stride": 3}, (1, 1, 5, 5), (1, 1, 2, 2)),
]:
    p = o.get("pads", 0)
    p = [p] * 4 if isinstance(p, int) else p
    case(
        f"a.conv2d(b, {cj(o)})",
        lambda a, b, o=o, p=p: F.conv2d(
            padt(a, p, 2),
            b,
            stride=o.get("stride", 1),
            dilation=o.get("dilation", 1),
            groups=o.get("groups", 1),
        ),
        rn(*si),
        rn(*sw),
    )
for o, si, sw in [
    ({}, (1, 1, 4), (1, 1, 3)),
    ({"stride": 2}, (2, 2, 4), (2, 3, 3)),
    ({"stride": 2, "pads": 1, "outputPadding": 1}, (2, 2, 4), (2, 3, 3)),
    ({"groups": 2, "stride": 3}, (1, 4, 3), (4, 2, 2)),
    ({"dilation": 2}, (1, 2, 3), (2, 1, 3)),
]:
    k = dict(
        stride=o.get("stride", 1),
        padding=o.get("pads", 0),
        output_padding=o.get("outputPadding", 0),
        groups=o.get("groups", 1),
        dilation=o.get("dilation", 1),
    )
    case(f"a.convTranspose1d(b, {cj(o)})", lambda a, b, k=k: F.conv_transpose1d(a, b, **k), rn(*si), rn(*sw))
for o, si, sw in [
    ({}, (1, 1, 3, 3), (1, 1, 2, 2)),
    ({"stride": 2}, (2, 2, 3, 2), (2, 3, 3, 3)),
    ({"stride": 2, "pads": 1, "outputPadding": 1}, (1, 2, 3, 3), (2, 2, 3, 3)),
    ({"groups": 2, "stride": [2, 1]}, (1, 4, 2, 3), (4, 1, 2, 2)),
    ({"dilation": 2, "pads": 1}, (1, 1, 3, 3), (1, 2, 3, 3)),
    ({"stride": [3, 2]}, (1, 1, 2, 2), (1, 1, 2, 2)),
]:
    k = dict(
        stride=o.get("stride", 1),
        padding=o.get("pads", 0),
        output_padding=o.get("outputPadding", 0),
        groups=o.get("groups", 1),
        dilation=o.get("dilation", 1),
    )
    case(f"a.convTranspose2d(b, {cj(o)})", lambda a, b, k=k: F.conv_transpose2d(a, b, **k), rn(*si), rn(*sw))
# piecewise
for s in [(), (0,), (7,), (3, 4)]:
    a = rn(*s, scale=4)
    if a.numel() > 3:
        f = a.flatten().clone()
        f[0] = 0
        a = f.reshape(s)
    for js, fn in [
        ("relu()", F.relu),
        ("relu6()", F.relu6),
        ("leakyRelu()", lambda x: F.leaky_relu(x)),
        ("leakyRelu(0.3)", lambda x: F.leaky_relu(x, 0.3)),
        ("leakyRelu(-0.5)", lambda x: F.leaky_relu(x, -0.5)),
        ("elu()", F.elu),
        ("elu(0.5)", lambda x: F.elu(x, 0.5)),
        ("selu()", F.selu),
        ("hardtanh()", F.hardtanh),
        ("hardtanh(-2, 0.5)", lambda x: F.hardtanh(x, -2, 0.5)),
        ("hardSigmoid()", F.hardsigmoid),
        ("hardSwish()", F.hardswish),
        ("clip(-1, 2)", lambda x: torch.clamp(x, -1, 2)),
        ("clip(0.5)", lambda x: torch.clamp(x, min=0.5)),
        ("clip(undefined, 1.5)", lambda x: torch.clamp(x, max=1.5)),
        ("abs()", torch.abs),
        ("sign()", torch.sign),
        ("exp()", torch.exp),
        ("sin()", torch.sin),
        ("cos()", torch.cos),
        ("sigmoid()", torch.sigmoid),
        ("tanh()", torch.tanh),
        ("erf()", torch.erf),
        ("gelu()", F.gelu),
        ("gelu({ approximate: 'tanh' })", lambda x: F.gelu(x, approximate="tanh")),
        ("silu()", F.silu),
        ("softplus()", F.softplus),
    ]:
        x = a
        if js.startswith("leakyRelu(-"):
            pass
        case("a." + js, fn, x, tol=6e-3 if js == "exp()" else None)
    q = pos(*s, lo=0.2, hi=8)
    for js, fn in [("log()", torch.log), ("sqrt()", torch.sqrt), ("invSqrt()", torch.rsqrt)]:
        case("a." + js, fn, q)
big = torch.tensor([-200000.0, -3000.0, -600.0, -20, -9, 9, 20, 600, 3000, 200000])
for js, fn in [
    ("sigmoid()", torch.sigmoid),
    ("tanh()", torch.tanh),
    ("erf()", torch.erf),
    ("gelu()", F.gelu),
    ("silu()", F.silu),
    ("softplus()", F.softplus),
    ("relu()", F.relu),
    ("elu()", F.elu),
    ("selu()", F.selu),
    ("hardSwish()", None),
    ("relu6()", F.relu6),
    ("abs()", torch.abs),
]:
    if fn:
        case("a." + js, fn, big)
case("a.exp()", torch.exp, torch.tensor([-200000.0, -600, -20, -5, 0, 1, 5, 9.5]), tol=3e-3)
case("a.log()", torch.log, torch.tensor([2.0**-10, 0.01, 1, 300, 2.0**20]), grad=False)
case("a.log()", torch.log, torch.tensor([0.25, 1, 300, 2.0**20]))
case(
    "a.reciprocal()",
    torch.reciprocal,
    torch.tensor([-(2.0**20), -300, -0.25, 0.25, 0.5, 1, 300, 2.0**20]),
)
case("a.sqrt()", torch.sqrt, torch.tensor([2.0**-8, 0.01, 1, 300, 2.0**20]))
case("a.invSqrt()", torch.rsqrt, torch.tensor([0.25, 1, 300, 2.0**20]))
case("a.sin()", torch.sin, torch.tensor([-1000.0, -100, -math.pi, 0, 3, 500.5, 1000]))
case("a.cos()", torch.cos, torch.tensor([-1000.0, -100, 0, 3, 500.5, 1000]))
# over an axis
for s, ax in [
    ((4,), -1),
    ((3, 5), -1),
    ((3, 5), 0),
    ((2, 3, 4), 1),
    ((2, 1), 1),
    ((1,), 0),
    ((2, 0), 0),
    ((0, 3), 1),
    ((2, 30), -1),
]:
    a = rn(*s, scale=3)
    case(f"a.softmax({ax})", lambda a: F.softmax(a, ax), a)
    case(f"a.logSoftmax({ax})", lambda a: F.log_softmax(a, ax), a, tol=6e-3)
    case(f"a.cumsum({ax})", lambda a: torch.cumsum(a, ax), a)
    d = distinct(*s)
    for desc in [False, True]:
        case(
            f"a.sort({ax}, {{ descending: {str(desc).lower()} }})",
            lambda a: [
                t.double() if not t.is_floating_point() else t for t in torch.sort(a, ax, descending=desc)
            ][:1],
            d,
        )
        case(
            f"a.argsort({ax}, {{ descending: {str(desc).lower()} }})",
            lambda a: torch.argsort(a, ax, descending=desc).double(),
            d,
            grad=False,
        )
    n = s[ax]
    if n:
        for k in {1, n, (n + 1) // 2}:
            case(
                f"a.topk({k}, {ax})",
                lambda a: (lambda r: [r.values, r.indices.double()])(torch.topk(a, k, ax)),
                d,
            )
case("a.softmax()", lambda a: F.softmax(a, -1), torch.tensor([[600.0, 0, -600], [1e5, 1e5, 0]]))
case(
    "a.logSoftmax()", lambda a: F.log_softmax(a, -1), torch.tensor([[60.0, 0, -60], [1e3, 1e3, 0]]), tol=6e-3
)
# reductions
for s in [(), (1,), (5,), (3, 4), (2, 3, 4), (2, 0), (1, 1, 1)]:
    a = distinct(*s)
    r = rn(*s)
    n = len(s)
    axs = (
        [None]
        + list(range(n))
        + ([-1] if n else [])
        + ([(0, 1)] if n > 1 else [])
        + ([(0, -1)] if n == 3 else [])
    )
    for ax in axs:
        for kd in [False, True]:
            jx = "undefined" if ax is None else (str(list(ax)) if isinstance(ax, tuple) else ax)
            tx = tuple(range(n)) if ax is None else ax
            full = dict(dim=tx, keepdim=kd)
            K = f"{jx}, {str(kd).lower()}"
            if n == 0:
                case(f"a.sum()", lambda a: a.sum(), r)
                case("a.mean()", lambda a: a.mean(), r)
                case("a.max()", lambda a: a.max(), r)
                case("a.min()", lambda a: a.min(), r)
                case("a.prod()", lambda a: a.prod(), r)
                continue
            case(f"a.sum({K})", lambda a: a.sum(**full), r)
            cnt = 1
            for i in tx if isinstance(tx, tuple) else (tx,):
                cnt *= s[i]
            if cnt:
                case(f"a.mean({K})", lambda a: a.mean(**full), r)
                case(f"a.max({K})", lambda a: a.amax(**full), a)
                case(f"a.min({K})", lambda a: a.amin(**full), a)
                case(
                    f"a.variance({jx}, {{ unbiased: false, keepDims: {str(kd).lower()} }})",
                    lambda a: a.var(dim=tx, unbiased=False, keepdim=kd),
                    r,
                )
                if cnt > 1:
                    case(
                        f"a.variance({jx}, {{ keepDims: {str(kd).lower()} }})",
                        lambda a: a.var(dim=tx, keepdim=kd),
                        r,
                    )
                    case(
                        f"a.std({jx}, {{ keepDims: {str(kd).lower()} }})",
                        lambda a: a.std(dim=tx, keepdim=kd),
                        r,
                        tol=6e-3,
                    )
                    case(
                        f"a.std({jx}, {{ unbiased: false, keepDims: {str(kd).lower()} }})",
                        lambda a: a.std(dim=tx, unbiased=False, keepdim=kd),
                        r,
                        tol=6e-3,
                    )

            def prodn(a):
                t = tx if isinstance(tx, tuple) else (tx,)
                for i in sorted([i % n for i in t], reverse=True):
                    a = a.prod(dim=i, keepdim=kd)
                return a

            case(f"a.prod({K})", prodn, r, tol=6e-3)
            for p in ["1", "2", "Infinity"]:
                if cnt:
                    case(
                        f"a.norm({{ p: {p}, axis: {jx}, keepDims: {str(kd).lower()} }})",
                        lambda a: torch.linalg.vector_norm(
                            a, float(p.replace("Infinity", "inf")), dim=tx, keepdim=kd
                        ),
                        distinct(*s) + 0.0625 if p == "Infinity" else r,
                        tol=6e-3,
                    )
            if not isinstance(ax, tuple) and cnt:
                if ax is None:
                    case("a.argmax()", lambda a: a.argmax().double(), a, grad=False)
                    case("a.argmin()", lambda a: a.argmin().double(), a, grad=False)
                    case(
                        "a.argmaxOneHot()",
                        lambda a: F.one_hot(a.argmax(), a.numel()).double().reshape(a.shape),
                        a,
                        grad=False,
                    )
                    case(
                        "a.argminOneHot()",
                        lambda a: F.one_hot(a.argmin(), a.numel()).double().reshape(a.shape),
                        a,
                        grad=False,
                    )
                else:
                    case(f"a.argmax({K})", lambda a: a.argmax(ax, keepdim=kd).double(), a, grad=False)
                    case(f"a.argmin({K})", lambda a: a.argmin(ax, keepdim=kd).double(), a, grad=False)
                    case(
                        f"a.argmaxOneHot({ax})",
                        lambda a: F.one_hot(a.argmax(ax), a.shape[ax]).double().movedim(-1, ax),
                        a,
                        grad=False,
                    )
                    case(
                        f"a.argminOneHot({ax})",
                        lambda a: F.one_hot(a.argmin(ax), a.shape[ax]).double().movedim(-1, ax),
                        a,
                        grad=False,
                    )
t = torch.tensor([[1.0, 3, 3, 2], [0, 0, 0, 0], [-1, -1, -2, -2]])
case("a.argmax(1)", lambda a: torch.tensor([1.0, 0, 0]), t, grad=False)
case("a.argmin(1)", lambda a: torch.tensor([0.0, 0, 2]), t, grad=False)
case("a.argmaxOneHot(1)", lambda a: torch.tensor([[0.0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]), t, grad=False)
for s, ax in [((3, 4), 1), ((3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4), -1), ((1, 1), 1)]:
    case(
        f"a.cosineSimilarity(b, {ax})",
        lambda a, b: F.cosine_similarity(a, b, dim=ax),
        rn(*s) + grid(torch.full(s, 0.5)),
        rn(*s) + 0.25,
        tol=6e-3,
    )
case("a.cosineSimilarity(b)", lambda a, b: F.cosine_similarity(a, b), rn(3, 4), rn(3, 4), tol=6e-3)
case("a.trace()", lambda a: torch.trace(a), rn(3, 3))
case("a.trace()", lambda a: torch.trace(a), rn(2, 4))
case("a.trace()", lambda a: torch.trace(a), rn(1, 1))
# shape
a = rn(2, 3, 4)
for js, fn in [
    ("reshape([6, 4])", lambda a: a.reshape(6, 4)),
    ("reshape([-1])", lambda a: a.reshape(-1)),
    ("view([4, -1])", lambda a: a.reshape(4, -1)),
    ("flatten()", lambda a: a.flatten()),
    ("flatten(1)", lambda a: a.flatten(1)),
    ("flatten(-2)", lambda a: a.flatten(-2)),
    ("transpose()", lambda a: a.permute(2, 1, 0)),
    ("transpose([1, 0, 2])", lambda a: a.permute(1, 0, 2)),
    ("transpose([-1, 0, 1])", lambda a: a.permute(2, 0, 1)),
    ("unsqueeze(0)", lambda a: a.unsqueeze(0)),
    ("unsqueeze(-1)", lambda a: a.unsqueeze(-1)),
    ("unsqueeze(3)", lambda a: a.unsqueeze(3)),
    ("unsqueeze(-4)", lambda a: a.unsqueeze(-4)),
    ("squeeze()", lambda a: a.squeeze()),
    ("expand([5, 2, 3, 4])", lambda a: a.expand(5, 2, 3, 4)),
    ("repeat([2, 1, 2])", lambda a: a.repeat(2, 1, 2)),
    ("repeat([2, 2, 1, 1])", lambda a: a.repeat(2, 2, 1, 1)),
    ("flip(0)", lambda a: a.flip(0)),
    ("flip([0, -1])", lambda a: a.flip([0, 2])),
    ("roll(1, 0)", lambda a: a.roll(1, 0)),
    ("roll([1, -2], [0, 2])", lambda a: a.roll([1, -2], [0, 2])),
    ("roll(7, 1)", lambda a: a.roll(7, 1)),
    ("tril()", lambda a: a.tril()),
    ("tril(1)", lambda a: a.tril(1)),
    ("triu(-1)", lambda a: a.triu(-1)),
    ("triu(5)", lambda a: a.triu(5)),
    ("tril(-9)", lambda a: a.tril(-9)),
    ("pad([0, 1, 0, 0, 2, 1])", lambda a: F.pad(a, (0, 1, 1, 2, 0, 0))),
    ("pad([1, 0, 0, 0, 0, 0], 2.5)", lambda a: F.pad(a, (0, 0, 0, 0, 1, 0), value=2.5)),
    ("pad([0, 1, 2, 0, 1, 1], 0, { mode: 'reflect' })", lambda a: F.pad(a, (2, 1, 1, 1), mode="reflect")),
    ("pad([0, 1, 2, 0, 1, 1], 0, { mode: 'edge' })", lambda a: F.pad(a, (2, 1, 1, 1), mode="replicate")),
    ("pad([0, 0, 1, 0, 0, 2], 0, { mode: 'wrap' })", lambda a: F.pad(a, (1, 2), mode="circular")),
    ("slice([0, 1], [2, 3])", lambda a: a[0:2, 1:3]),
    ("slice([0, -2, 0], [1, 3, 4], [1, 1, 2])", lambda a: a[0:1, -2:3, 0:4:2]),
    ("slice([1], [99])", lambda a: a[1:99]),
    ("slice([2], [2])", lambda a: a[2:2]),
    ("at('1:, ::2, 0')", lambda a: a[1:, ::2, 0]),
    ("at('..., -1')", lambda a: a[..., -1]),
    ("at('0')", lambda a: a[0]),
    ("at(':, ::-1')", lambda a: a.flip(1)),
    ("at('-1, 1:-1')", lambda a: a[-1, 1:-1]),
    ("narrow(1, 1, 2)", lambda a: a.narrow(1, 1, 2)),
    ("narrow(-1, 0, 1)", lambda a: a.narrow(-1, 0, 1)),
    ("split([1, 3], 2)", lambda a: a.split([1, 3], 2)),
    ("split(2, 1)", lambda a: a.split(2, 1)),
    ("split(1)", lambda a: a.split(1)),
    ("unbind()", lambda a: a.unbind()),
    ("unbind(-1)", lambda a: a.unbind(-1)),
    ("take([0, 5, 23, -1])", lambda a: a.flatten()[[0, 5, 23, -1]]),
    ("take([[0, 1], [1, 1]], 2)", lambda a: a[:, :, torch.tensor([[0, 1], [1, 1]])]),
    ("take([-1, 0, 0], 1)", lambda a: a[:, [-1, 0, 0]]),
    ("indexSelect(2, [3, 0, 0])", lambda a: a.index_select(2, torch.tensor([3, 0, 0]))),
    ("indexSelect(0, [])", lambda a: a.index_select(0, torch.tensor([], dtype=torch.long))),
    (
        "gather(1, [[[0, 1, 2, 0]], [[2, 2, 1, 1]]])",
        lambda a: a.gather(1, torch.tensor([[[0, 1, 2, 0]], [[2, 2, 1, 1]]])),
    ),
    ("gather(0, [[[1, 0], [0, 0]]])", lambda a: a.gather(0, torch.tensor([[[1, 0], [0, 0]]]))),
]:
    case("a." + js, fn, a)
s1 = rn(1, 3, 1)
for js, fn in [
    ("squeeze()", lambda a: a.squeeze()),
    ("squeeze(0)", lambda a: a.squeeze(0)),
    ("squeeze(-1)", lambda a: a.squeeze(-1)),
    ("squeeze([0, 2])", lambda a: a.squeeze(2).squeeze(0)),
    ("expand([2, 3, 4])", lambda a: a.expand(2, 3, 4)),
    ("expand([2, -1, 4])", lambda a: a.expand(2, -1, 4)),
]:
    case("a." + js, fn, s1)
case("a.t()", lambda a: a.t(), rn(2, 3))
case("a.t()", lambda a: a.t(), rn(3))
case("a.diagonal()", lambda a: a.diagonal(), rn(3, 3))
case("a.diagonal()", lambda a: a.diagonal(), rn(2, 4))
z = rn(0, 3)
for js, fn in [
    ("reshape([3, 0])", lambda a: a.reshape(3, 0)),
    ("transpose()", lambda a: a.t()),
    ("flip(0)", lambda a: a.flip(0)),
    ("repeat([2, 2])", lambda a: a.repeat(2, 2)),
    ("pad([1, 0, 0, 0])", lambda a: F.pad(a, (0, 0, 1, 0))),
    ("slice([0], [0])", lambda a: a[0:0]),
    ("cumsum(0)", lambda a: a.cumsum(0)),
    ("relu()", F.relu),
    ("unsqueeze(1)", lambda a: a.unsqueeze(1)),
    ("sum(0)", lambda a: a.sum(0)),
    ("matmul(a.transpose())", lambda a: a @ a.t()),
    ("roll(1, 0)", lambda a: a.roll(1, 0)),
    ("tril()", lambda a: a.tril()),
    ("clip(0, 1)", lambda a: a.clamp(0, 1)),
    ("softmax(1)", lambda a: F.softmax(a, 1)),
    ("sort(1)", lambda a: a.sort(1)[0]),
]:
    case("a." + js, fn, z)
case("T.cat([a, b])", lambda a, b: torch.cat([a, b]), rn(2, 3), rn(1, 3))
case("T.cat([a, b, a], -1)", lambda a, b: torch.cat([a, b, a], -1), rn(2, 3), rn(2, 1))
case("T.cat([a, b], 0)", lambda a, b: torch.cat([a, b], 0), rn(0, 3), rn(2, 3))
case("T.cat([a], 1)", lambda a: a * 1, rn(2, 3))
case("T.stack([a, b])", lambda a, b: torch.stack([a, b]), rn(2, 3), rn(2, 3))
case("T.stack([a, b, b], -1)", lambda a, b: torch.stack([a, b, b], -1), rn(2, 3), rn(2, 3))
case("T.stack([a, b], 1)", lambda a, b: torch.stack([a, b], 1), rn(3), rn(3))
case("T.stack([a, b])", lambda a, b: torch.stack([a, b]), rn(), rn())
case("T.where(a.gt(0), a, b)", lambda a, b: torch.where(a > 0, a, b), rn(2, 3), rn(2, 3))
case("T.where(a.gt(0), a, b)", lambda a, b: torch.where(a > 0, a, b), rn(2, 1), rn(3))
case("T.where(a.gt(0), 1.5, b)", lambda a, b: torch.where(a > 0, torch.tensor(1.5), b), rn(2, 1), rn(3))
case(
    "T.where([true, false, true], a, b)",
    lambda a, b: torch.where(torch.tensor([True, False, True]), a, b),
    rn(2, 3),
    rn(3),
)
case(
    "T.where(a.gt(0), 2, -1)",
    lambda a: torch.where(a > 0, torch.tensor(2.0), torch.tensor(-1.0)),
    rn(4),
    grad=False,
)
case("a.gt(0).where(a, b)", lambda a, b: torch.where(a > 0, a, b), rn(2, 3), rn(2, 3))
case("a.scatter(1, [[0, 2]], b)", lambda a, b: a.scatter(1, torch.tensor([[0, 2]]), b), rn(2, 3), rn(1, 2))
case(
    "a.scatter(0, [[0, 1, 1]], b)",
    lambda a, b: a.scatter(0, torch.tensor([[0, 1, 1]]), b),
    rn(2, 3),
    rn(1, 3),
)
case(
    "a.scatterAdd(0, [[0, 1, 1], [0, 0, 1]], b)",
    lambda a, b: a.scatter_add(0, torch.tensor([[0, 1, 1], [0, 0, 1]]), b),
    rn(2, 3),
    rn(2, 3),
)
case(
    "a.scatterAdd(1, [[2, 2]], b)",
    lambda a, b: a.scatter_add(1, torch.tensor([[2, 2]]), b),
    rn(1, 3),
    rn(1, 2),
)
case(
    "a.indexAdd(0, [1, 1, 0], b)", lambda a, b: a.index_add(0, torch.tensor([1, 1, 0]), b), rn(2, 3), rn(3, 3)
)
case("a.indexAdd(1, [2, 0], b)", lambda a, b: a.index_add(1, torch.tensor([2, 0]), b), rn(2, 3), rn(2, 2))
case("a.indexAdd(-1, [0], b)", lambda a, b: a.index_add(-1, torch.tensor([0]), b), rn(2, 1, 3), rn(2, 1, 1))
ix = torch.tensor([2.0, 0, 1, 2])
case("a.lookup(b)", lambda a, b: a[b.long()], rn(3, 4), ix, grad=False)
case("a.lookup(b)", lambda a, b: a[b.long()], rn(3, 4), torch.tensor([[2.0, 1], [0, 0]]), grad=False)
case("a.lookup(b)", lambda a, b: a[b.long()], rn(5), torch.tensor([4.0, 0]), grad=False)
case("a.lookup(b)", lambda a, b: a[b.long()], rn(2, 2, 3), torch.tensor(1.0), grad=False)
# pools
for s, o in [
    ((1, 1, 6), dict(kernel=2)),
    ((2, 2, 7), dict(kernel=3, stride=2)),
    ((1, 2, 7), dict(kernel=3, pads=1, stride=2)),
    ((1, 1, 8), dict(kernel=3, stride=2, ceilMode=True)),
    ((1, 2, 5), dict(kernel=5)),
    ((1, 2, 6), dict(kernel=2, stride=3)),
    ((1, 2, 5), dict(kernel=1)),
]:
    kw = dict(
        kernel_size=o["kernel"],
        stride=o.get("stride", o["kernel"]),
        padding=o.get("pads", 0),
        ceil_mode=o.get("ceilMode", False),
    )
    j = {**o, "stride": kw["stride"]}
    for incl in [False, True]:
        case(
            f"a.avgPool1d({cj({**j,'countIncludePad':incl})})",
            lambda a: F.avg_pool1d(a, **kw, count_include_pad=incl),
            rn(*s),
        )
    case(f"a.maxPool1d({cj(j)})", lambda a: F.max_pool1d(a, **kw), distinct(*s))
    case(
        f"a.maxPool1d({cj({**j,'dilation':2})})", lambda a: F.max_pool1d(a, **kw, dilation=2), distinct(*s)
    ) if o["kernel"] < 4 else None
for s, o in [
    ((1, 1, 4, 4), dict(kernel=2)),
    ((2, 2, 7, 5), dict(kernel=[3, 2], stride=[2, 1])),
    ((1, 2, 6, 6), dict(kernel=3, pads=1, stride=2)),
    ((1, 1, 7, 8), dict(kernel=3, stride=2, ceilMode=True)),
    ((1, 1, 6, 6), dict(kernel=3, stride=2, pads=1, ceilMode=True)),
    ((1, 2, 5, 5), dict(kernel=5)),
    ((1, 1, 5, 7), dict(kernel=[1, 3])),
]:
    kw = dict(
        kernel_size=o["kernel"],
        stride=o.get("stride", o["kernel"]),
        padding=o.get("pads", 0),
        ceil_mode=o.get("ceilMode", False),
    )
    j = {**o}
    if "stride" not in o:
        j["stride"] = kw["stride"]
    for incl in [False, True]:
        case(
            f"a.avgPool2d({cj({**j,'countIncludePad':incl})})",
            lambda a: F.avg_pool2d(a, **kw, count_include_pad=incl),
            rn(*s),
        )
    case(f"a.maxPool2d({cj(j)})", lambda a: F.max_pool2d(a, **kw), distinct(*s))
    if o["kernel"] in (2, 3):
        case(
            f"a.maxPool2d({cj({**j,'dilation':2})})",
            lambda a: F.max_pool2d(a, **kw, dilation=2),
            distinct(*s),
        )
for s, sz in [
    ((1, 2, 6, 6), 3),
    ((1, 2, 7, 5), [3, 2]),
    ((2, 1, 4, 4), 1),
    ((1, 1, 3, 3), [3, 3]),
    ((1, 1, 5, 7), [4, 3]),
    ((1, 1, 2, 2), [4, 4]),
]:
    case(f"a.adaptiveAvgPool2d({cj(sz)})", lambda a: F.adaptive_avg_pool2d(a, sz), rn(*s))
    case(f"a.adaptiveMaxPool2d({cj(sz)})", lambda a: F.adaptive_max_pool2d(a, sz), distinct(*s))
case("a.globalAvgPool()", lambda a: a.mean((2, 3), keepdim=True), rn(2, 3, 4, 4))
case("a.globalAvgPool()", lambda a: a.mean(2, keepdim=True), rn(2, 3, 4))
# compositions with shared sub-expressions
case("a.mul(a).add(a).sum()", lambda a: (a * a + a).sum(), rn(4))
case(
    "a.mul(b).add(a.div(b)).sigmoid().mul(a)",
    lambda a, b: torch.sigmoid(a * b + a / b) * a,
    rn(3, 4),
    pos(3, 4),
)
case(
    "a.matmul(b).relu().matmul(b.transpose()).softmax()",
    lambda a, b: F.softmax(F.relu(a @ b) @ b.t(), -1),
    rn(3, 4),
    rn(4, 2),
)
case(
    "a.sub(a.mean(1, true)).div(a.variance(1, { unbiased: false, keepDims: true }).add(0.01).sqrt())",
    lambda a: (a - a.mean(1, keepdim=True)) / (a.var(1, unbiased=False, keepdim=True) + 0.01).sqrt(),
    rn(3, 6),
    tol=8e-3,
)
case("a.add(a.detach())", lambda a: a + a.detach(), rn(3))
case("a.mul(a.detach())", lambda a: a * a.detach(), rn(3))
case("a.max(1).mul(a.min(1))", lambda a: a.amax(1) * a.amin(1), distinct(3, 4))
case("a.topk(2).values.mul(3)", lambda a: a.topk(2).values * 3, distinct(3, 4))
case("a.at('0').mul(a.at('1'))", lambda a: a[0] * a[1], rn(2, 3))
case("T.cat([a, b]).sort().sum(0)", lambda a, b: torch.cat([a, b]).sort()[0].sum(0), distinct(3, 4), rn(2, 4))
case(
    "a.transpose().matmul(b).flip(0).exp()",
    lambda a, b: (a.t() @ b).flip(0).exp(),
    rn(3, 2, scale=0.5),
    rn(3, 2, scale=0.5),
    tol=6e-3,
)
case("a.expand([3, 4]).mul(b)", lambda a, b: a.expand(3, 4) * b, rn(1, 4), rn(3, 4))
case("a.abs().sqrt()", lambda a: a.abs().sqrt(), rn(5) + 3)
case("a.square().sum().sqrt()", lambda a: a.square().sum().sqrt(), rn(5))
case("a.relu().log().neg()", lambda a: -F.relu(a).log(), pos(5, lo=0.5))

# Numbers of all magnitudes.
M = [
    2.0**-14,
    2.0**-8,
    0.01,
    0.125,
    0.5,
    1,
    2,
    2.75,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    16,
    20,
    31.5,
    50,
    100,
    300,
    1000,
    2.0**12,
    20000,
    2.0**16,
    2.0**20,
    2.0**24,
    2.0**27,
]
allp = torch.tensor([-x for x in M] + [0.0] + M)
posp = torch.tensor(M)
fs = {
    "relu()": F.relu,
    "relu6()": F.relu6,
    "leakyRelu()": F.leaky_relu,
    "elu()": F.elu,
    "elu(0.5)": lambda x: F.elu(x, 0.5),
    "selu()": F.selu,
    "hardtanh()": F.hardtanh,
    "hardtanh(-2, 3)": lambda x: F.hardtanh(x, -2, 3),
    "hardSigmoid()": F.hardsigmoid,
    "hardSwish()": F.hardswish,
    "clip(-1, 2)": lambda x: x.clamp(-1, 2),
    "abs()": torch.abs,
    "sigmoid()": torch.sigmoid,
    "tanh()": torch.tanh,
    "erf()": torch.erf,
    "gelu()": F.gelu,
    "gelu({ approximate: 'tanh' })": lambda x: F.gelu(x, approximate="tanh"),
    "silu()": F.silu,
    "softplus()": F.softplus,
    "sign()": torch.sign,
}
for k, f in fs.items():
    case("a." + k, f, allp)
case("a.exp()", torch.exp, torch.tensor([-x for x in M] + [0, 0.1, 1, 2, 5, 8, 10]), tol=1e-3)
case("a.sin()", torch.sin, allp[allp.abs() <= 1000])
case("a.cos()", torch.cos, allp[allp.abs() <= 1000])
case("a.log()", torch.log, posp[posp >= 0.01])
case("a.sqrt()", torch.sqrt, posp)
case("a.invSqrt()", torch.rsqrt, posp[posp >= 0.01])
case("a.reciprocal()", torch.reciprocal, torch.cat([posp[posp >= 0.01], -posp[posp >= 0.01]]))
for p in [2, 3, 0.5, -1, 1.5]:
    q = posp[(posp >= 0.01) & (posp <= 500)]
    case(f"a.pow({p})", lambda a: a**p, q, tol=3e-3)
    case(f"a.posPow({p})", lambda a: a**p, q, tol=3e-3)
case("a.square()", torch.square, allp[allp.abs() < 10000])
case("a.sum().reciprocal()", lambda a: 1 / a.sum(), torch.tensor([3.0, 1]))
# div with wide numerators/denominators
n = torch.tensor([1e-3, 1, 300, 1e5, 1e6, -1e6, 5, 2.0**20])
d = torch.tensor([0.25, 1e-1, 300, 1e4, 3, 2.0**20, -1000, 7])
case("a.div(b)", lambda a, b: a / b, grid(n, 65536), grid(d, 65536))
w = torch.tensor([[1000.0, -1000, 0, 5], [2.0**20, 2.0**20 - 1, 0, 0], [-(2.0**27), 2.0**27, 0, 1]])
case("a.softmax(1)", lambda a: F.softmax(a, 1), w)
case("a.logSoftmax(1)", lambda a: F.log_softmax(a, 1), w, tol=6e-3)
case("a.max(1)", lambda a: a.amax(1), w + torch.tensor([0, 0, 0, 0.5]))
case(
    "a.norm({ p: 2, axis: 1 })",
    lambda a: a.norm(dim=1),
    torch.tensor([[300.0, 400], [3, 4], [0.3, 0.4], [3000, 4000], [0.03, 0.04]]),
)
case("a.norm({ p: 2, axis: 1 })", lambda a: a.norm(dim=1), torch.tensor([[0.0, 0], [3, 4]]))
case(
    "a.std(1)",
    lambda a: a.std(1),
    torch.tensor([[300.0, 400], [3, 4], [0.3, 0.4], [3000, 4000], [0.03, 0.04]]),
    tol=6e-3,
)
case("a.std(1)", lambda a: a.std(1), torch.tensor([[3.0, 3], [3, 4]]))
case(
    "a.variance(1)",
    lambda a: a.var(1),
    torch.tensor([[300.0, 400], [3, 4], [0.3, 0.4], [3000, 4000], [5000, 5001]]),
    tol=6e-3,
)
case(
    "a.cosineSimilarity(b, 1)",
    lambda a, b: F.cosine_similarity(a, b),
    torch.tensor([[300.0, 400], [3, 4], [0.3, 0.4], [3000, 4000]]),
    torch.tensor([[1.0, 2], [0.1, 0.2], [500, 200], [0.5, -0.5]]),
    tol=6e-3,
)
case("a.abs()", torch.abs, allp)
case("a.prod(1)", lambda a: a.prod(1), torch.tensor([[0.0, 2, 3], [0, 0, 5], [1, 2, 3], [-4, 0.5, 100]]))
case("a.cumsum(0)", lambda a: a.cumsum(0), rn(200))
case("a.sort(0).mul(b)", lambda a, b: a.sort(0)[0] * b, distinct(100), rn(100))

# Sums that leave the range of values.

case("a.cosineSimilarity(b, 1)", lambda a, b: F.cosine_similarity(a, b), rn(3, 1) + 2, rn(3, 4), tol=6e-3)
case(
    "a.cosineSimilarity(b, 1)",
    lambda a, b: F.cosine_similarity(a, b),
    rn(2, 5, 3),
    rn(2, 5, 3) * 0.02,
    tol=6e-3,
)
case(
    "a.cosineSimilarity(b, -1)",
    lambda a, b: F.cosine_similarity(a, b, dim=-1),
    rn(2, 64) * 3000,
    rn(2, 64) * 100,
    tol=6e-3,
)
case("a.cosineSimilarity(b, 0)", lambda a, b: F.cosine_similarity(a, b, dim=0), rn(5), rn(5), tol=6e-3)
for sc in (0.02, 1, 100, 3000, 10000):
    case("a.norm()", lambda a: a.norm(), rn(40, scale=sc).clamp(-16000, 16000), tol=3e-3)
    case("a.norm({ axis: 1 })", lambda a: a.norm(dim=1), rn(3, 7, scale=sc).clamp(-16000, 16000), tol=3e-3)
    case("a.std(1)", lambda a: a.std(1), rn(3, 7, scale=min(sc, 5000)).clamp(-9000, 9000), tol=6e-3)
    case("a.std()", lambda a: a.std(), rn(70, scale=min(sc, 5000)).clamp(-9000, 9000), tol=6e-3)
    case("a.mean()", lambda a: a.mean(), rn(77, scale=sc * 1000), tol=1e-3)
    case("a.mean(0)", lambda a: a.mean(0), rn(201, 2, scale=sc * 1000), tol=1e-3)
    case(
        'a.avgPool2d({"kernel": 3, "stride": 2, "pads": 1})',
        lambda a: F.avg_pool2d(a, 3, 2, 1, count_include_pad=False),
        rn(1, 1, 5, 5, scale=sc * 2000),
        tol=1e-3,
    )
case("a.norm()", lambda a: a.norm(), torch.zeros(3))
case("a.norm()", lambda a: a.norm(), rn(1))
case("a.norm()", lambda a: a.norm(), rn(2))


def short(x):
    if isinstance(x, float):
        return int(x) if x == int(x) and abs(x) < 1e15 else float(f"{x:.8g}")
    if isinstance(x, list):
        return [short(v) for v in x]
    return {k: short(v) for k, v in x.items()} if isinstance(x, dict) else x


def same(x):
    return {k: v for k, v in x.items() if v is not None}


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(short(same(c)), separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases,", sum(c["grads"] is not None for c in cases), "with gradients")
