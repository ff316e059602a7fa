/** What happens in a prediction, in one line on a terminal. */
import type { Progress } from '@tacit/cli-kit';
import type { LaunchEvent } from '../options.js';
import type { PredictNotice } from '../predict/messages.js';

export function showEvent(progress: Progress, event: LaunchEvent, repeat: number): void {
  if (event.type === 'started') progress.show('connecting');
  else if (event.type === 'notice') {
    const notice = event.data as PredictNotice;
    if (notice.phase === 'range') progress.warn(notice.warning);
    else progress.show(describe(notice, repeat));
  }
}

export function describe(
  notice: Exclude<PredictNotice, { readonly phase: 'range' }>,
  repeat: number,
): string {
  if (notice.phase === 'setup') return 'setup';
  return `inference ${notice.index + 1}/${repeat}, operation ${Math.min(notice.done + 1, notice.operations)} of ${notice.operations}`;
}
