"""Modules, losses and optimisers as PyTorch computes them, in double precision: writes modules.json.

    python3 packages/nn/test/pytorch/modules.py

Debian's python3-torch 1.13 made the file that is here. A case is an expression that makes a module, a loss or an optimiser, its
state and inputs, and what PyTorch makes of them.
"""
import json
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
cases = []


def grid(t, steps=1024):
    """Numbers that fixed point holds exactly."""
    return (t * steps).round() / steps


def rn(*shape, scale=1.0):
    return grid(torch.randn(list(shape)) * scale)


def T(t):
    return dict(shape=list(t.shape), data=t.detach().double().flatten().tolist())


def camel(n):
    return ".".join(
        p if p.isdigit() else "".join(w if i == 0 else w.capitalize() for i, w in enumerate(p.split("_")))
        for p in n.split(".")
    )


def module(js, m, *xs, train=False, tol=None, wscale=0.5, call=None, running=None):
    with torch.no_grad():
        for n, p in m.named_parameters():
            p.copy_(rn(*p.shape, scale=wscale))
        for n, b in m.named_buffers():
            if "var" in n:
                b.copy_(grid(torch.rand_like(b) + 0.5))
            elif "mean" in n:
                b.copy_(rn(*b.shape))
        if running:
            m.running_mean.copy_(torch.tensor(running[0]))
            m.running_var.copy_(torch.tensor(running[1]))
    m.train(train)
    state = {camel(n): T(v) for n, v in m.state_dict().items() if "num_batches" not in n}
    ins = [x.clone().requires_grad_(x.is_floating_point()) for x in xs]
    y = call(m, *ins) if call else m(*ins)
    u = rn(*y.shape) if y.dim() else torch.tensor(1.0)
    gs = torch.autograd.grad(
        (y * u).sum(), [i for i in ins if i.requires_grad] + list(m.parameters()), allow_unused=True
    )
    k = sum(i.requires_grad for i in ins)
    cases.append(
        dict(
            kind="module",
            js=js,
            state=state,
            inputs=[T(x) for x in xs],
            isgrad=[i.requires_grad for i in ins],
            train=train,
            y=T(y),
            u=T(u),
            gin=[None if g is None else g.flatten().tolist() for g in gs[:k]],
            gpar={
                camel(n): (None if g is None else g.flatten().tolist())
                for (n, _), g in zip(m.named_parameters(), gs[k:])
            },
            buffers={camel(n): T(b) for n, b in m.named_buffers() if "num_batches" not in n},
            tol=tol,
        )
    )


M = module
for args in [(4, 3), (1, 1), (5, 1)]:
    M(f"new nn.Linear({args[0]}, {args[1]})", nn.Linear(*args), rn(2, args[0]))
M("new nn.Linear(4, 3)", nn.Linear(4, 3), rn(2, 5, 4))
M("new nn.Linear(4, 3)", nn.Linear(4, 3), rn(4))
M("new nn.Linear(4, 3, { bias: false })", nn.Linear(4, 3, bias=False), rn(2, 4))
M("new nn.Conv1d(2, 4, 3)", nn.Conv1d(2, 4, 3), rn(2, 2, 7))
M(
    "new nn.Conv1d(2, 4, 3, { stride: 2, padding: 1, groups: 2 })",
    nn.Conv1d(2, 4, 3, stride=2, padding=1, groups=2),
    rn(2, 2, 7),
)
M(
    "new nn.Conv1d(2, 4, 3, { dilation: 2, bias: false })",
    nn.Conv1d(2, 4, 3, dilation=2, bias=False),
    rn(2, 2, 9),
)
M("new nn.Conv2d(2, 3, 3)", nn.Conv2d(2, 3, 3), rn(2, 2, 5, 5))
M(
    "new nn.Conv2d(2, 4, [3, 2], { stride: [2, 1], padding: [1, 0], groups: 2 })",
    nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(1, 0), groups=2),
    rn(1, 2, 6, 5),
)
M(
    "new nn.Conv2d(3, 3, 3, { padding: 2, dilation: 2, groups: 3 })",
    nn.Conv2d(3, 3, 3, padding=2, dilation=2, groups=3),
    rn(1, 3, 5, 5),
)
M(
    "new nn.ConvTranspose1d(2, 3, 3, { stride: 2, padding: 1, outputPadding: 1 })",
    nn.ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1),
    rn(2, 2, 4),
)
M(
    "new nn.ConvTranspose2d(4, 2, 3, { stride: 2, groups: 2 })",
    nn.ConvTranspose2d(4, 2, 3, stride=2, groups=2),
    rn(1, 4, 3, 3),
)
M(
    "new nn.ConvTranspose2d(2, 2, [3, 2], { dilation: [1, 2], padding: [1, 0] })",
    nn.ConvTranspose2d(2, 2, (3, 2), dilation=(1, 2), padding=(1, 0)),
    rn(1, 2, 3, 3),
)
for tr in [True, False]:
    M("new nn.BatchNorm1d(3)", nn.BatchNorm1d(3), rn(6, 3), train=tr, tol=6e-3)
    M(
        "new nn.BatchNorm1d(3, { momentum: 0.3, eps: 0.01 })",
        nn.BatchNorm1d(3, momentum=0.3, eps=0.01),
        rn(4, 3, 5) * 3,
        train=tr,
        tol=6e-3,
    )
    M("new nn.BatchNorm2d(2)", nn.BatchNorm2d(2), rn(3, 2, 4, 4) + 5, train=tr, tol=6e-3)
    M(
        "new nn.BatchNorm2d(2, { affine: false })",
        nn.BatchNorm2d(2, affine=False),
        rn(3, 2, 2, 2),
        train=tr,
        tol=6e-3,
    )
    M(
        "new nn.BatchNorm1d(2, { trackRunningStats: false })",
        nn.BatchNorm1d(2, track_running_stats=False),
        rn(5, 2),
        train=tr,
        tol=6e-3,
    )
M(
    "new nn.BatchNorm1d(3)",
    nn.BatchNorm1d(3),
    grid(torch.randn(50, 3) * torch.tensor([500.0, 0.05, 1.0]) + torch.tensor([1000.0, 0, 0])),
    train=True,
    tol=8e-3,
)
for sc in [1, 0.02, 300, 3000]:
    M("new nn.LayerNorm(8)", nn.LayerNorm(8), rn(3, 8, scale=sc), tol=8e-3)
    M("new nn.GroupNorm(2, 4)", nn.GroupNorm(2, 4), rn(2, 4, 3, 3, scale=sc), tol=8e-3)
M("new nn.LayerNorm([3, 4], { eps: 0.001 })", nn.LayerNorm([3, 4], eps=0.001), rn(2, 3, 4), tol=6e-3)
M(
    "new nn.LayerNorm(5, { elementwiseAffine: false })",
    nn.LayerNorm(5, elementwise_affine=False),
    rn(2, 5),
    tol=6e-3,
)
M("new nn.GroupNorm(1, 3)", nn.GroupNorm(1, 3), rn(2, 3, 5), tol=6e-3)
M("new nn.GroupNorm(3, 3)", nn.GroupNorm(3, 3), rn(2, 3, 4), tol=6e-3)
M("new nn.LayerNorm(300)", nn.LayerNorm(300), rn(2, 300, scale=20), tol=8e-3)
M("new nn.Embedding(6, 3)", nn.Embedding(6, 3), torch.tensor([[0, 5, 2], [1, 1, 0]]))
M("new nn.Embedding(6, 3)", nn.Embedding(6, 3), torch.tensor([4]))
for name, js in [
    ("ReLU", "()"),
    ("ReLU6", "()"),
    ("LeakyReLU", "()"),
    ("LeakyReLU", "(0.2)"),
    ("ELU", "()"),
    ("ELU", "(0.5)"),
    ("SELU", "()"),
    ("GELU", "()"),
    ("SiLU", "()"),
    ("Hardtanh", "()"),
    ("Hardtanh", "(-2, 1)"),
    ("Sigmoid", "()"),
    ("Tanh", "()"),
    ("Softplus", "()"),
]:
    args = eval(js if js.endswith(",)") else js.replace(")", ",)") if js != "()" else "()")
    M(f"new nn.{name}{js}", getattr(nn, name)(*args), torch.cat([rn(8) * 3, torch.tensor([0.0])]))
M("new nn.GELU({ approximate: 'tanh' })", nn.GELU(approximate="tanh"), rn(9) * 3)
M("new nn.Softmax(1)", nn.Softmax(1), rn(3, 5))
M("new nn.LogSoftmax(-1)", nn.LogSoftmax(-1), rn(3, 5), tol=6e-3)
M("new nn.MaxPool1d(2)", nn.MaxPool1d(2), rn(1, 2, 7))
M("new nn.MaxPool2d(3, { stride: 2, padding: 1 })", nn.MaxPool2d(3, stride=2, padding=1), rn(1, 2, 6, 6))
M("new nn.MaxPool2d(2, { ceilMode: true })", nn.MaxPool2d(2, ceil_mode=True), rn(1, 1, 5, 5))
M("new nn.AvgPool1d(2)", nn.AvgPool1d(2), rn(1, 2, 6))
M(
    "new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: true })",
    nn.AvgPool2d(3, stride=2, padding=1),
    rn(1, 2, 6, 6),
)
M(
    "new nn.AvgPool2d(2, { countIncludePad: false, padding: 1 })",
    nn.AvgPool2d(2, count_include_pad=False, padding=1),
    rn(1, 2, 4, 4),
)
M("new nn.AvgPool2d(2)", nn.AvgPool2d(2), rn(1, 1, 5, 5))
M("new nn.AdaptiveAvgPool2d([2, 3])", nn.AdaptiveAvgPool2d((2, 3)), rn(1, 2, 5, 7))
M("new nn.AdaptiveMaxPool2d(2)", nn.AdaptiveMaxPool2d(2), rn(1, 2, 5, 5))
M("new nn.ConstantPad1d([1, 2], 0.5)", nn.ConstantPad1d((1, 2), 0.5), rn(1, 2, 3))
M("new nn.ConstantPad2d([2, 1, 1, 0], -1)", nn.ConstantPad2d((1, 0, 2, 1), -1.0), rn(1, 1, 3, 3))
M("new nn.ConstantPad2d(1, 0)", nn.ConstantPad2d(1, 0.0), rn(1, 1, 2, 2))
M("new nn.Flatten()", nn.Flatten(), rn(2, 3, 4))
M("new nn.Flatten(2)", nn.Flatten(2), rn(2, 3, 4, 2))
M("new nn.Dropout(0.5)", nn.Dropout(0.5), rn(4, 4))
M("new nn.Dropout2d(0.5)", nn.Dropout2d(0.5), rn(1, 2, 2, 2))
M(
    "new nn.MultiheadAttention(4, 2, { batchFirst: true })",
    nn.MultiheadAttention(4, 2, batch_first=True),
    rn(2, 3, 4),
    rn(2, 5, 4),
    rn(2, 5, 4),
    call=lambda m, q, k, v: m(q, k, v)[0],
    tol=6e-3,
)
M(
    "new nn.MultiheadAttention(4, 1)",
    nn.MultiheadAttention(4, 1),
    rn(3, 2, 4),
    rn(3, 2, 4),
    rn(3, 2, 4),
    call=lambda m, q, k, v: m(q, k, v)[0],
    tol=6e-3,
)
M(
    "new nn.Sequential(new nn.Linear(4, 6), new nn.GELU(), new nn.LayerNorm(6), new nn.Linear(6, 2))",
    nn.Sequential(nn.Linear(4, 6), nn.GELU(), nn.LayerNorm(6), nn.Linear(6, 2)),
    rn(3, 4),
    tol=8e-3,
)
M(
    "new nn.Sequential(new nn.Conv2d(1, 3, 3, { padding: 1 }), new nn.BatchNorm2d(3), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(12, 3))",
    nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 3),
    ),
    rn(4, 1, 4, 4),
    train=True,
    tol=1.2e-2,
)


# losses
def loss(js, m, p, t, tol=None, tk="same", tt=None):
    x = p.clone().requires_grad_()
    y = m(x, t)
    u = torch.ones_like(y) if y.dim() == 0 else rn(*y.shape)
    (g,) = torch.autograd.grad((y * u).sum(), x)
    cases.append(
        dict(
            kind="loss",
            js=js,
            p=T(p),
            t=T(t if tt is None else tt),
            y=T(y),
            u=T(u),
            g=g.flatten().tolist(),
            tol=tol,
        )
    )


for r in ["mean", "sum", "none"]:
    o = f"{{ reduction: '{r}' }}"
    loss(f"new nn.MSELoss({o})", nn.MSELoss(reduction=r), rn(3, 4), rn(3, 4))
    loss(f"new nn.L1Loss({o})", nn.L1Loss(reduction=r), rn(3, 4), rn(3, 4))
    pr = grid(torch.rand(3, 4) * 0.9 + 0.05)
    tb = grid(torch.rand(3, 4))
    loss(f"new nn.BCELoss({o})", nn.BCELoss(reduction=r), pr, tb, tol=1e-2)
    loss(f"new nn.BCEWithLogitsLoss({o})", nn.BCEWithLogitsLoss(reduction=r), rn(3, 4) * 4, tb)
    c = torch.tensor([1, 0, 3])
    oh = F.one_hot(c, 4).double()
    loss(f"new nn.CrossEntropyLoss({o})", nn.CrossEntropyLoss(reduction=r), rn(3, 4) * 3, c, tt=oh, tol=5e-3)
    loss(
        f"new nn.CrossEntropyLoss({o})",
        nn.CrossEntropyLoss(reduction=r),
        rn(3, 4) * 3,
        c,
        tt=c.double(),
        tol=5e-3,
    )
    loss(
        f"new nn.CrossEntropyLoss({o})", nn.CrossEntropyLoss(reduction=r), rn(3, 4) * 300, c, tt=oh, tol=5e-3
    )
    loss(f"new nn.NLLLoss({o})", nn.NLLLoss(reduction=r), F.log_softmax(rn(3, 4), 1), c, tt=oh, tol=5e-3)
    q = F.log_softmax(rn(3, 4), 1)
    tp = F.softmax(rn(3, 4), 1)
    loss(f"new nn.KLDivLoss({o})", nn.KLDivLoss(reduction=r), q, tp, tol=1e-2)
loss("new nn.KLDivLoss({ reduction: 'batchmean' })", nn.KLDivLoss(reduction="batchmean"), q, tp, tol=1e-2)
loss(
    "new nn.KLDivLoss({ reduction: 'sum', logTarget: true })",
    nn.KLDivLoss(reduction="sum", log_target=True),
    q,
    F.log_softmax(rn(3, 4), 1),
    tol=1e-2,
)
loss("new nn.MSELoss()", nn.MSELoss(), rn(1), rn(1))
loss("new nn.MSELoss()", nn.MSELoss(), rn(200, scale=3000), rn(200, scale=3000))
loss("new nn.L1Loss()", nn.L1Loss(), rn(200, scale=1e5), rn(200, scale=1e5))
loss(
    "new nn.BCEWithLogitsLoss()",
    nn.BCEWithLogitsLoss(),
    torch.tensor([1000.0, -1000, 1e5, -1e5]),
    torch.tensor([0.0, 1, 1, 0]),
)


# optimisers
def opt(js, mk, steps=6, sched=None, schedjs=None, tol=None, zero=False):
    m = nn.Linear(3, 2)
    with torch.no_grad():
        for p in m.parameters():
            p.copy_(rn(*p.shape))
    st = {n: T(v) for n, v in m.state_dict().items()}
    o = mk(m.parameters())
    s = sched(o) if sched else None
    xs = rn(steps, 4, 3)
    ts = rn(steps, 4, 2)
    hist = []
    for i in range(steps):
        o.zero_grad()
        ((m(xs[i]) - ts[i]) ** 2).mean().backward()
        o.step()
        if s:
            s.step()
        hist.append({n: v.detach().flatten().tolist() for n, v in m.named_parameters()})
    cases.append(dict(kind="opt", js=js, sched=schedjs, state=st, xs=T(xs), ts=T(ts), hist=hist, tol=tol))


O = torch.optim
for js, kw in [
    ("lr: 0.1", dict(lr=0.1)),
    ("lr: 0.1, momentum: 0.9", dict(lr=0.1, momentum=0.9)),
    ("lr: 0.05, momentum: 0.9, nesterov: true", dict(lr=0.05, momentum=0.9, nesterov=True)),
    ("lr: 0.1, momentum: 0.5, dampening: 0.3", dict(lr=0.1, momentum=0.5, dampening=0.3)),
    ("lr: 0.1, weightDecay: 0.1", dict(lr=0.1, weight_decay=0.1)),
    (
        "lr: 0.1, momentum: 0.9, weightDecay: 0.05, nesterov: true",
        dict(lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=True),
    ),
]:
    opt(f"new optim.SGD(parameters, {{ {js} }})", lambda p: O.SGD(p, **kw))
for js, kw in [
    ("lr: 0.05", dict(lr=0.05)),
    ("lr: 0.1, betas: [0.8, 0.9]", dict(lr=0.1, betas=(0.8, 0.9))),
    ("lr: 0.05, weightDecay: 0.1", dict(lr=0.05, weight_decay=0.1)),
    ("lr: 0.05, eps: 0.01", dict(lr=0.05, eps=0.01)),
    ("lr: 0.001", dict(lr=0.001)),
]:
    opt(f"new optim.Adam(parameters, {{ {js} }})", lambda p: O.Adam(p, **kw), tol=8e-3)
opt(
    "new optim.SGD(parameters, { lr: 0.2 })",
    lambda p: O.SGD(p, lr=0.2),
    sched=lambda o: O.lr_scheduler.StepLR(o, 2, 0.5),
    schedjs="new optim.lrScheduler.StepLR(o, 2, 0.5)",
)
opt(
    "new optim.SGD(parameters, { lr: 0.2 })",
    lambda p: O.SGD(p, lr=0.2),
    sched=lambda o: O.lr_scheduler.CosineAnnealingLR(o, 6, 0.01),
    schedjs="new optim.lrScheduler.CosineLR(o, 6, 0.01)",
)


# Columns as they come, of very different sizes.
far = torch.randn(10, 4) * torch.tensor([1000.0, 0.1, 1, 100]) + torch.tensor([5000.0, 0, 0, -300])
M(
    "new nn.BatchNorm1d(4)",
    nn.BatchNorm1d(4),
    grid(far),
    running=([5000.0, 0, 0, -300], [1e6, 0.01, 1, 1e4]),
)


def short(x):
    if isinstance(x, float):
        return int(x) if x == int(x) and abs(x) < 1e15 else float(f"{x:.8g}")
    if isinstance(x, list):
        return [short(v) for v in x]
    return {k: short(v) for k, v in x.items() if v is not None} if isinstance(x, dict) else x


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "modules.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(short(c), separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases")
