// Private digits: Alice has a trained network, Bob has handwritten digits. Bob learns what his digits are; Alice does
// not see them, and Bob does not see a single weight. Three processes on this machine, connected by WebSockets:
//
//   alice.mjs   opens mnist_cnn_bn/model.onnx and nothing else
//   bob.mjs     opens the test digits and nothing else; his screen is what is printed below
//   dealer.mjs  opens nothing; hands out correlated randomness and sees no message of the computation
//
// This process only starts them and prints what they say. Run it with `npm run demo`.
import { fileURLToPath } from 'node:url';
import { Member } from './member.mjs';
import { printShares } from './shares.mjs';
import { proseWidth, style } from './style.mjs';

const fixture = (path) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const model = fixture('mnist_cnn_bn/model.onnx');
const digits = {
  images: fixture('mnist_test_1000/images.npy'),
  labels: fixture('mnist_test_1000/labels.npy'),
};

const started = performance.now();
console.log(style.title('Private digits'));
console.log(
  proseWidth(
    'Alice owns a convolutional network (mnist_cnn_bn, 33,542 weights), Bob owns handwritten digits. ' +
      'Together they compute what the digits are. Neither sees what the other owns.',
  ),
);

const members = [
  new Member('Alice', 'alice.mjs', { model }, [model]),
  new Member('Bob', 'bob.mjs', { ...digits, count: 200, batch: 40 }, [digits.images, digits.labels]),
  new Member('dealer', 'dealer.mjs', {}, []),
];
const [alice, bob] = members;

try {
  // Who can be found where, and by which public key: secret keys stay in the processes that made them.
  const found = await Promise.all(members.map((m) => m.next('listening')));
  const session = { members: found, sessionId: 'private-digits' };
  for (const [rank, member] of members.entries()) member.send({ ...session, rank });

  console.log(style.heading('\nWho is who'));
  for (const m of members) {
    const sees = { Alice: 'opens model.onnx', Bob: 'opens images.npy, labels.npy', dealer: 'opens no file' };
    console.log(`  ${m.name.padEnd(7)}process ${String(m.pid).padEnd(8)} ${sees[m.name]}`);
  }

  console.log(style.heading("\nBob's screen"));
  bob.on('print', (line) => console.log(`  ${line}`));
  const [result, view] = await Promise.all([bob.next('result'), alice.next('view')]);

  console.log(style.heading('\nWhat travelled'));
  const { one, all, setup } = result;
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const row = (what, value) => console.log(`  ${what.padEnd(30)}${value}`);
  row('model, masked, once', `${kb(view.setup.bytesSent)} from Alice, ${kb(setup.bytesSent)} from Bob`);
  row('one digit alone', `${one.rounds} rounds, ${one.ms.toFixed(0)} ms`);
  row(
    '',
    `${kb(one.bytesSent)} from Bob, ${kb(view.one.bytesSent)} from Alice, ${kb(one.dealt)} from the dealer`,
  );
  row(
    `each of ${all.count} (batches of ${all.batch})`,
    `${(all.ms / all.count).toFixed(1)} ms, ${all.rounds} rounds a batch`,
  );
  row('', `${kb(all.bytesSent / all.count)} from Bob, ${kb(view.all.bytesSent / all.count)} from Alice`);

  console.log(style.heading('\nWhat each of them holds of a row of the first digit'));
  printShares(result.shares, view.shares, result.shownPixels);

  console.log(style.heading("\nCould they have opened each other's files?"));
  alice.send({ tryToRead: digits.images });
  bob.send({ tryToRead: model });
  for (const [m, what] of [
    [alice, "Bob's images.npy"],
    [bob, "Alice's model.onnx"],
  ])
    console.log(`  ${m.name.padEnd(7)}tried ${what.padEnd(20)} ${await m.next('tried')}`);

  await Promise.all(members.map((m) => m.finished()));
  console.log(`\n${style.quiet(`${((performance.now() - started) / 1000).toFixed(1)} s in all`)}`);
  if (result.accuracy < 0.97)
    throw new Error(`accuracy ${result.accuracy} is below what the network has in plaintext`);
} catch (error) {
  for (const m of members) m.kill();
  console.error(`the demo failed: ${error.message}`);
  process.exitCode = 1;
}
