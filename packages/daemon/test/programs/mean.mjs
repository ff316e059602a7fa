// The mean of a number of each party; what it does besides depends on its first argument.
export default async (party, args, context) => {
  const own = 10 * (party.rank + 1);
  const parts = Array.from({ length: party.worldSize }, (_, src) =>
    party.cryptensor(src === party.rank ? [own] : undefined, { src, shape: [1] }),
  );
  if (args[0] === 'throw' && party.rank === 1)
    throw Object.assign(new Error('the secret is 4711'), { code: 'BANANAS' });
  if (args[0] === 'stray' && party.rank === 1)
    setTimeout(() => {
      throw Object.assign(new Error('the secret is 4711'), { code: 'STRAY' });
    }, 1);
  if (args[0] === 'exit' && party.rank === 1) process.exit(3);
  if (args[0] === 'busy' && party.rank === 1) for (;;);
  const sum = parts.reduce((a, b) => a.add(b));
  const rounds = { many: 300, endless: 1e9, stray: 1e9 }[args[0]] ?? 1;
  console.log('computing');
  party.notify('computing');
  for (let i = 0; i < rounds; i++) await sum.relu().revealFloat64();
  const mean = await sum.div(party.worldSize).revealFloat64();
  console.log('computed');
  return { mean: mean.data[0], rank: party.rank, args, ...context };
};
