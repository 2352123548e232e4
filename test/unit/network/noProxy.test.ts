import assert from 'node:assert/strict';
import { readNoProxy } from '../../../src/network/noProxy.ts';

describe('NO_PROXY', () => {
  const cases: [list: string, host: string, port: number, direct: boolean][] = [
    ['', 'example.com', 443, false],
    ['*', 'example.com', 443, true],
    ['example.com', 'example.com', 443, true],
    ['example.com', 'sub.example.com', 443, true],
    ['example.com', 'notexample.com', 443, false],
    ['.example.com', 'sub.example.com', 443, true],
    ['.example.com', 'example.com', 443, true],
    ['*.example.com', 'a.b.example.com', 443, true],
    ['EXAMPLE.com', 'Example.COM', 443, true],
    ['example.com', 'example.com.', 443, true],
    ['example.com:8443', 'example.com', 443, false],
    ['example.com:8443', 'example.com', 8443, true],
    [' a.test , b.test', 'b.test', 443, true],
    ['a.test b.test', 'b.test', 443, true],
    ['10.0.0.0/8', '10.1.2.3', 443, true],
    ['10.0.0.0/8', '11.1.2.3', 443, false],
    ['10.0.0.0/8:8883', '10.1.2.3', 443, false],
    ['10.0.0.0/8:8883', '10.1.2.3', 8883, true],
    ['10.1.2.3', '10.1.2.3', 443, true],
    ['10.1.2.3', '10.1.2.33', 443, false],
    ['fd00::/8', 'fd12::1', 443, true],
    ['[fd00::]/8', '[fd12::1]', 443, true],
    ['[fd12::1]:8883', 'fd12::1', 8883, true],
    ['[fd12::1]:8883', 'fd12::1', 443, false],
    ['fd12::1', 'FD12:0:0:0:0:0:0:1', 443, true],
    // A network is one of addresses, not of names that look alike.
    ['10.0.0.0/8', '10.example.com', 443, false],
    ['10.0.0.0/99', '10.0.0.1', 443, false],
    [',,', 'example.com', 443, false],
    ['.', 'example.com', 443, false],
  ];
  for (const [list, host, port, direct] of cases) {
    it(`"${list}": ${host}:${port} is reached ${direct ? 'directly' : 'through the proxy'}`, () => {
      assert.equal(readNoProxy(list)(host, port), direct);
    });
  }
});
