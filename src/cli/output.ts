import type { CmsError } from '../core/errors.ts';
import { oneLine, visible } from '../core/foreignText.ts';
import { harmlessJson } from '../core/harmlessJson.ts';
import { redact } from '../core/secrets.ts';
import { english } from '../core/wording.ts';
import type { Progress } from '../core/work.ts';
import type { StepReport } from '../cms/contract/steps.ts';
import { seconds } from './format.ts';

export interface OutputOptions {
  /** One JSON object a line on stdout, and nothing else there. */
  json?: boolean;
  /** Also what belongs in a log only. */
  verbose?: boolean;
}

/** What an output needs besides the flags. */
interface Surroundings {
  /** The page that explains every code, as an address a terminal can open. */
  errorsPage: string;
}

/** The part of a stream that is needed, so that tests can listen. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/**
 * Where a command writes. For people: the result on stdout, all else on stderr, where a terminal shows one line that
 * changes. For machines (`json`): objects with a `type`, one a line, on stdout.
 */
export interface Output {
  readonly json: boolean;
  /** Whether steps were shown as they ended, so that a report need not repeat them. */
  readonly showsSteps: boolean;
  progress(event: Progress): void;
  step(report: StepReport): void;
  /** Part of the result. */
  result(type: string, value: object, text: string): void;
  /** For people only. */
  note(text: string): void;
  error(error: CmsError): void;
  /** Takes the changing line away; nothing may be shown as if it still went on. */
  quiet(): void;
}

const CLEAR_LINE = '\r\u001b[2K';

export function createOutput(
  options: OutputOptions & Surroundings,
  stdout: TextStream,
  stderr: TextStream,
): Output {
  const { json = false, verbose = false, errorsPage } = options;
  const live = stderr.isTTY === true && !json && !verbose;
  let shown = false;

  function quiet(): void {
    if (shown) stderr.write(CLEAR_LINE);
    shown = false;
  }
  function line(stream: TextStream, text: string): void {
    quiet();
    stream.write(`${forTerminal(text)}\n`);
  }
  function object(type: string, value: object): void {
    stdout.write(`${harmlessJson({ type, ...value })}\n`);
  }
  function status(text: string): void {
    // A terminal that does not know its width says 0.
    const columns = stderr.columns ?? 0;
    const width = (columns > 0 ? columns : 80) - 1;
    stderr.write(`${CLEAR_LINE}${oneLine(redact(text)).replace(/\s+/g, ' ').slice(0, width)}`);
    shown = true;
  }

  return {
    json,
    showsSteps: live,
    quiet,
    progress(event) {
      if (event.level === 'debug' && !verbose) return;
      const about = event.vin === undefined ? '' : `${event.vin}: `;
      if (json) object('progress', event);
      else if (event.level === 'warn') line(stderr, `Warning: ${about}${english(event.message)}`);
      else if (live) status(`${about}${english(event.message)} …`);
      else line(stderr, `${event.level === 'debug' ? '  ' : ''}${about}${english(event.message)}`);
    },
    step(report) {
      const mark = report.outcome === 'failed' || report.outcome === 'cancelled' ? '✗' : '✓';
      if (json) object('step', report);
      else if (live)
        line(stderr, `${mark} ${english(report.title)}: ${report.outcome} (${seconds(report.ms)})`);
    },
    result(type, value, text) {
      if (json) object(type, value);
      else if (text !== '') line(stdout, text);
    },
    note(text) {
      if (!json) line(stderr, text);
    },
    error(error) {
      const { code, message, remedy, step, details } = error;
      const help = `${errorsPage}#${code.toLowerCase()}`;
      if (json) {
        object('error', { code, message, remedy, step, details, help });
        return;
      }
      const where = step === undefined ? '' : `, in step ${step}`;
      line(
        stderr,
        `${message}${remedy === undefined ? '' : `\n${english(remedy)}`}\n(${code}${where})\nMore: ${help}`,
      );
      if (verbose) line(stderr, causes(error));
    },
  };
}

/**
 * Text as it may be written to a terminal: whoever wrote it, it drives no terminal and shows no secret. What the command
 * line writes goes through here or through `harmlessJson`; the control sequences of its own are added behind.
 */
export function forTerminal(text: string): string {
  return visible(redact(text));
}

/** The messages of what caused an error; no stacks of ours would help a reader. */
function causes(error: Error): string {
  const lines: string[] = [];
  for (let cause = error.cause; cause instanceof Error && lines.length < 10; cause = cause.cause) {
    lines.push(`  caused by ${oneLine(redact(cause.name))}: ${redact(cause.message)}`);
  }
  return lines.join('\n');
}
