/**
 * A contextual bandit: which of four offers to show to a visitor, learnt from what visitors of the same kind did before,
 * without seeing visitors or what they did.
 *
 *     npm ci && npm run build
 *     npx tsx examples/contextual-bandit.ts
 *
 * Alice (a shop) knows the visitors: a context of five features each. Bob (an advertiser) knows what an offer earns him.
 * For each offer there is a linear model of what it earns, by the context. Epsilon-greedy: mostly the offer with the
 * largest prediction is taken, sometimes one at random. Only the model of the offer that was taken learns.
 *
 * Two forms, by what is revealed:
 *
 *   private  nothing but the total at the end. The choice is a secret row of zeros and a one, by argmaxOneHot; whether and
 *            what is tried at random is drawn so that nobody knows it. All four models are updated each time, three of them
 *            by nothing: which one it was must not show. For evaluating a policy, or where offers are delivered in private.
 *   public   Bob and Alice learn which offer each visitor is shown (somebody has to show it), but no context, no prediction
 *            and no reward. When to try something at random is a public coin. Offers tell something about contexts: the
 *            largest of four predictions, of models that nobody knows.
 *
 * Visitors come ten at a time; models are updated after each ten. The same is done in the clear, with the same visitors and
 * the public coins, and compared with what the best offers would earn, and random ones.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { type CrypTensor, type Operand, runMultiprocess, runOnce, tidy, where } from 'tacit';
import { normal, uniform } from './shared/random.js';

const ALICE = 0;
const BOB = 1;
const OFFERS = 4;
const FEATURES = 5;
const BATCH = 10;
const BATCHES = 40;
const EPSILON = 0.1;
const RATE = 0.1;
const url = import.meta.url;

/** Visitors and what each offer would earn with each. A bandit gets to know the reward of the offer that it takes only. */
function world() {
  const number = normal(11);
  const truth = Array.from({ length: OFFERS }, () => Array.from({ length: FEATURES }, number));
  const visitors = Array.from({ length: BATCH * BATCHES }, () => [
    1,
    ...Array.from({ length: FEATURES - 1 }, number),
  ]);
  const rewards = visitors.map((x) =>
    truth.map((w) => w.reduce((sum, v, k) => sum + v * x[k], 0) + 0.2 * number()),
  );
  return { visitors, rewards };
}
const batchOf = (rows: number[][], batch: number) => rows.slice(BATCH * batch, BATCH * (batch + 1));

// Public coins: the offer that is tried at random, or undefined where the best prediction decides.
const coins = await runOnce(url, () => {
  const coin = uniform(12);
  return Array.from({ length: BATCH * BATCHES }, () =>
    coin() < EPSILON ? Math.floor(coin() * OFFERS) : undefined,
  );
});

/** The models, a column each, after a batch: those of the offers that were taken move towards what these earned. */
function learn(
  models: CrypTensor,
  x: CrypTensor,
  predicted: CrypTensor,
  chosen: Operand,
  earned: CrypTensor,
): CrypTensor {
  const error = earned.sub(predicted).mul(chosen);
  return models.add(
    x
      .t()
      .matmul(error)
      .mul(RATE / 2),
  );
}

const results = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const { visitors, rewards } = world();
  const batches = Array.from({ length: BATCHES }, (_, batch) => ({
    x: party.cryptensor(batchOf(visitors, batch), { src: ALICE }),
    earned: party.cryptensor(batchOf(rewards, batch), { src: BOB }),
  }));

  // Private: two secret rows, the greedy one and a random one, and a secret coin that says which of them counts.
  let models = party.zeros([FEATURES, OFFERS]);
  let total = party.zeros([]);
  const any = party.ones([BATCH, OFFERS]);
  for (const { x, earned } of batches)
    [models, total] = tidy(party.context, () => {
      const predicted = x.matmul(models);
      const tried = party.bernoulli(EPSILON, [BATCH, 1]);
      const chosen = where(tried, any.weightedIndex(1), predicted.argmaxOneHot(1));
      return [learn(models, x, predicted, chosen, earned), total.add(earned.mul(chosen).sum())];
    });
  const inPrivate = await total.item();

  // Public: the offers are revealed, ten at a time.
  models = party.zeros([FEATURES, OFFERS]);
  total = party.zeros([]);
  const shown: number[] = [];
  for (const [batch, { x, earned }] of batches.entries()) {
    const predicted = x.matmul(models);
    // Asked only where the answer counts: for the others it would be told for nothing.
    const greedy = Array.from({ length: BATCH }, (_, i) => i).filter(
      (i) => coins[BATCH * batch + i] === undefined,
    );
    const best = (await predicted.take(greedy, 0).argmax(1).getPlainText()).data as Float32Array;
    const offers = Array.from(
      { length: BATCH },
      (_, i) => coins[BATCH * batch + i] ?? best[greedy.indexOf(i)],
    );
    shown.push(...offers);
    const chosen = oneHot(offers); // public rows are operands, too
    [models, total] = [learn(models, x, predicted, chosen, earned), total.add(earned.mul(chosen).sum())];
  }
  return { inPrivate, inPublic: await total.item(), shown };
});
function oneHot(offers: number[]): number[][] {
  return offers.map((offer) => Array.from({ length: OFFERS }, (_, k) => Number(k === offer)));
}

// The same in the clear, with the public coins.
const { visitors, rewards } = world();
const models = Array.from({ length: OFFERS }, () => new Array<number>(FEATURES).fill(0));
const predict = (x: number[]) => models.map((w) => w.reduce((sum, v, k) => sum + v * x[k], 0));
const best = (row: number[]) => row.indexOf(Math.max(...row));
let inTheClear = 0;
const shown: number[] = [];
for (let batch = 0; batch < BATCHES; batch++) {
  const steps = batchOf(visitors, batch).map((x, i) => {
    const at = BATCH * batch + i;
    const predicted = predict(x);
    const offer = coins[at] ?? best(predicted);
    shown.push(offer);
    inTheClear += rewards[at][offer];
    return { x, offer, error: rewards[at][offer] - predicted[offer] };
  });
  for (const { x, offer, error } of steps)
    models[offer] = models[offer].map((v, k) => v + (RATE / 2) * error * x[k]);
}
const mean = (total: number | undefined) => ((total ?? Number.NaN) / visitors.length).toFixed(2);
const [{ inPrivate, inPublic, shown: told }] = results;
console.log('earned a visitor, private:', mean(inPrivate)); // → earned a visitor, private: …
console.log('earned a visitor, public: ', mean(inPublic)); // → earned a visitor, public:  …
console.log('in the clear:             ', mean(inTheClear)); // → in the clear:              1.92
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
console.log('always the best offer:    ', mean(sum(rewards.map((row) => Math.max(...row))))); // → always the best offer:     2.24
console.log('random offers:            ', mean(sum(rewards.map((row) => sum(row) / OFFERS)))); // → random offers:             0.24
const same = told.filter((offer, i) => offer === shown[i]).length;
console.log(`${same} of ${shown.length} offers as in the clear`); // → … of 400 offers as in the clear
