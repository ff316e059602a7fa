// Functions for mixed.mjs, in a module that launches nothing when it is imported.
export const rankTimes = (party, factor) => party.rank * factor;
export const fails = (party) => {
  if (party.rank === 1) throw Object.assign(new TypeError('no more bananas'), { code: 'BANANAS' });
};
