/** First-party dealing never goes unnoticed. */
export function warnOfFirstPartyDealing(): void {
  process.stderr.write(
    'tacit: warning: first-party dealing is for debugging only: party 0 deals the randomness and can see everything\n',
  );
}
