// All launching functions in one script: what ran before the last call is not run again in its parties.
import { predict, runExported, runMultiprocess } from '@tacit/launch';

const [model, input, output] = process.argv.slice(2);
const exported = new URL('./exported.mjs', import.meta.url);
let started = 0;
const launch = {
  worldSize: 2,
  onEvent: ({ type }) => {
    started += type === 'started' ? 1 : 0;
  },
};
const codes = (error) => [error.code, error.cause?.code];

const report = await predict(model, input, output, { launch });
const six = await runExported(launch, exported, 'rankTimes', 6);
const seven = await runExported(launch, exported, 'rankTimes', 7);
const failed = await runExported(launch, exported, 'fails', null).catch(codes);
const missing = await predict(`${model}.missing`, input, output, { launch }).catch(codes);
const startedBefore = started;
// In the parties these are what the calls gave in the first run; `started` is not, for it counts what is started here.
const seen = await runMultiprocess(launch, import.meta.url, (party) => ({
  rank: party.rank,
  rounds: report.rounds,
  setupMs: report.setupMs,
  six,
  seven,
  failed,
  missing,
  started,
}));
console.log(
  JSON.stringify({
    rounds: report.rounds,
    setupMs: report.setupMs,
    six,
    seven,
    failed,
    missing,
    startedBefore,
    started,
    seen,
  }),
);
