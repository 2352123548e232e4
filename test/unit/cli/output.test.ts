import assert from 'node:assert/strict';
import { createOutput } from '../../../src/cli/output.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';

function streams(isTTY: boolean) {
  const written = { out: '', err: '' };
  return {
    written,
    out: { write: (text: string) => (written.out += text) },
    err: { isTTY, columns: 40, write: (text: string) => (written.err += text) },
  };
}

const errorsPage = 'file:///docs/errors.md';
const info = { step: 'sign-in', level: 'info', message: l10n.verbatim('Sign in') } as const;
const debug = { step: 'sign-in', level: 'debug', message: l10n.verbatim('detail') } as const;
const report = { id: 'sign-in', title: l10n.t('Sign in'), outcome: 'created', ms: 312 } as const;
const error = new CmsError('STACK_NOT_FOUND', l10n.verbatim('There is no stack.'), {
  remedy: l10n.verbatim('Choose another.'),
  step: 'find-stacks',
  cause: new Error('inner'),
});

describe('The output of a command', () => {
  it('is one JSON object a line on standard output, and nothing else, for machines', () => {
    const { written, out, err } = streams(true);
    const output = createOutput({ errorsPage, json: true }, out, err);
    output.progress(info);
    output.step(report);
    output.result('result', { vin: 'X' }, 'text');
    output.note('for people');
    output.error(error);
    const lines = written.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['progress', 'step', 'result', 'error'],
    );
    assert.deepEqual(lines[3], {
      type: 'error',
      code: 'STACK_NOT_FOUND',
      message: 'There is no stack.',
      remedy: 'Choose another.',
      step: 'find-stacks',
      details: {},
      help: 'file:///docs/errors.md#stack_not_found',
    });
    assert.equal(written.err, '');
  });

  it('has messages as English text in JSON, wherever they stand, and leaves what only looks alike', () => {
    const { written, out, err } = streams(false);
    const output = createOutput({ errorsPage, json: true }, out, err);
    const thing = { kind: 'thing', text: 'x' };
    output.result('plan', { removals: [thing], keeps: [l10n.t('the file {name}', { name: 'a' })] }, '');
    output.step(report);
    assert.deepEqual(
      written.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
      [
        { type: 'plan', removals: [thing], keeps: ['the file a'] },
        { type: 'step', id: 'sign-in', title: 'Sign in', outcome: 'created', ms: 312 },
      ],
    );
  });

  it('shows results on standard output and all else on standard error, for people', () => {
    const { written, out, err } = streams(false);
    const output = createOutput({ errorsPage }, out, err);
    output.progress(info);
    output.note('a note');
    output.result('result', { vin: 'X' }, 'the result');
    output.error(error);
    assert.equal(written.out, 'the result\n');
    assert.equal(
      written.err,
      'Sign in\na note\nThere is no stack.\nChoose another.\n(STACK_NOT_FOUND, in step find-stacks)\n' +
        'More: file:///docs/errors.md#stack_not_found\n',
    );
  });

  it('changes one line in a terminal, no longer than it is wide, and leaves none behind', () => {
    const { written, out, err } = streams(true);
    const output = createOutput({ errorsPage }, out, err);
    output.progress({ ...info, message: l10n.verbatim('x'.repeat(100)) });
    assert.equal(written.err, `\r\u001b[2K${'x'.repeat(39)}`);
    output.step(report);
    assert.ok(written.err.endsWith('\r\u001b[2K✓ Sign in: created (0.31 s)\n'));
    output.progress(info);
    output.quiet();
    assert.ok(written.err.endsWith('\r\u001b[2K'));
  });

  it('has plain lines without control characters when it is no terminal', () => {
    const { written, out, err } = streams(false);
    const output = createOutput({ errorsPage }, out, err);
    output.progress(info);
    output.step(report);
    output.quiet();
    assert.equal(written.err, 'Sign in\n');
  });

  it('shows debug lines and causes only when asked for', () => {
    for (const verbose of [false, true]) {
      const { written, out, err } = streams(false);
      const output = createOutput({ errorsPage, verbose }, out, err);
      output.progress(debug);
      output.error(error);
      assert.equal(written.err.includes('detail'), verbose);
      assert.equal(written.err.includes('inner'), verbose);
    }
  });

  it('shows warnings always, with the vehicle they are about', () => {
    const { written, out, err } = streams(true);
    createOutput({ errorsPage }, out, err).progress({
      ...info,
      level: 'warn',
      message: l10n.verbatim('look'),
      vin: 'V1',
    });
    assert.equal(written.err, 'Warning: V1: look\n');
  });
});
