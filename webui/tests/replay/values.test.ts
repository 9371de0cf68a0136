import { describe, expect, test } from 'vitest';
import type { Moment, ValueTree, Variable } from '../../src/api/types';
import { callPlace, inOrder } from '../../src/replay/calls';
import { numberOf, plotOf, writesOf } from '../../src/replay/history';
import { notesOf } from '../../src/replay/inline';
import { isRedacted, tagOf, treeLines } from '../../src/replay/tree';
import { TIMELINE, event, moment } from '../fixture';

const leaf = (text: string, note?: string): ValueTree =>
  note === undefined ? { text, type: 'int' } : { text, type: 'int', note };

describe('a value that unfolds', () => {
  const order: ValueTree = {
    text: 'Order(…)',
    type: 'shop.Order',
    children: [
      { name: 'id', tree: leaf('7') },
      {
        name: 'lines',
        tree: { text: '[…]', type: 'list', children: [{ name: '0', tree: leaf('1') }] },
      },
    ],
  };

  test('is one line until it is opened', () => {
    expect(treeLines('order', order, new Set()).map(({ name, folds }) => [name, folds])).toEqual([
      ['order', true],
    ]);
  });

  test('shows its parts below it, and theirs when these are opened', () => {
    const open = new Set(['order']);
    const lines = treeLines('order', order, open);
    expect(lines.map(({ name, depth }) => [name, depth])).toEqual([
      ['order', 0],
      ['id', 1],
      ['lines', 1],
    ]);
    open.add(lines[2]!.path);
    expect(treeLines('order', order, open)).toHaveLength(4);
  });

  test('says what was left out of it, and why', () => {
    expect(tagOf(leaf('x', 'redacted: by name'))).toEqual({ text: 'by name', tone: 'redacted' });
    expect(tagOf(leaf('x', 'cut: items'))).toEqual({ text: 'cut: items', tone: 'cut' });
    const cut = { ...leaf('x', 'cut: bytes'), size: 1204 };
    expect(tagOf(cut)?.text).toBe('cut: bytes · 1,204');
    const part = { ...cut, children: [{ name: '0', tree: leaf('1') }] };
    expect(tagOf(part)?.text).toBe('cut: bytes · 1 of 1,204');
    expect(tagOf(leaf('x'))).toBeNull();
    expect(isRedacted(leaf('x', 'redacted: by pattern'))).toBe(true);
  });
});

describe('the history of a variable', () => {
  const writes = writesOf(
    [
      event({ n: 1, kind: 'call', value: { rate: 0 } }),
      event({ n: 2, name: 'rate', value: { $type: 'decimal.Decimal', text: "Decimal('0.15')" } }),
      event({ n: 3, name: 'rate', value: 0.3, text: '0.3' }),
    ],
    'rate',
  );

  test('begins with the argument and goes on with each write', () => {
    expect(writes.map(({ n, number }) => [n, number])).toEqual([
      [1, 0],
      [2, 0.15],
      [3, 0.3],
    ]);
  });

  test('is a plot of steps where all are numbers', () => {
    const plot = plotOf(writes, 300, 60);
    expect(plot?.path).toBe('M0.0 60.0H100.0V30.0H200.0V0.0H300.0');
  });

  test('is no plot where one is not, or there is but one', () => {
    expect(plotOf(writes.slice(0, 1), 300, 60)).toBeNull();
    expect(plotOf([...writes, { ...writes[0]!, number: null }], 300, 60)).toBeNull();
  });

  test('a constant is a line in the middle', () => {
    expect(plotOf([writes[0]!, writes[0]!], 100, 60)?.points.map(({ y }) => y)).toEqual([30, 30]);
  });

  test('knows a number from what looks like one', () => {
    expect([1, true, "Decimal('1')", { text: "Decimal('-2.5')" }, null].map(numberOf)).toEqual([
      1,
      1,
      null,
      -2.5,
      null,
    ]);
  });
});

describe('values beside the source', () => {
  const variable = (fields: Partial<Variable>): Variable => ({
    name: 'rate',
    value: 1,
    text: '1',
    tree: leaf('1'),
    n: 4,
    line: 19,
    last_change: 4,
    changed: false,
    previous: null,
    since: null,
    ...fields,
  });
  const at = (fields: Partial<Moment>): Moment => ({ ...moment(5), ...fields });

  test('stand where the variable was last written', () => {
    const notes = notesOf(at({ variables: [variable({}), variable({ name: 'code', n: 3 })] }), []);
    expect(notes.get(19)?.map(({ name }) => name)).toEqual(['rate', 'code']);
  });

  test('a change shows what was before', () => {
    const notes = notesOf(at({ variables: [variable({ changed: true, previous: '0' })] }), []);
    expect(notes.get(19)?.[0]).toMatchObject({ tone: 'fresh', previous: '0' });
  });

  test('a test shows its latest outcome in this frame only', () => {
    const branch = { kind: 'branch', line: 22, frame: 3 };
    const recent = [
      event({ ...branch, n: 2, text: 'True' }),
      event({ ...branch, n: 3, text: 'False' }),
      event({ ...branch, n: 4, frame: 1, line: 30 }),
    ];
    const notes = notesOf(at({}), recent);
    expect(notes.get(22)?.map(({ text }) => text)).toEqual(['False']);
    expect(notes.has(30)).toBe(false);
  });

  test('what the current event returned or raised stands at its line', () => {
    const returned = event({ kind: 'return', frame: 3, line: 31, text: '41.79' });
    expect(notesOf(at({ event: returned }), []).get(31)).toMatchObject([
      { name: 'returns', text: '41.79' },
    ]);
    const raised = event({ kind: 'exception', frame: 3, line: 30, name: 'KeyError', value: null });
    expect(notesOf(at({ event: raised }), []).get(30)).toMatchObject([{ tone: 'error' }]);
  });

  test('nothing of the current event stands in another frame', () => {
    const other = event({ kind: 'return', frame: 8, line: 31 });
    expect(notesOf(at({ event: other }), []).has(31)).toBe(false);
  });
});

describe('calls', () => {
  test('a call knows its place among those of its function', () => {
    expect(callPlace(TIMELINE.spans, 8)).toMatchObject({
      at: 2,
      hits: 2,
      previous: 3,
      next: null,
    });
    expect(callPlace(TIMELINE.spans, 99)).toBeNull();
  });

  test('a generator that came back is one call', () => {
    const [main, first] = TIMELINE.spans;
    expect(callPlace([main!, first!, { ...first!, first: 9, last: 9 }], 3)?.hits).toBe(1);
  });

  test('stand in the order in which they began', () => {
    expect(inOrder(TIMELINE.spans.toReversed()).map(({ frame }) => frame)).toEqual([1, 3, 8]);
  });
});
