// Clients of bench/serve.mjs: each has a question of its own, whose answer it knows from its first one.
import { connect } from '@tacit/service/client';

process.on('message', async ({ invite, clients, questions, atOnce = 1 }) => {
  const models = await Promise.all(Array.from({ length: clients }, () => connect(invite, { trial: true })));
  const times = [];
  let wrong = 0;
  const inputs = models.map(() => Float32Array.from({ length: 784 }, () => Math.random()));
  const wanted = await Promise.all(
    models.map(async (model, i) => {
      const began = performance.now();
      const { output } = await model.run({ input: inputs[i] });
      times.push(performance.now() - began);
      return output.data;
    }),
  );
  const began = performance.now();
  let left = questions - clients;
  const ask = async (client) => {
    while (left-- > 0) {
      const start = performance.now();
      const { output } = await models[client].run({ input: inputs[client] });
      times.push(performance.now() - start);
      if (output.data.some((value, i) => Math.abs(value - wanted[client][i]) > 0.01)) wrong++;
    }
  };
  await Promise.all(models.flatMap((_, client) => Array.from({ length: atOnce }, () => ask(client))));
  const ms = performance.now() - began;
  const connectMs = models.map(({ stats }) => stats.connectMs);
  await Promise.all(models.map((model) => model.close()));
  process.send({ connectMs, times, wrong, ms, questions: questions - clients });
});
