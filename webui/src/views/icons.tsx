/** Drawn icons, 16 by 16, in the colour of their text. */
import type { JSX } from 'preact';

export interface IconProps {
  readonly size?: number;
}

function icon(paths: JSX.Element, filled = false): (props: IconProps) => JSX.Element {
  const Icon = ({ size = 16 }: IconProps): JSX.Element => (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={filled ? 'currentColor' : 'none'}
      stroke={filled ? 'none' : 'currentColor'}
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {paths}
    </svg>
  );
  return Icon;
}

const path = (d: string): JSX.Element => <path d={d} />;

export const Logo = icon(path('M7.2 3v10L0.6 8zM15 3v10L8.4 8z'), true);
export const PlayIcon = icon(path('M4.5 2.6v10.8L13.4 8z'), true);
export const PauseIcon = icon(path('M4 3h2.8v10H4zM9.2 3H12v10H9.2z'), true);
export const StepIcon = icon(path('M5 3.6v8.8L12 8z'), true);
export const StepBackIcon = icon(path('M11 3.6v8.8L4 8z'), true);
export const StartIcon = icon(
  <>
    <path d="M12.5 3.4v9.2L5.6 8z" fill="currentColor" stroke="none" />
    <path d="M3.6 3.2v9.6" />
  </>,
);
export const EndIcon = icon(
  <>
    <path d="M3.5 3.4v9.2L10.4 8z" fill="currentColor" stroke="none" />
    <path d="M12.4 3.2v9.6" />
  </>,
);
export const OverIcon = icon(
  <>
    <path d="M2.4 8.6a5.6 5.6 0 0 1 10.4-1.2" />
    <path d="M13.4 3.9v3.6H9.8" />
    <circle cx="7.9" cy="11.6" r="1.3" fill="currentColor" stroke="none" />
  </>,
);
export const OverBackIcon = icon(
  <>
    <path d="M13.6 8.6A5.6 5.6 0 0 0 3.2 7.4" />
    <path d="M2.6 3.9v3.6h3.6" />
    <circle cx="8.1" cy="11.6" r="1.3" fill="currentColor" stroke="none" />
  </>,
);
export const OutIcon = icon(path('M4 13V7.4A1.9 1.9 0 0 1 5.9 5.5h7M10.2 2.6l2.9 2.9-2.9 2.9'));
export const OutBackIcon = icon(
  path('M12 13V7.4a1.9 1.9 0 0 0-1.9-1.9h-7M5.8 2.6 2.9 5.5l2.9 2.9'),
);
export const NextErrorIcon = icon(
  <>
    <path d="M5.4 4.2 9.6 12H1.2z" fill="currentColor" stroke="none" />
    <path d="M11 5.2 13.8 8 11 10.8" />
  </>,
);
export const PreviousErrorIcon = icon(
  <>
    <path d="M10.6 4.2 14.8 12H6.4z" fill="currentColor" stroke="none" />
    <path d="M5 5.2 2.2 8 5 10.8" />
  </>,
);
export const CaretIcon = icon(path('M5.6 3.6 10.4 8l-4.8 4.4z'), true);
export const ChevronLeft = icon(path('M9.6 3.8 5.8 8l3.8 4.2'));
export const ChevronRight = icon(path('M6.4 3.8 10.2 8l-3.8 4.2'));
export const CloseIcon = icon(path('M4 4l8 8M12 4l-8 8'));
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.3" />
    <path d="m10.4 10.4 3.2 3.2" />
  </>,
);
export const ArrowUp = icon(path('M8 13V3.4M3.8 7.4 8 3.2l4.2 4.2'));
export const ArrowRight = icon(path('M3 8h9.6M8.6 3.8 12.8 8l-4.2 4.2'));
export const AlertIcon = icon(path('M8 1.8 15 14H1zM7.2 6v3.8h1.6V6zm0 4.8v1.5h1.6v-1.5z'), true);
export const PrintIcon = icon(path('M2.5 4h11M2.5 8h7.5M2.5 12h9'));
