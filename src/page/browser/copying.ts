/** Copies a text for the reader; says in the button that it is done. */
export async function copyText(text: string, button: HTMLButtonElement): Promise<void> {
  const said = button.textContent;
  await write(text);
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = said;
  }, 1500);
}

async function write(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Files that are opened from disk may not be trusted with the clipboard; what is marked can be copied anywhere.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
