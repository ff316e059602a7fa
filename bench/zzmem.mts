import { nn, optim, runMultiprocess } from 'tacit';

await runMultiprocess(
  { worldSize: 2, transport: (process.env.TR ?? 'threads') as never },
  import.meta.url,
  async (party) => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(4 * 64, 16),
      new nn.ReLU(),
      new nn.Linear(16, 4),
    );
    model.encrypt(party, { src: 0 });
    const sgd = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
    const criterion = new nn.CrossEntropyLoss();
    const n = 16;
    const x = party.cryptensor(
      Float64Array.from({ length: n * 64 }, (_, i) => Math.sin(i)),
      { src: 0, shape: [n, 1, 8, 8] },
    );
    const ys = new Float64Array(n * 4);
    for (let i = 0; i < n; i++) ys[i * 4 + (i % 4)] = 1;
    const y = party.cryptensor(ys, { src: 1, shape: [n, 4] });
    let t = performance.now();
    for (let step = 0; step <= Number(process.env.STEPS ?? 1000); step++) {
      sgd.zeroGrad();
      const batch = x.narrow(0, 0, n);
      const loss = criterion.forward(model.forward(batch), y);
      loss.backward();
      sgd.step();
      const value = await loss.item();
      if (step % 500 === 0 && party.rank === 0) {
        const m = process.memoryUsage();
        party.notify(0);
        console.log(
          step,
          value,
          'rss',
          Math.round(m.rss / 1e6),
          'heap',
          Math.round(m.heapUsed / 1e6),
          'ext',
          Math.round(m.external / 1e6),
          'ab',
          Math.round(m.arrayBuffers / 1e6),
          Math.round((performance.now() - t) / 100),
        );
        t = performance.now();
      }
    }
  },
);
