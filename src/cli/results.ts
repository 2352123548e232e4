import { resolve } from 'node:path';
import { type Command } from 'commander';
import { readTextFile, whyUnread } from '../core/bounded.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { writeFileSafely } from '../core/safeFiles.ts';
import { Merge, type MergedResult } from '../scale/merge.ts';
import { readResult } from '../scale/results.ts';
import { asJunit } from '../text/history/junit.ts';
import { EXIT } from './exitCodes.ts';
import { examples, notEmpty, withOutput } from './options.ts';
import type { OutputOptions } from './output.ts';
import { inSession, type Session } from './session.ts';
import { describeMerged, mergedJson } from './resultsText.ts';
import { neverConnected } from './simulationText.ts';

type MergeFlags = OutputOptions & { junit?: string };

/** A shard of ten thousand vehicles, with some problems. */
const MOST_BYTES = 64 * 2 ** 20;

export function addResults(program: Command): void {
  const results = program.command('results').description('what simulations left with "simulate --results"');
  const command = results
    .command('merge')
    .description('add up the results of the shards of a run, and judge the run as a whole')
    .argument('<file...>', 'what "simulate --results" has written')
    .optionsGroup('Files:')
    .option(
      '--junit <file>',
      'write a test report for CI in JUnit’s format; each vehicle is a test',
      notEmpty,
    );
  examples(
    withOutput(command),
    'cms-enablement results merge results/*.json',
    'cms-enablement results merge shard-1.json shard-2.json --junit report.xml --json',
  );
  command.action((files: string[], flags: MergeFlags) =>
    inSession(flags, (session) => merge(files, flags, session)),
  );
}

async function merge(files: readonly string[], { junit }: MergeFlags, session: Session): Promise<number> {
  const { output } = session;
  const merge = new Merge();
  for (const file of files) merge.add(readResult(await textOf(file), file), file);
  const merged = merge.result();
  output.result('results', mergedJson(merged), describeMerged(merged));
  if (junit !== undefined) {
    const path = resolve(junit);
    const [simulationId = ''] = merged.runs;
    await writeFileSafely(path, asJunit({ simulationId, result: merged, durationMs: 0 }), 0o644);
    output.result('file', { file: path }, `Written: ${path}`);
  }
  return exitCodeOfMerged(merged);
}

/** As of a run on one machine; gaps and shards without a result count like losses. */
export function exitCodeOfMerged({ totals, vehicles, gaps, missing }: MergedResult): number {
  const unreached = neverConnected(vehicles).length;
  if (totals.vehicles > 0 && totals.failed + unreached === totals.vehicles) return EXIT.failed;
  const hurt = totals.failed + totals.lost + unreached + gaps.length + missing.length;
  return hurt > 0 ? EXIT.partlyFailed : EXIT.ok;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readTextFile(file, { mostBytes: MOST_BYTES });
  } catch (error) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{file} cannot be read: {reason}.', { file, reason: whyUnread(error) }),
      { remedy: l10n.t('Choose files that "simulate --results" has written.'), cause: error },
    );
  }
}
