/** The page's colours for a canvas, which knows no variables; read again when the scheme or a font changes. */
import { useEffect, useState } from 'preact/hooks';
import type { Family } from '../../replay/kinds';
import type { Palette } from './paintTimeline';

export function usePalette(): Palette {
  const [palette, setPalette] = useState(readPalette);
  useEffect(() => {
    const read = (): void => {
      setPalette(readPalette());
    };
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', read);
    void document.fonts.ready.then(read);
    return () => {
      scheme.removeEventListener('change', read);
    };
  }, []);
  return palette;
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const variable = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    family: (family: Family) => variable(family),
    text: variable('text'),
    mute: variable('mute'),
    mono: variable('mono'),
  };
}
