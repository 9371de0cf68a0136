import { describe, expect, test } from 'vitest';
import * as format from '../../src/replay/format';
import { countFamilies, familyOf } from '../../src/replay/kinds';
import { labelOf } from '../../src/replay/labels';
import { event } from '../fixture';

describe('an event in one line', () => {
  test.each([
    [{ kind: 'call', function: 'pay', text: '(a=1)' }, 'pay(a=1)'],
    [{ kind: 'return', function: '<module>', module: 'shop', text: 'None' }, 'shop → None'],
    [{ kind: 'call', function: 'f.<locals>.g', text: '', value: { a: 1, b: 2 } }, 'g(a, b)'],
    [{ kind: 'return', function: 'pay', text: 'None' }, 'pay → None'],
    [{ kind: 'yield', function: 'pay', text: '3' }, 'pay yields 3'],
    [{ kind: 'variable', name: 'rate', text: "Decimal('0.30')" }, "rate = Decimal('0.30')"],
    [{ kind: 'attribute', name: 'total', owner: { $type: 'shop.Order' } }, 'Order.total = 1'],
    [{ kind: 'item', name: 'cart', key: 'a' }, "cart['a'] = 1"],
    [{ kind: 'item', name: null, key: 3, owner: { $type: 'builtins.list' } }, 'list[3] = 1'],
    [{ kind: 'mutate', name: 'seen', detail: 'add', text: '{1}' }, 'seen.add() → {1}'],
    [{ kind: 'delete', name: 'x' }, 'del x'],
    [{ kind: 'delete', name: null, key: 0, owner: { $type: 'list' } }, 'del list[0]'],
    [{ kind: 'branch', detail: 'if', name: 'qty > 1', text: 'True' }, 'if qty > 1 → True'],
    [{ kind: 'loop', line_text: 'for line in lines:' }, 'for line in lines'],
    [{ kind: 'exception', name: 'shop.Oops', value: { message: 'no' } }, 'Oops: no'],
    [{ kind: 'exception', name: 'KeyError', value: null }, 'KeyError'],
    [
      { kind: 'handled', name: 'error', value: { $type: 'builtins.KeyError' } },
      'handled · KeyError',
    ],
    [{ kind: 'note', name: 'rows', text: '17' }, 'note rows: 17'],
    [{ kind: 'output', name: 'stderr', text: "'no\\n'" }, "stderr: 'no\\n'"],
    [{ kind: 'log', value: { level: 'INFO', message: 'sold' } }, 'INFO sold'],
    [{ kind: 'sql', value: { statement: 'SELECT 1', rows: 1 } }, 'SELECT 1'],
    [{ kind: 'http', value: { method: 'GET', url: '/a', status: 200 } }, 'GET /a → 200'],
    [{ kind: 'http', value: { method: 'GET', url: '/a', error: 'away' } }, 'GET /a → away'],
    [
      {
        kind: 'sql',
        value: { $cut: 'items', value: { statement: { $cut: 'bytes', value: 'SEL' } } },
      },
      'SEL',
    ],
    [{ kind: 'redis', value: { command: 'GET key' } }, 'GET key'],
    [{ kind: 'later', text: 'SELECT 1' }, 'later SELECT 1'],
  ])('%o', (fields, label) => {
    expect(labelOf(event(fields))).toBe(label);
  });

  test('a kind that is not known belongs to the outside', () => {
    expect(familyOf('sql')).toBe('outside');
    expect([...countFamilies({ item: 2, delete: 1, call: 4 })]).toEqual([
      ['variable', 3],
      ['call', 4],
    ]);
  });
});

describe('figures', () => {
  test.each([
    [840, '840 ns'],
    [12_900, '12.9 µs'],
    [84.2e6, '84.2 ms'],
    [5.21e9, '5.21 s'],
    [200e9, '3 min 20 s'],
  ])('%d ns', (ns, text) => {
    expect(format.duration(ns)).toBe(text);
  });

  test('sizes, counts and places', () => {
    expect(format.bytes(999)).toBe('999 B');
    expect(format.bytes(1.2e9)).toBe('1.2 GB');
    expect(format.counted(1, 'event')).toBe('1 event');
    expect(format.counted(0, 'process', 'processes')).toBe('0 processes');
    expect(format.milliseconds(61_907_000)).toBe('61.907');
  });

  test('a bar’s length is logarithmic and never nothing', () => {
    expect(format.logarithmic(0)).toBe(0.02);
    expect(format.logarithmic(1e8)).toBeCloseTo(0.5);
    expect(format.logarithmic(1e12)).toBe(1);
  });

  test('the date stands where it is not today', () => {
    const start = '2026-01-31T12:04:31.207000Z';
    expect(format.started(start, new Date(start))).toMatch(/^\d\d:\d\d:31\.207$/);
    expect(format.started(start, new Date('2026-03-01T12:00:00Z'))).toMatch(/Jan/);
  });

  test('paths and names', () => {
    expect(format.splitPath('/srv/shop/pricing.py')).toEqual({
      folder: '/srv/shop/',
      file: 'pricing.py',
    });
    expect(format.relativeTo('/srv/shop/a.py', '/srv')).toBe('shop/a.py');
    expect(format.relativeTo('/opt/a.py', '/srv')).toBe('/opt/a.py');
    expect(format.shortName('outer.<locals>.Inner.go')).toBe('Inner.go');
    expect(format.shortName('<module>')).toBe('<module>');
  });
});
