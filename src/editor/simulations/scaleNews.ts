import * as vscode from 'vscode';
import { isCancelled } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { MergedResult } from '../../scale/merge.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import type { ScaleRun } from './scaleRun.ts';

/** Gaps and shards that are told one by one. */
const MOST_NAMED = 5;

/** Says what a run of several workers came to, and what of it is missing. */
export async function tellScaleRun(tasks: Tasks, run: ScaleRun): Promise<void> {
  const { problem, result } = run;
  const { title } = run.kept;
  if (run.isLost && isCancelled(problem)) {
    // Whoever left a question, such as that for a one-time code, may not know that the run needs the answer.
    const again = vscode.l10n.t('Try Again');
    const text = vscode.l10n.t('{0} is not followed, and may still drive.', title);
    if ((await notify.warn(text, again)) === again) run.control({ do: 'resume' });
    return;
  }
  if (problem !== undefined) {
    await tasks.showError(problem, run.isLost ? () => run.control({ do: 'resume' }) : undefined);
    return;
  }
  if (result === undefined) {
    await notify.info(vscode.l10n.t('{0}: the simulation was stopped before it started.', title));
    return;
  }
  const { acknowledged, lost } = result.totals;
  const ended = vscode.l10n.t('{0}: ended. {1} messages acknowledged, {2} lost.', title, acknowledged, lost);
  const missing = missingWords(result);
  if (missing.length === 0 && lost === 0) await notify.info(ended);
  else await notify.warn([ended, ...missing.map(say)].join(' '));
}

/** What attempts that broke off took with them, shards without a result, and vehicles that failed. */
export function missingWords({ gaps, missing, totals }: MergedResult): Message[] {
  const failed = l10n.plural(
    totals.failed,
    l10n.t('1 vehicle failed.'),
    l10n.t('{count} vehicles failed.', { count: totals.failed }),
  );
  return [
    ...gaps.slice(0, MOST_NAMED).map(({ shard, attempt, seconds, vehicles }) =>
      l10n.plural(
        vehicles,
        l10n.t('Shard {shard}: attempt {attempt} ended early, a gap of {seconds} s for 1 vehicle.', {
          ...{ shard, attempt, seconds },
        }),
        l10n.t('Shard {shard}: attempt {attempt} ended early, a gap of {seconds} s for {count} vehicles.', {
          ...{ shard, attempt, seconds, count: vehicles },
        }),
      ),
    ),
    ...(missing.length === 0
      ? []
      : [
          l10n.t('Shards without a result: {shards}.', {
            shards: l10n.list(missing.slice(0, MOST_NAMED).map(String), 'comma'),
          }),
        ]),
    ...(totals.failed === 0 ? [] : [failed]),
  ];
}
