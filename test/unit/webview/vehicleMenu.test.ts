import assert from 'node:assert/strict';
import { isByPointer } from '../../../src/webview/ui/vehicleMenu.ts';

describe('a context menu', () => {
  // By the events of Chromium; the UI Events specification leaves them to the system.
  const cases: [what: string, event: Parameters<typeof isByPointer>[0], byPointer: boolean][] = [
    ['the second button', { button: 2, ctrlKey: false, pointerType: 'mouse' }, true],
    ['Ctrl+click on macOS', { button: 0, ctrlKey: true, pointerType: 'mouse' }, true],
    ['a long touch', { button: 0, ctrlKey: false, pointerType: 'touch' }, true],
    ['the menu key', { button: 0, ctrlKey: false, pointerType: '' }, false],
    ['Shift+F10', { button: -1, ctrlKey: false, pointerType: '' }, false],
  ];
  for (const [what, event, byPointer] of cases)
    it(`of ${what} is ${byPointer ? '' : 'not '}about a place`, () => {
      assert.equal(isByPointer(event), byPointer);
    });
});
