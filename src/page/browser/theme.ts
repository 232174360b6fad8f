import { element } from './element.ts';

// Asked for when it is needed: the script also runs in workers, which have no window.
const darkMedia = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');
const printMedia = (): MediaQueryList => matchMedia('print');

/** Whether the page is dark. Paper is light. */
export const isDark = (): boolean =>
  !printMedia().matches &&
  (document.documentElement.dataset['theme'] ?? (darkMedia().matches ? 'dark' : 'light')) === 'dark';

/** A button in the bar that changes from light to dark and back; until it is pressed the page goes by the system. */
export function addThemeButton(): void {
  const button = element('button', { type: 'button', id: 'theme' });
  const show = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', isDark() ? 'Light colours' : 'Dark colours');
  };
  button.addEventListener('click', () => {
    document.documentElement.dataset['theme'] = isDark() ? 'light' : 'dark';
    show();
  });
  darkMedia().addEventListener('change', show);
  show();
  document.querySelector('.bar > div')?.append(button);
}

/** What is drawn in colours of its own is drawn anew when they change. */
export function onTheme(draw: () => void): void {
  for (const media of [darkMedia(), printMedia()]) media.addEventListener('change', draw);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
