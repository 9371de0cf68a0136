/**
 * Puts text on the clipboard. Browsers give it to pages of this machine and to encrypted ones alone: elsewhere
 * the text is saved as a file.
 */
export async function copyOrSave(text: string, name: string): Promise<'copied' | 'saved'> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    save(text, name);
    return 'saved';
  }
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
