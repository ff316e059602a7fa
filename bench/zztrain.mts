import { runMultiprocess, nn, optim } from 'tacit';
const batch = Number(process.env.BATCH ?? 32);
const steps = 30;
const results = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const model = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
  model.encrypt(party, { src: 0, mode: 'shared' });
  const sgd = new optim.SGD(model.parameters(), { lr: 0.1 });
  const loss = new nn.CrossEntropyLoss();
  const xs = Float64Array.from({ length: batch * 784 }, (_, i) => Math.abs(Math.sin(i * i)));
  const ys = new Float64Array(batch * 10);
  for (let i = 0; i < batch; i++) ys[i * 10 + (i % 10)] = 1;
  const x = party.cryptensor(xs, { src: 0, shape: [batch, 784] });
  const y = party.cryptensor(ys, { src: 1, shape: [batch, 10] });
  const out: unknown[] = [];
  for (let s = 0; s < steps; s++) {
    const t = performance.now(); const c0 = process.cpuUsage();
    const rb = party.stats.rounds, bb = (party.stats as any).bytesSent;
    sgd.zeroGrad();
    const input = x.clone();
    const l = loss.forward(model.forward(input), y);
    l.backward();
    sgd.step();
    await Promise.all([...model.parameters()].map((p) => (p.operand as any).share.value));
    const after = party.stats as any;
    const c1 = process.cpuUsage(c0); out.push({ cpu: Math.round((c1.user + c1.system) / 1000), ms: (performance.now() - t).toFixed(1), depth: Math.max(...[...model.parameters()].map((p) => (p.operand as any).rounds)), rounds: after.rounds - rb, bytes: after.bytesSent - bb, loss: s % 3 === 0 ? (await l.item()) : 0 });
    l.dispose();
  }
  return out;
});
console.log(JSON.stringify(results[0], null, 1));
