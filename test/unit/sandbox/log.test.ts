import assert from 'node:assert/strict';
import { createLog } from '../../../src/sandbox/kernel/log.ts';

describe('The log of the sandbox', () => {
  function logged(...messages: string[]): string[] {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line));
    for (const message of messages) log('info', message);
    return lines;
  }

  it('writes one line a message, whatever a client put into it', () => {
    const [line = ''] = logged('a\nb\u001b[2Jc\u0085d');
    assert.match(line, /^\S+Z info a b \[2Jc d\n$/);
  });

  it('cuts a message of megabytes', () => {
    const [line = ''] = logged('x'.repeat(3_000_000));
    assert.ok(line.length < 10_000);
    assert.match(line, /… \(3000000 characters\)\n$/);
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    createLog((line) => lines.push(line), 'warn')('info', 'x');
    assert.deepEqual(lines, []);
  });
});
