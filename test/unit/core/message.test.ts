import assert from 'node:assert/strict';
import { isMessage, l10n, type Message } from '../../../src/core/message.ts';
import { english, worded, type Translate } from '../../../src/core/wording.ts';

const GERMAN: Record<string, string> = {
  'Could not find stack {name}.': 'Stack {name} wurde nicht gefunden.',
  '1 vehicle': '1 Fahrzeug',
  '{count} vehicles': '{count} Fahrzeuge',
  '{who} of {where} started.': 'In {where} sind {who} gestartet.',
  'the asset library': 'die Asset Library',
  'Looking at {what}': '{what} wird geprüft',
};

/** As `vscode.l10n.t` does it: the source text where there is no translation. */
const translate: Translate = (text, values) =>
  (GERMAN[text] ?? text).replaceAll(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
const german = (message: Message) => worded(message, translate, 'de');

const vehicles = (count: number) =>
  l10n.plural(count, l10n.t('1 vehicle'), l10n.t('{count} vehicles', { count }));

describe('a message', () => {
  it('says its English source text with the values put in', () => {
    assert.equal(
      english(l10n.t('Could not find stack {name}.', { name: 'cms' })),
      'Could not find stack cms.',
    );
  });

  it('puts a value in wherever its name stands, and reads no braces inside of a value', () => {
    const message = l10n.t('{a} and {b} and {a}', { a: '{b}', b: 2 });
    assert.equal(english(message), '{b} and 2 and {b}');
  });

  it('is translated by its source text, and its values may change places', () => {
    const message = l10n.t('{who} of {where} started.', { who: vehicles(2), where: 'Kiel' });
    assert.equal(english(message), '2 vehicles of Kiel started.');
    assert.equal(german(message), 'In Kiel sind 2 Fahrzeuge gestartet.');
  });

  it('translates the messages among its values, and leaves strings and numbers alone', () => {
    const inner = l10n.t('Looking at {what}', { what: l10n.t('the asset library') });
    assert.equal(german(inner), 'die Asset Library wird geprüft');
    const text = l10n.t('Looking at {what}', { what: 'the asset library' });
    assert.equal(german(text), 'the asset library wird geprüft');
  });

  it('stays English where a translation is missing', () => {
    assert.equal(german(l10n.t('Deleted {name}.', { name: 'x' })), 'Deleted x.');
  });

  it('takes the form of its count', () => {
    assert.equal(english(vehicles(1)), '1 vehicle');
    assert.equal(english(vehicles(0)), '0 vehicles');
    assert.equal(german(vehicles(1)), '1 Fahrzeug');
    assert.equal(german(vehicles(0)), '0 Fahrzeuge');
    assert.equal(german(vehicles(7)), '7 Fahrzeuge');
  });

  it('takes the form by the rules of the language: French counts none as one', () => {
    assert.equal(worded(vehicles(0), translate, 'fr'), '1 Fahrzeug');
  });

  it('joins a list as its language does', () => {
    const items = ['a', vehicles(1), 3];
    assert.equal(english(l10n.list(items, 'and')), 'a, 1 vehicle, and 3');
    assert.equal(german(l10n.list(items, 'and')), 'a, 1 Fahrzeug und 3');
    assert.equal(german(l10n.list(items, 'or')), 'a, 1 Fahrzeug oder 3');
    assert.equal(english(l10n.list(['a', 'b'], 'or')), 'a or b');
    assert.equal(english(l10n.list([], 'and')), '');
  });

  it('joins a list by commas, as sentences or as lines in every language alike', () => {
    const items = [vehicles(1), 'b'];
    assert.equal(german(l10n.list(items, 'comma')), '1 Fahrzeug, b');
    assert.equal(german(l10n.list(items, 'sentences')), '1 Fahrzeug b');
    assert.equal(german(l10n.list(items, 'lines')), '1 Fahrzeug\nb');
  });

  it('never translates the words of somebody else, nor fills them in', () => {
    assert.equal(german(l10n.verbatim('1 vehicle')), '1 vehicle');
    assert.equal(english(l10n.verbatim('{name} is gone')), '{name} is gone');
  });

  it('is told from a string', () => {
    assert.ok(isMessage(l10n.t('1 vehicle')));
    assert.ok(!isMessage('1 vehicle'));
    assert.ok(!isMessage(undefined));
    assert.ok(!isMessage(null));
  });
});

describe('the types of a message', () => {
  it('demand each value by its name, and a text that stands in the source', () => {
    // These lines are compiled by `npm run check`: each unused directive would be an error there.
    const name = ['stack'].join('');
    // @ts-expect-error a missing value
    l10n.t('Could not find stack {name}.');
    // @ts-expect-error a value of another name
    l10n.t('Could not find stack {name}.', { stack: name });
    // @ts-expect-error a value that the text does not name
    l10n.t('Canceled.', { name });
    // @ts-expect-error a text that was put together
    l10n.t(`Could not find ${name}.`);
    // @ts-expect-error a text from elsewhere
    l10n.t(name);
    assert.equal(english(l10n.t('Found {name}.', { name })), 'Found stack.');
  });
});
