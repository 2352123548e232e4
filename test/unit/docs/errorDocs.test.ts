import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
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

/** What the code says, as the compiler reads it: formatting and comments do not count. */
const { given, properties } = readSources();

function readSources(): { given: Set<string>; properties: Set<string> } {
  const found = { given: new Set<string>(), properties: new Set<string>() };
  for (const entry of readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })) {
    // Lists of codes are no use of them.
    if (!entry.name.endsWith('.ts') || ['errorCodes.ts', 'exitCodes.ts'].includes(entry.name)) continue;
    const text = readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
    ts.forEachChild(
      ts.createSourceFile(entry.name, text, ts.ScriptTarget.Latest, true),
      function visit(node) {
        if (ts.isStringLiteral(node) && !isCompared(node)) found.given.add(node.text);
        if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node))
          found.properties.add(node.name.getText());
        ts.forEachChild(node, visit);
      },
    );
  }
  return found;
}

/** A code that something is compared with is not given to an error there. */
function isCompared({ parent }: ts.Node): boolean {
  if (ts.isCaseClause(parent)) return true;
  if (!ts.isBinaryExpression(parent)) return false;
  const { kind } = parent.operatorToken;
  return (
    kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
  );
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
    for (const [code, text] of sections()) {
      const [, list = ''] = /^- \*\*Details:\*\* (.*)$/m.exec(text) ?? [];
      for (const [, name = ''] of list.matchAll(/`(\w+)`/g))
        assert.ok(properties.has(name), `${code} has no detail ${name}`);
    }
  });
});

describe('error codes', () => {
  it('are each given to an error somewhere', () => {
    assert.deepEqual(
      ERROR_CODES.filter((code) => !given.has(code)),
      [],
    );
  });
});
