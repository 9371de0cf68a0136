/** A chip that holds a choice: the browser's own list, in the page's clothes. */
import type { JSX } from 'preact';

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export interface MenuProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly chosen: (value: string) => void;
}

export function Menu({ label, value, choices, chosen }: MenuProps): JSX.Element {
  const current = choices.find((choice) => choice.value === value)?.text ?? value;
  return (
    <label class="pill menu">
      {label} <b>{current}</b>
      <span class="menu-mark" aria-hidden="true" />
      <select
        aria-label={label}
        value={value}
        onChange={(event) => {
          chosen(event.currentTarget.value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </label>
  );
}
