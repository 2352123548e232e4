import { resolve } from 'node:path';
import type { Connection } from '../../aws/connection.ts';
import { l10n } from '../../core/message.ts';
import { writeFileSafely } from '../../core/safeFiles.ts';
import { asJunit } from '../../text/history/junit.ts';
import { conduct, type ConductOptions } from '../../scale/conduct.ts';
import { readJob, readPlan } from '../../scale/plan.ts';
import type { RunView } from '../../scale/runView.ts';
import type { Store } from '../../scale/store.ts';
import { EXIT } from '../exitCodes.ts';
import { exitCodeOfMerged } from '../results.ts';
import { describeMerged, mergedJson } from '../resultsText.ts';
import type { Session } from '../session.ts';
import { engineOf } from './engines.ts';
import type { ScaleFlags } from './options.ts';

/** Follows a run that another process started. */
export async function attach(
  run: string,
  flags: ScaleFlags & { junit?: string },
  { store, connection }: { store: Store; connection: Connection },
  session: Session,
): Promise<number> {
  const plan = await readPlan(store, run);
  const { engine: name, id } = await readJob(store, run);
  const engine = engineOf(name, flags, connection);
  return follow({ plan, engine, job: id, store, connection }, flags, session);
}

/** Follows a run to its end. Ctrl-C ends its trips with their summaries, a second one leaves it alone. */
export async function follow(
  run: Pick<ConductOptions, 'plan' | 'engine' | 'job' | 'store' | 'connection'>,
  flags: ScaleFlags & { junit?: string },
  session: Session,
): Promise<number> {
  const { work, output } = session;
  const merged = await conduct({
    ...run,
    barrierMs: flags.barrier * 1000,
    // Ctrl-C must not cut the channel: it stops the run, so that the last messages still arrive.
    work: { ...work, signal: new AbortController().signal },
    stop: work.signal,
    update: (view) => show(view, session),
  });
  output.result('simulation', { simulationId: run.plan.run, ...mergedJson(merged) }, describeMerged(merged));
  if (flags.junit !== undefined) {
    const path = resolve(flags.junit);
    await writeFileSafely(
      path,
      asJunit({ simulationId: run.plan.run, result: merged, durationMs: 0 }),
      0o644,
    );
    output.result('file', { file: path }, `Written: ${path}`);
  }
  return work.signal.aborted ? EXIT.cancelled : exitCodeOfMerged(merged);
}

function show({ shards, ready, totals }: RunView, { output, work }: Session): void {
  const phases = shards.map(({ number, status, done, goneAt }) => ({
    shard: number,
    phase: done ? 'ended' : goneAt !== undefined ? 'gone' : (status?.phase ?? 'waiting'),
    attempt: status?.attempt ?? 0,
  }));
  if (output.json) {
    output.result('totals', { ...totals, ready, shards: phases }, '');
    return;
  }
  const driving = phases.filter(({ phase }) => phase === 'driving').length;
  const { online, vehicles, messagesPerSecond, queued, lost } = totals;
  const message = l10n.verbatim(
    `shards driving ${driving}/${shards.length}, ready ${ready}, vehicles online ${online}/${vehicles}, ` +
      `${messagesPerSecond} msgs/s, queued ${queued}, lost ${lost}`,
  );
  work.progress({ step: 'simulate', level: 'info', message });
}
