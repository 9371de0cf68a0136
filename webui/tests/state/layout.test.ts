import { describe, expect, test } from 'vitest';
import { BOUNDS, LayoutStore, type Memory } from '../../src/state/layout';

function memory(): Memory & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    read: (key) => kept.get(key) ?? null,
    write: (key, text) => void kept.set(key, text),
  };
}

describe('the size of a pane', () => {
  test('is remembered, each for itself', () => {
    const kept = memory();
    new LayoutStore(kept).setSize('why', 500.4);
    const later = new LayoutStore(kept);
    expect(later.sizes.why.value).toBe(500);
    expect(later.sizes.where.value).toBe(320);
  });

  test('keeps to its bounds', () => {
    const layout = new LayoutStore(memory());
    layout.setSize('where', 1);
    expect(layout.sizes.where.value).toBe(BOUNDS.where.least);
    layout.setSize('where', 9999);
    expect(layout.sizes.where.value).toBe(BOUNDS.where.most);
    layout.reset('where');
    expect(layout.sizes.where.value).toBe(320);
  });

  test('that makes no sense is forgotten', () => {
    for (const text of ['wide', '', '-4', '1e9', 'NaN']) {
      const kept = memory();
      kept.write('rewind.pane.where', text);
      expect(new LayoutStore(kept).sizes.where.value).toBe(320);
    }
  });

  test('that nobody has set is for the page to say, as after a reset', () => {
    const kept = memory();
    const layout = new LayoutStore(kept);
    expect(layout.sizes.stack.value).toBeNull();
    layout.setSize('stack', 200);
    expect(new LayoutStore(kept).sizes.stack.value).toBe(200);
    layout.reset('stack');
    expect(new LayoutStore(kept).sizes.stack.value).toBeNull();
  });

  test('and whether the lanes are open are remembered alike', () => {
    const kept = memory();
    new LayoutStore(kept).turnLanes();
    expect(new LayoutStore(kept).lanes.value).toBe(false);
  });
});
