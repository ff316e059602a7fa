/**
 * Membership inference: what the answers of a model tell about who was in its training data, and what helps.
 *
 *     npm ci && npm run build
 *     npx tsx examples/membership-inference.ts
 *
 * Training in private hides the data on the way to the model. It does not hide what the model itself has learnt by heart:
 * Alice trains a network on 80 people in private, and answers queries. Mallory asks about 80 people who were in the training
 * data and 80 who were not, with the label of each, and guesses "was in it" where the model's probability of the right label
 * is above a threshold (Yeom et al., Privacy Risk in Machine Learning, 2018). Her advantage is how much more often she says
 * so of members than of others: 0 is a coin, 1 certainty. The threshold is the best one, as if she knew it.
 *
 *   1. a network trained far too long, that tells probabilities
 *   2. the same, that tells only the class: members are right more often, which is what is left
 *   3. one trained for a short time with weight decay, that tells probabilities
 *   4. the same, that tells only the class
 *
 * What helps is a model that does as well on people it has not seen, and answers that say no more than is needed. A proof
 * that little is told takes noise in training (differential privacy), which is not shown here.
 *
 * Who learns what: Mallory (party 1) learns the answers to her queries; Alice (party 0) how many there were, here also the
 * accuracies. The network stays shared.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { type CrypTensor, nn, noGrad, optim, runMultiprocess } from 'tacit';
import { normal, uniform } from './shared/random.js';

const ALICE = 0;
const MALLORY = 1;
const PEOPLE = 80;
const FEATURES = 20;
const url = import.meta.url;

/** People: normal features, a label that depends on two of them, and is wrong for one in five. */
function people(seed: number) {
  const [number, coin] = [normal(seed), uniform(seed + 1)];
  const x = Array.from({ length: PEOPLE }, () => Array.from({ length: FEATURES }, number));
  const labels = x.map((row) => (row[0] + row[1] > 0 !== coin() < 0.2 ? 1 : 0));
  return { x, labels, rows: labels.map((label) => [1 - label, label]) };
}
const members = people(31);
const others = people(41);

const results = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const x = party.cryptensor(members.x, { src: ALICE });
  const y = party.cryptensor(members.rows, { src: ALICE });
  // Mallory's queries: she suspects some people, and knows their features.
  const queries = party.cryptensor([...members.x, ...others.x], { src: MALLORY });

  const trained = (epochs: number, weightDecay: number): nn.Module => {
    const model = new nn.Sequential(new nn.Linear(FEATURES, 24), new nn.ReLU(), new nn.Linear(24, 2));
    model.encrypt(party, { src: 'nobody' });
    const sgd = new optim.SGD(model.parameters(), { lr: 0.25, momentum: 0.9, weightDecay });
    const criterion = new nn.CrossEntropyLoss();
    for (let epoch = 0; epoch < epochs; epoch++) {
      sgd.zeroGrad();
      criterion.forward(model.forward(x), y).backward();
      sgd.step();
    }
    return model;
  };
  const answers = async (model: nn.Module) => {
    const logits: CrypTensor = noGrad(() => model.forward(queries));
    const [probabilities, classes] = await Promise.all([
      logits.softmax(1).reveal({ to: MALLORY }),
      logits.argmax(1).reveal({ to: MALLORY }),
    ]);
    return {
      probabilities: probabilities && Array.from(probabilities.data as Float32Array),
      classes: classes && Array.from(classes.data as Float32Array),
    };
  };
  return [await answers(trained(60, 0)), await answers(trained(6, 0.03))];
});

/** How much more often than of others she says of members that they are, at the best threshold. */
function advantage(scores: number[]): number {
  const above = (from: number, threshold: number) =>
    scores.slice(from, from + PEOPLE).filter((score) => score >= threshold).length / PEOPLE;
  return Math.max(...scores.map((threshold) => above(0, threshold) - above(PEOPLE, threshold)));
}
const labels = [...members.labels, ...others.labels];
const gained = results[MALLORY].map(({ probabilities = [], classes = [] }, i) => {
  const right = classes.map((k, person) => Number(k === labels[person]));
  const count = (from: number) => right.slice(from, from + PEOPLE).filter((v) => v === 1).length;
  console.log(
    `${i === 0 ? 'trained too long' : 'trained with care'}: ${count(0)} of ${PEOPLE} members right, ${count(PEOPLE)} of ${PEOPLE} others`,
  );
  const own = labels.map((label, person) => probabilities[2 * person + label]);
  const [byProbability, byClass] = [advantage(own), advantage(right)];
  console.log(
    `   advantage by probabilities ${byProbability.toFixed(2)}, by classes alone ${byClass.toFixed(2)}`,
  );
  return { byProbability, byClass };
});
// → trained too long: … of 80 members right, … of 80 others
// →    advantage by probabilities 0.…, by classes alone 0.…
// → trained with care: … of 80 members right, … of 80 others
// →    advantage by probabilities 0.…, by classes alone 0.…
const [long, short] = gained;
console.log('classes tell less than probabilities:', long.byClass < long.byProbability); // → classes tell less than probabilities: true
console.log('and the careful model less than the other:', short.byProbability < long.byProbability); // → and the careful model less than the other: true
console.log('Alice learns', results[ALICE][0].classes); // → Alice learns undefined
