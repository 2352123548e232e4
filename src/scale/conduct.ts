import type { Connection } from '../aws/connection.ts';
import { asCmsError, cancelled, CmsError, isCancelled } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { type MergedResult, Merge } from './merge.ts';
import type { openChannel } from './channel.ts';
import { RunChannel } from './controller.ts';
import type { Engine, JobStatus } from './engines/engine.ts';
import { type GaveUp, readNotes } from './gaveUp.ts';
import { hopelessOf, nobodyDrives } from './prospects.ts';
import { jobKey, type Plan, resultKey, resultsPrefix } from './plan.ts';
import { brokenResult, readResult } from './results.ts';
import { RunNews, wordsOf } from './runNews.ts';
import type { RunView } from './runView.ts';
import type { Store } from './store.ts';

export interface ConductOptions {
  plan: Plan;
  connection: Connection;
  store: Store;
  engine: Engine;
  /** The job that drives the run. A function submits it, once the run channel is open: nobody else starts it then. */
  job: string | (() => Promise<string>);
  /** How long the start waits for workers that are not ready. Milliseconds. */
  barrierMs: number;
  work: Work;
  /** Aborted to end the trips and then the run. The work's own signal leaves the run alone, started or not. */
  stop: AbortSignal;
  /** Called about once a second. */
  update(view: RunView): void;
  /** Told the run channel once it is open, for who steers by it. */
  opened?(channel: RunChannel): void;
  /** How the run channel is opened. */
  opening?: typeof openChannel;
}

const LOOK_MS = 1000;
/** A look that took longer was interrupted. */
const MOST_LOOK_MS = 5000;
/** The engine is asked less often. */
const ASK_EVERY = 5;
/** After the engine said that no child is left, and after a stop. */
const GRACE_MS = 15_000;
const STOP_GRACE_MS = 30_000;

/**
 * Brings a run to its end: lets the workers go when they are ready, unless somebody has, follows them, and adds up what
 * they left. Whoever attaches later does the same.
 * @throws CmsError RUN_NOT_READY when no worker came, or what channel, store or engine throw
 */
export async function conduct(options: ConductOptions): Promise<MergedResult> {
  const { plan, store, engine, work, stop, connection } = options;
  const submits = typeof options.job === 'function';
  const channel = new RunChannel(plan, work);
  await channel.open(connection, options.opening);
  options.opened?.(channel);
  /** Results that were looked at. */
  const seen = new Set<string>();
  /** Workers that gave up, and the notes that were read. */
  const gaveUp: GaveUp[] = [];
  const read = new Set<string>();
  const news = new RunNews(plan, engine.name, work.progress);
  const once = (key: string, message: Message): void => news.once(key, message);
  /** How long the start was waited for, without the time this process was frozen: what came then is not heard yet. */
  let waited = 0;
  let lookedAt = work.clock.now();
  /** Since when nobody drives. */
  let idleAt: number | undefined;
  let status: JobStatus | undefined;
  let overAt: number | undefined;
  let stoppedAt: number | undefined;
  const stopped = AbortSignal.any([work.signal, stop]);
  let job = '';
  /** Whether the engine was asked to end the job, and whether the store has all that the run channel has. */
  const did = { end: false, keep: true };
  try {
    job = typeof options.job === 'string' ? options.job : await submitted(options.job);
    for (let round = 0; ; round++) {
      if (round % ASK_EVERY === 0) {
        status = await askEngine();
        await readGaveUp().catch(unread);
      }
      await readResults().catch(unread);
      const { view } = channel;
      options.update(view);
      news.tell(view);
      if (view.shards.every(({ done }) => done)) break;
      const now = work.clock.now();
      waited += Math.min(now - lookedAt, MOST_LOOK_MS);
      lookedAt = now;
      if (stop.aborted && stoppedAt === undefined) {
        stoppedAt = now;
        if (channel.control === undefined) break;
        await channel.stop().catch(unstopped);
        // Who waits for the stop to be said sees it in the view.
        options.update(channel.view);
      }
      // Results without a control message are those of a run that is over and was cleared.
      if (channel.control === undefined && seen.size === 0) await barrier(view);
      overAt = status?.over === true ? (overAt ?? now) : undefined;
      if (overAt !== undefined && now - overAt > GRACE_MS) break;
      idleAt = nobodyDrives(view, { control: channel.control, job: status, plan, now })
        ? (idleAt ?? now)
        : undefined;
      if (idleAt !== undefined && now - idleAt > GRACE_MS) break;
      if (stoppedAt !== undefined && now - stoppedAt > STOP_GRACE_MS) break;
      await untilNextLook();
    }
    if (channel.control !== undefined) tellMissing(channel.view);
    await end('the run is over');
    if (stop.aborted && channel.control === undefined && seen.size === 0) throw cancelled('barrier');
    const result = await merged();
    if (did.keep) await clear();
    return result;
  } catch (error) {
    // Who leaves it alone leaves its workers to whoever attaches next.
    if (channel.control === undefined && !work.signal.aborted) {
      // Its workers would wait for a start that nobody gives.
      if (submits && !did.end) await end('the run did not start');
      if (did.end && seen.size === 0) await clear();
    }
    throw error;
  } finally {
    await channel.close();
  }

  /** A stop is said at once: who wants it may be about to leave. */
  async function untilNextLook(): Promise<void> {
    const signal = stoppedAt === undefined ? stopped : work.signal;
    await work.clock.sleep(LOOK_MS, signal).catch((error: unknown) => {
      if (signal !== stopped || work.signal.aborted) throw error;
    });
  }

  async function submitted(submit: () => Promise<string>): Promise<string> {
    if (stop.aborted) throw cancelled('engine');
    job = await submit();
    await store.put(jobKey(plan.run), JSON.stringify({ engine: engine.name, id: job }));
    return job;
  }

  /** That the job cannot be ended is no reason to lose what the run came to. */
  async function end(reason: string): Promise<void> {
    if (job === '') return;
    did.end = true;
    try {
      await engine.cancel(job, reason);
    } catch (error) {
      const { sentence } = asCmsError(error);
      const unended = l10n.t('{engine} did not end job {job}; end it there if it still runs.', {
        ...{ engine: engine.name, job },
      });
      once('end', l10n.list([unended, sentence], 'sentences'));
    }
  }

  async function clear(): Promise<void> {
    try {
      await channel.clear();
    } catch (error) {
      const { sentence } = asCmsError(error);
      const stay = l10n.t('Messages of the run stay in AWS IoT; --attach takes them away.');
      once('clear', l10n.list([stay, sentence], 'sentences'));
    }
  }

  function unread(error: unknown): void {
    if (isCancelled(error)) throw error;
    const { sentence } = asCmsError(error);
    once(
      'store',
      l10n.list([l10n.t('The results cannot be read; the run continues.'), sentence], 'sentences'),
    );
  }

  async function unstopped(error: unknown): Promise<void> {
    if (isCancelled(error)) throw error;
    const { sentence } = asCmsError(error);
    const instead = l10n.t('The run channel does not stop the run; {engine} ends its workers.', {
      engine: engine.name,
    });
    once('stop', l10n.list([instead, sentence], 'sentences'));
    await end('the run was stopped');
  }

  /** A run channel that is down for a moment is there again before the barrier is over. */
  async function start(): Promise<void> {
    try {
      await channel.start();
    } catch (error) {
      if (isCancelled(error) || waited > options.barrierMs) throw error;
      once('start', asCmsError(error).sentence);
    }
  }

  async function askEngine(): Promise<JobStatus | undefined> {
    try {
      return await engine.status(job, work.signal);
    } catch (error) {
      if (isCancelled(error)) throw error;
      once('engine', l10n.t('{engine} does not answer; the run continues.', { engine: engine.name }));
      return undefined;
    }
  }

  async function barrier(view: RunView): Promise<void> {
    const { ready } = view;
    const hopeless = hopelessOf(view, gaveUp);
    if (ready > 0 && ready + hopeless === plan.shards) {
      await start();
      return;
    }
    const nobodyComes =
      ready === 0 && (hopeless === plan.shards || (status?.over === true && waited > GRACE_MS));
    if (waited < options.barrierMs && !nobodyComes) return;
    const [first] = problemsOf(view);
    const reasons = [...(first === undefined ? [] : [wordsOf(first)]), ...engineReasons()];
    const why = l10n.list(
      [
        l10n.plural(
          plan.shards,
          l10n.t('{ready} of 1 worker is ready.', { ready }),
          l10n.t('{ready} of {count} workers are ready.', { ready, count: plan.shards }),
        ),
        ...reasons,
      ],
      'sentences',
    );
    if (ready === 0) {
      await end('no worker came');
      throw new CmsError('RUN_NOT_READY', why, {
        step: 'barrier',
        remedy: first === undefined ? capacityRemedy() : l10n.t('Then start the run again.'),
      });
    }
    once('barrier', why);
    await start();
  }

  function engineReasons(): Message[] {
    return (status?.reasons ?? []).slice(0, 3).map((reason) => l10n.verbatim(reason));
  }

  function capacityRemedy(): Message {
    return l10n.t('Raise this, or use fewer shards: {capacity}.', {
      capacity: l10n.verbatim(engine.capacity),
    });
  }

  function problemsOf({ shards }: RunView) {
    return [
      ...shards.flatMap(({ status: last }) => last?.problem ?? []),
      ...gaveUp.map(({ problem }) => problem),
    ];
  }

  function tellMissing({ shards }: RunView): void {
    const never = shards.filter(({ done, status: last }) => !done && last === undefined);
    for (const { number } of never) {
      if (gaveUp.some(({ shard }) => shard === number)) continue;
      const words = [
        l10n.t('Shard {number} never started.', { number }),
        ...engineReasons(),
        capacityRemedy(),
      ];
      once(`never ${number}`, l10n.list(words, 'sentences'));
    }
  }

  async function readGaveUp(): Promise<void> {
    for (const note of await readNotes(store, plan.run, read)) {
      gaveUp.push(note);
      news.gaveUp(note);
    }
  }

  async function readResults(): Promise<void> {
    for (const key of await store.list(resultsPrefix(plan.run))) {
      const shard = Number(/(\d+)-\d+\.json$/.exec(key)?.[1]);
      if (channel.view.shards[shard - 1]?.done !== false || seen.has(key)) continue;
      seen.add(key);
      const text = await store.get(key);
      if (text !== undefined && !readResult(text, key).broken) channel.done(shard);
    }
    for (const { number, status: last, done } of channel.view.shards) {
      // Its result could not be written: what it said last is all there is.
      if (!done && last?.phase === 'ended' && last.problem !== undefined) channel.done(number);
    }
  }

  /** All results of the store, and for attempts that left none what they said last, which then is there, too. */
  async function merged(): Promise<MergedResult> {
    const merge = new Merge();
    const there = new Set<string>();
    for (const key of await store.list(resultsPrefix(plan.run))) {
      const text = await store.get(key);
      if (text === undefined) continue;
      merge.add(readResult(text, key), key);
      there.add(key);
    }
    const last = channel.view.shards.flatMap(({ number, status: said }) =>
      said?.startedAt === undefined ? [] : [{ shard: number, status: said }],
    );
    for (const { shard, status: said } of [...channel.brokenStatuses, ...last]) {
      const key = resultKey(plan.run, shard, said.attempt);
      if (there.has(key)) continue;
      there.add(key);
      const left = { ...brokenResult(plan, shard, said), broken: said.phase !== 'ended' };
      merge.add(left, key);
      await store.put(key, JSON.stringify(left)).catch(() => (did.keep = false));
    }
    if (there.size === 0) {
      throw new CmsError('RUN_NOT_READY', l10n.t('No shard of {run} drove.', { run: plan.run }), {
        remedy: l10n.t('Look at the logs of the workers, and check: {capacity}.', {
          capacity: l10n.verbatim(engine.capacity),
        }),
      });
    }
    return merge.result();
  }
}
