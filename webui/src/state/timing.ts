/** Acts and waits, in time. */

/** At once when it was quiet, and at most once every `ms` while it is not; the last call is never lost. */
export function throttled(ms: number, act: () => void): () => void {
  let waiting = false;
  let again = false;
  const run = (): void => {
    waiting = true;
    again = false;
    act();
    setTimeout(() => {
      waiting = false;
      if (again) run();
    }, ms);
  };
  return () => {
    if (waiting) again = true;
    else run();
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
