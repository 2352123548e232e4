import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { writeFileSafely } from '../core/safeFiles.ts';
import type { SimulationResult, SimulationUpdate } from '../protocol/simulation.ts';
import { type ResultHead, shardResult } from '../scale/results.ts';
import type { DriveFigures } from '../text/driveSummary.ts';
import { DriveHistory } from '../text/history/driveHistory.ts';
import { EXPORT_FORMATS, exportDrive, exportFormatOf } from '../text/history/exportDrive.ts';
import { asJunit } from '../text/history/junit.ts';
import { notEmpty } from './options.ts';
import type { Session } from './session.ts';

export interface FileFlags {
  export?: string;
  junit?: string;
  results?: string;
}

/** The files that a simulation leaves, besides a recording. */
export interface SimulationFiles {
  add(update: SimulationUpdate): void;
  /** Throws CmsError PATH_UNSAFE, or why a file cannot be written. */
  write(simulationId: string, result: SimulationResult, figures: DriveFigures): Promise<void>;
}

export function withFiles(command: Command): Command {
  return command
    .option(
      '--export <file>',
      `write the samples of the drive to a file: ${EXPORT_FORMATS.map((format) => `.${format}`).join(', ')}`,
      exportFile,
    )
    .option(
      '--junit <file>',
      'write a test report for CI in JUnit’s format; each vehicle is a test',
      notEmpty,
    )
    .option('--results <file>', 'write the results of the simulation as JSON, for "results merge"', notEmpty);
}

/** What results say of the run besides its figures. */
export type RunHead = Pick<ResultHead, 'generation' | 'shard' | 'fleet'>;

/** Collects what the files need while the simulation runs. */
export function simulationFiles(
  flags: FileFlags,
  { output, work }: Session,
  head?: RunHead,
): SimulationFiles {
  const { export: exported, junit, results } = flags;
  const history = exported === undefined ? undefined : new DriveHistory();
  const startedAt = work.clock.now();
  const write = async (file: string, text: string): Promise<void> => {
    const path = resolve(file);
    await writeFileSafely(path, text, 0o644);
    output.result('file', { file: path }, `Written: ${path}`);
  };
  return {
    add: ({ messages }) => history?.add(messages),
    async write(simulationId, result, figures) {
      if (junit !== undefined) {
        const durationMs = work.clock.now() - startedAt;
        await write(junit, asJunit({ simulationId, result, durationMs }));
      }
      if (results !== undefined && head !== undefined) {
        const times = { startedAt, endedAt: work.clock.now() };
        const written = shardResult({ ...head, ...times, run: simulationId, attempt: 1 }, result, figures);
        await write(results, `${JSON.stringify(written)}\n`);
      }
      const format = exported === undefined ? undefined : exportFormatOf(exported);
      if (exported === undefined || format === undefined || history === undefined) return;
      const drive = { id: simulationId, title: simulationId, startedAt, figures, history: history.vehicles };
      await write(exported, exportDrive(drive, format));
    },
  };
}

function exportFile(file: string): string {
  if (exportFormatOf(file) === undefined)
    throw new InvalidArgumentError(
      `It must end with ${EXPORT_FORMATS.map((format) => `.${format}`).join(', ')}.`,
    );
  return file;
}
