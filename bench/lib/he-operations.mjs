// Operations of @tacit/rlwe beside the same operations of SEAL (node-seal), same parameters, same run.

import { findPrimes, loadHeLibrary } from '@tacit/he/backend';
import { Evaluator } from '@tacit/rlwe';

const RING_DEGREE = 8192;
const SCALE = 2 ** 30;

export async function operationRows(time) {
  const [specialPrime, ...primes] = findPrimes(RING_DEGREE, 30, 7);
  const library = await loadHeLibrary();
  const context = library.createContext({ scheme: 'ckks', ringDegree: RING_DEGREE, primes, specialPrime });
  const secret = context.generateSecretKey();
  const steps = [1, 2, 3, 4, 5, 6, 7, 8];
  const relinearization = context.generateRelinearizationKey(secret);
  const galois = context.generateGaloisKeys(secret, steps);
  const values = Float64Array.from({ length: RING_DEGREE / 2 }, (_, i) => Math.sin(i));
  const plain = context.encode(values, SCALE);
  const theirs = context.encrypt(secret, plain);
  const theirKeys = {
    relinearization: context.loadRelinearizationKey(relinearization),
    galois: context.loadGaloisKeys(galois),
  };
  const evaluator = await Evaluator.create({ ringDegree: RING_DEGREE, primes, specialPrime });
  const ours = evaluator.importCiphertext(context.saveCiphertext(theirs));
  const keys = evaluator.importKeys({
    relinearization: context.expandRelinearizationKey(relinearization),
    galois: context.expandGaloisKeys(galois),
  });
  const weights = evaluator.encode(values, SCALE, primes.length);
  /** Milliseconds of an operation, its results freed. */
  const our = (operation) => time(() => void evaluator.scope(() => void operation()));
  const their = (operation) => time(() => context.scope(() => void operation()));
  const row = (what, mine, seal) => ({
    what: `${what}, 6 primes of 30 bits, N = ${RING_DEGREE}`,
    ms: mine,
    'SEAL ms': seal,
    'times SEAL': seal === undefined ? undefined : seal / mine,
  });
  const rows = [
    row(
      'rotation',
      our(() => evaluator.rotate(ours, 1, keys)),
      their(() => context.rotate(theirs, 1, theirKeys.galois)),
    ),
    row(
      'rotation, one of 8 hoisted',
      our(() => evaluator.rotateMany(ours, steps, keys)) / 8,
      their(() => context.rotate(theirs, 1, theirKeys.galois)),
    ),
    row(
      'square, relinearised and rescaled',
      our(() => evaluator.rescale(evaluator.relinearize(evaluator.square(ours), keys))),
      their(() => context.rescale(context.relinearize(context.square(theirs), theirKeys.relinearization))),
    ),
    row(
      'product with a plaintext',
      our(() => evaluator.multiplyPlain(ours, weights)),
      their(() => context.multiplyPlain(theirs, plain)),
    ),
  ];
  evaluator.dispose();
  context.dispose();
  return rows;
}
