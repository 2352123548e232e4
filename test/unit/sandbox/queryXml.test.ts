import assert from 'node:assert/strict';
import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { members, toXml } from '../../../src/sandbox/protocols/xml.ts';

describe('the XML of the Query protocol', () => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';

  it('has elements, attributes, repeated elements, and nothing for undefined', () => {
    const text = toXml({
      Answer: {
        '@xmlns': 'urn:a',
        Name: 'x',
        Count: 2,
        Yes: true,
        None: undefined,
        Roles: members(['a', 'b']),
      },
    });
    assert.equal(
      text,
      `${head}<Answer xmlns="urn:a"><Name>x</Name><Count>2</Count><Yes>true</Yes><Roles><member>a</member><member>b</member></Roles></Answer>`,
    );
  });

  it('keeps an empty list and an empty text as an empty element', () => {
    assert.equal(
      toXml({ A: { Roles: members([]), Text: '' } }),
      `${head}<A><Roles></Roles><Text></Text></A>`,
    );
  });

  it('escapes what would be read as XML, in texts and attributes', () => {
    assert.equal(
      toXml({ A: { '@b': `"<&>'`, C: `"<&>'` } }),
      `${head}<A b="&quot;&lt;&amp;&gt;&apos;"><C>&quot;&lt;&amp;&gt;&apos;</C></A>`,
    );
  });

  it('replaces characters that no XML may hold', () => {
    assert.equal(toXml({ A: 'a\u0000b\u001bc\uffffd\te\n' }), `${head}<A>a\ufffdb\ufffdc\ufffdd\te\n</A>`);
  });

  it('is read back by a parser as it was, whatever the text', () => {
    const parser = new XMLParser({ parseTagValue: false, trimValues: false });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ']', ';', '#', 'x', ' ', 'ü') }),
        (text) => {
          const { A } = parser.parse(toXml({ A: { B: text } })) as { A: { B: string } };
          assert.equal(A.B, text);
        },
      ),
    );
  });
});
