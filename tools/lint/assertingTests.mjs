// The ESLint rule `local/asserting-tests`: a test without assertions can fail only by its timeout.
import path from 'node:path';
import ts from 'typescript';

const testFolder = path.resolve(import.meta.dirname, '../../test') + path.sep;

/** Calls that fail with a clear message if a state is not reached: our `until`, and Playwright's. */
const WAITING = new Set(['until', 'waitFor', 'waitForFunction', 'waitForSelector', 'waitForURL']);

/** `assert`, `assert.equal`, `fc.assert`, `until`, `locator.waitFor`. */
function isAssertion(call) {
  const words = call.expression.getText().split('.');
  const last = words.at(-1) ?? '';
  return words[0] === 'assert' || last === 'assert' || WAITING.has(last);
}

/** The declarations with a name in a test file. Finds the implementation of a member whose type is an interface. */
function declaredIn(file, name) {
  const found = [];
  const visit = (node) => {
    if (node.name?.getText(file) === name) found.push(...codeOf(node));
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return found;
}

function codeOf(declaration) {
  const code = ts.isFunctionLike(declaration) ? declaration.body : declaration.initializer;
  return code === undefined ? [] : [code];
}

/** The test code behind a name: a function or method, local or imported. */
function codeBehind(checker, name) {
  let symbol = checker.getSymbolAtLocation(name);
  if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return (symbol?.declarations ?? []).flatMap((declaration) => {
    const file = declaration.getSourceFile();
    if (!path.resolve(file.fileName).startsWith(testFolder)) return [];
    const member = ts.isMethodSignature(declaration) || ts.isPropertySignature(declaration);
    return member ? declaredIn(file, name.text) : codeOf(declaration);
  });
}

/** Whether code contains an assertion, directly or in test code that it refers to. */
function asserts(checker, node, seen = new Set()) {
  if (seen.has(node)) return false;
  seen.add(node);
  if (ts.isCallExpression(node) && isAssertion(node)) return true;
  if (ts.isIdentifier(node) && codeBehind(checker, node).some((code) => asserts(checker, code, seen)))
    return true;
  return ts.forEachChild(node, (child) => asserts(checker, child, seen) || undefined) ?? false;
}

export default {
  meta: {
    type: 'problem',
    docs: { description: 'demands an assertion in each test' },
    messages: { none: 'This test asserts nothing: it cannot fail, or only by its timeout.' },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    const { program, esTreeNodeToTSNodeMap } = sourceCode.parserServices;
    const checker = program.getTypeChecker();

    /** Mocha's `it(…)`, `it.only(…)`, `it.skip(…)`; not a variable with that name. */
    function isTest(callee) {
      if (callee.type === 'MemberExpression')
        return ['only', 'skip'].includes(callee.property.name) && isTest(callee.object);
      return callee.type === 'Identifier' && callee.name === 'it' && sourceCode.isGlobalReference(callee);
    }

    return {
      CallExpression(node) {
        if (!isTest(node.callee) || node.arguments.length < 2) return;
        const test = esTreeNodeToTSNodeMap.get(node.arguments.at(-1));
        if (!asserts(checker, test)) context.report({ node, messageId: 'none' });
      },
    };
  },
};
