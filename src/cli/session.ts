import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Generation } from '../cms/contract/generation.ts';
import { GENERATIONS } from '../cms/generations.ts';
import { CmsError, isCmsError, messageOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { hearingWaits } from '../core/patience.ts';
import { systemClock, type Work } from '../core/work.ts';
import { EXIT, exitCodeOf } from './exitCodes.ts';
import { takeGivenPasswords, type PasswordOptions } from './password.ts';
import { createOutput, type Output, type OutputOptions } from './output.ts';

export interface SessionOptions extends OutputOptions, PasswordOptions {
  /** No option: `createProgram` is given them. */
  generations?: readonly Generation[];
}

/** The environment in which a command runs. */
export interface Session {
  readonly output: Output;
  readonly work: Work;
  /** Stops the work as Ctrl-C does, for when the reader of the output has gone. */
  readonly stop: () => void;
  /** The generations of CMS that it knows. */
  readonly generations: readonly Generation[];
  /** Registers something to be disposed when the command ends, however it ends. */
  use<T extends { dispose(): void }>(thing: T): T;
}

/**
 * Runs a command to its end and sets the exit code. The first Ctrl-C (or SIGTERM) cancels the work, which then reports
 * what it leaves behind. The second one ends the process at once.
 */
export async function inSession(
  options: SessionOptions,
  command: (session: Session) => Promise<number>,
): Promise<void> {
  // The bundle is in dist/, next to the folder with its documentation.
  const errorsPage = pathToFileURL(join(__dirname, '../docs/errors.md')).href;
  const output = createOutput({ ...options, errorsPage }, process.stdout, process.stderr);
  const controller = new AbortController();
  // Node 20 warns of more than ten listeners: many calls at a time listen to it, and each leaves as it ends.
  setMaxListeners(0, controller.signal);
  const disposables: { dispose(): void }[] = [];
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.cancelled);
    output.note('Canceling …');
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.stdout.on('error', () => controller.abort());

  const work: Work = {
    signal: controller.signal,
    progress: (event) => output.progress(event),
    clock: systemClock,
    random: Math.random,
  };
  try {
    const session: Session = {
      output,
      work,
      generations: options.generations ?? GENERATIONS,
      stop: () => controller.abort(),
      use(thing) {
        disposables.push(thing);
        return thing;
      },
    };
    await takeGivenPasswords(options, controller.signal);
    const waits = (message: Message) => output.progress({ step: 'network', level: 'info', message });
    process.exitCode = await hearingWaits(waits, () => command(session));
  } catch (thrown) {
    const error = isCmsError(thrown) ? thrown : unexpected(thrown);
    output.error(error);
    process.exitCode = exitCodeOf(error.code, error.step);
  } finally {
    output.quiet();
    for (const thing of disposables.reverse()) thing.dispose();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function unexpected(thrown: unknown): CmsError {
  return new CmsError('INTERNAL', l10n.verbatim(messageOf(thrown)), {
    remedy: l10n.t('Run again with --verbose and report what it shows.'),
    cause: thrown,
  });
}
