/** A computation that does not end by itself. Run by robustness.slow.ts. */
import type { LaunchedParty } from '@tacit/launch';

export async function endless(party: LaunchedParty): Promise<void> {
  const x = party.cryptensor([1, -2, 3], { src: 0 });
  for (let i = 0; ; i++) {
    if (i === 5 && party.rank === 0) party.notify('in the middle');
    await x.relu().getPlainText();
  }
}
