import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT, exitCodeOf } from '../../../src/cli/exitCodes.ts';
import { ERROR_CODES } from '../../../src/core/errorCodes.ts';

const root = path.join(import.meta.dirname, '../../..');

/** The headings of docs/errors.md that name a code, with the text below each. */
function sections(): Map<string, string> {
  const parts = readFileSync(path.join(root, 'docs/errors.md'), 'utf8').split(/^#{2,3} /m);
  return new Map(
    parts
      .map((part) => [part.split('\n', 1)[0]?.trim() ?? '', part] as const)
      .filter(([heading]) => /^[A-Z][A-Z_]+$/.test(heading)),
  );
}

function* sources(): Generator<string> {
  for (const entry of readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.ts') || entry.name === 'errorCodes.ts') continue;
    yield readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
  }
}

/**
 * Codes that the source gives to an error: in the first argument of a CmsError (also when it chooses between two),
 * or as the `code` of a table or message that a CmsError is made from. A mere comparison does not count.
 */
function thrownCodes(): Set<string> {
  const codes = new Set<string>();
  for (const text of sources()) {
    for (const [, first = ''] of text.matchAll(/new CmsError\(([^,]+),/g)) {
      for (const [, code = ''] of first.matchAll(/'([A-Z_]+)'/g)) codes.add(code);
    }
    for (const [, code = ''] of text.matchAll(/\bcode: '([A-Z_]+)'/g)) codes.add(code);
  }
  return codes;
}

describe('docs/errors.md', () => {
  it('has a section for each code, and for nothing else, in the order of the code', () => {
    assert.deepEqual([...sections().keys()], [...ERROR_CODES]);
  });

  it('says of each code what it means and what to do', () => {
    for (const [code, text] of sections()) {
      assert.match(text, /^[A-Z_]+\n\n[A-Z][^\n]{20,}/, `${code} does not say what it means`);
      assert.match(text, /^- \*\*What to do:\*\* .{10,}/m, `${code} does not say what to do`);
    }
  });

  it('marks the codes that the command line ends with 2 for', () => {
    for (const code of ERROR_CODES) {
      const marked = sections().get(code)?.includes('*Exit 2.*') === true;
      assert.equal(marked, exitCodeOf(code) === EXIT.badInput, code);
    }
  });

  it('names only details that errors carry', () => {
    const carrying = [...sources()].filter((text) => text.includes('details'));
    for (const [code, text] of sections()) {
      const [, list = ''] = /^- \*\*Details:\*\* (.*)$/m.exec(text) ?? [];
      for (const [, name = ''] of list.matchAll(/`(\w+)`/g)) {
        const key = new RegExp(`\\b${name}\\b\\?? *[:,}]`);
        assert.ok(
          carrying.some((source) => key.test(source)),
          `${code} has no detail ${name}`,
        );
      }
    }
  });
});

describe('error codes', () => {
  it('are each given to an error somewhere', () => {
    const thrown = thrownCodes();
    assert.deepEqual(
      ERROR_CODES.filter((code) => !thrown.has(code)),
      [],
    );
  });
});
