/** First-party dealing never goes unnoticed. */
export function warnOfFirstPartyDealing(): void {
  process.stderr.write(
    'tacit: warning: first-party dealing is for debugging only: party 0 deals the randomness and can see everything\n',
  );
}

/** A twin never goes unnoticed either. */
export function warnOfTwin(): void {
  process.stderr.write(
    "tacit: warning: twin: 'check' is for debugging only: it reveals every value to every party\n",
  );
}
