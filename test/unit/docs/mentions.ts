/** Where test code speaks of an operation of the sandbox. */

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Whether a test mentions an operation. AWS's: by name, as SDK command, CLI command or boto3 method, or by a call
 * that `route` takes for it. Those of CMS (`GET /groups/{path}`): by the method and a string that fits the path.
 */
export function mentions(
  source: string,
  operation: string,
  route: (method: string, path: string) => string | undefined,
): boolean {
  const [method = '', path] = operation.split(' ');
  if (path?.startsWith('/') !== true) {
    return nameForms(operation).test(source) || calls(source).some((call) => route(...call) === operation);
  }
  return methodForms(method).test(source) && strings(source).some((text) => pathForm(path).test(text));
}

/** `CreateThing`, `CreateThingCommand`, `create-thing`, `create_thing`; `jwks.json` of `GET jwks.json`. */
function nameForms(operation: string): RegExp {
  const name = operation.replace(/^[A-Z]+ /, '');
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  const forms = [
    `${escaped(name)}(Command)?`,
    ...['-', '_'].map((sign) => escaped(words.toLowerCase().replaceAll(' ', sign))),
  ];
  return new RegExp(`(?<![\\w-])(${forms.join('|')})(?![\\w-])`);
}

/** Pairs of a method and a path that follow each other, such as the arguments of a call. */
function calls(source: string): [method: string, path: string][] {
  const all = strings(source);
  return all.flatMap((method, i) => {
    const path = all[i + 1]?.split('?')[0] ?? '';
    return METHODS.includes(method) && path.startsWith('/') ? [[method, path] as [string, string]] : [];
  });
}

/** The method as a string, or a helper of the tests that always sends it. */
function methodForms(method: string): RegExp {
  const helpers: Record<string, string> = { POST: '|\\bfacade\\(', GET: '|\\b(fleet|fetch)\\(' };
  return new RegExp(`['"]${method}['"]${helpers[method] ?? ''}`);
}

/**
 * All strings of a source in their order, constants put in; anything else that is put in becomes one letter:
 * `/groups/${enc(path)}` is `/groups/X`.
 */
function strings(source: string): string[] {
  const plain = literals(withoutCalls(source, /\$\{(?!\w+\})[^{}`]*(`[^`]*`[^{}`]*)*\}/g));
  const constants = [...withoutCalls(source).matchAll(/\bconst (\w+) = (['"`])(\/[^'"`\n]*)\2;/g)];
  return plain.flatMap((text) => {
    const [whole = '', name] = /\$\{(\w+)\}/.exec(text) ?? [];
    const values = constants.flatMap(([, known, , value = '']) => (known === name ? [value] : []));
    return (values.length > 0 ? values.map((value) => text.replace(whole, value)) : [text]).map((each) =>
      each.replace(/\$\{\w+\}/g, 'X'),
    );
  });
}

function literals(text: string): string[] {
  return [...text.matchAll(/(['"`])((?:(?!\1)[^\n\\]|\\.)*)\1/g)].map(([, , inner = '']) => inner);
}

/** What is put into templates becomes one letter, from the inside out. */
function withoutCalls(source: string, put = /\$\{[^{}`]*(`[^`]*`[^{}`]*)*\}/g): string {
  let text = source;
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(put, 'X');
  }
  return text;
}

/** A parameter is any one segment; a value put in (`${groupAt(path)}/owns/groups`) may be the whole beginning. */
function pathForm(pattern: string): RegExp {
  const segments = pattern.split('/').slice(1);
  const forms = segments.map((segment) => (isParameter(segment) ? '/[^/?]+' : `/${escaped(segment)}`));
  const rest = segments.findIndex((segment) => isParameter(segment)) + 1;
  const whole = forms.join('');
  const telling = rest > 0 && segments.slice(rest).some((segment) => !isParameter(segment));
  const short = telling ? `|^X${forms.slice(rest).join('')}` : '';
  return new RegExp(`(^X?${whole}${short})(\\?.*)?$`, 'i');
}

const isParameter = (segment: string): boolean => segment.startsWith('{') || segment === '*';

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
