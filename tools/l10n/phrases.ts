import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../reference/manifest.ts';

/** Below the front ends: they know no language, and the editor says in its own what they said (editor/base/say.ts). */
const ROOMS = ['core', 'aws', 'cms', 'provisioning', 'onboarding', 'telemetry', 'device'];
/** Calls whose texts nobody reads in the window: descriptions in a schema, comparisons, key derivation. */
const SILENT = new Set(['describe', 'includes', 'startsWith', 'endsWith', 'hkdfSync', 'join', 'split']);
/** Nobody reads these in the window either: what IAM shows of a role. */
const SILENT_PROPERTIES = new Set(['Description', 'description']);

/** What the rooms say, whole sentences and parts of them, `{0}` for each value. */
export function phrasesOfRooms(): string[] {
  const found = new Set<string>();
  for (const room of ROOMS) {
    const folder = path.join(root, 'src', room);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(path.join(folder, name), 'utf8');
      collect(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true), found);
    }
  }
  return [...found];
}

function collect(node: ts.Node, found: Set<string>): void {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node) || isSilent(node))
    return;
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || isSum(node)) {
    const values: ts.Expression[] = [];
    const phrase = phraseOf(node, values);
    if (saysSomething(phrase)) found.add(phrase);
    // A value may say something itself.
    for (const value of values) collect(value, found);
    return;
  }
  ts.forEachChild(node, (child) => collect(child, found));
}

function isSilent(node: ts.Node): boolean {
  if (ts.isPropertyAssignment(node)) return SILENT_PROPERTIES.has(node.name.getText());
  if (!ts.isCallExpression(node)) return false;
  const called = node.expression;
  return SILENT.has(ts.isPropertyAccessExpression(called) ? called.name.text : called.getText());
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
    [node.left, node.right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side))
  );
}

function phraseOf(node: ts.Expression, values: ts.Expression[]): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map((span) => phraseOf(span.expression, values) + span.literal.text);
    return node.head.text + spans.join('');
  }
  if (isSum(node)) return phraseOf(node.left, values) + phraseOf(node.right, values);
  return `{${values.push(node) - 1}}`;
}

/** Two words at least, one of them written as in a sentence; not a path, a topic, a command or markup. */
function saysSomething(phrase: string): boolean {
  const words = phrase.replaceAll(/\{\d+\}/g, ' ').trim();
  if (/^(aws|cms-enablement|arn:|--|<|SELECT )/.test(phrase) || /^[\w:./-]+$/.test(words)) return false;
  return (
    /\p{L}{2,}[^\p{L}]* (?:\p{L}|\{)/u.test(phrase) ||
    /\} \p{Ll}{2,}/u.test(phrase) ||
    /^\p{Lu}\p{Ll}+[^/]*[.:]$/u.test(phrase)
  );
}
