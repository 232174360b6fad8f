import { element } from './element.ts';

const edge = 8;

/** What a mark is; undefined: it is none. */
const textOf = (mark: Element | null): string | undefined => mark?.getAttribute('aria-label') ?? undefined;

const markAt = (target: EventTarget | null): Element | null =>
  target instanceof Element ? target.closest('svg [data-mark]') : null;

/** Names of marks, which a reader without script gets from the browser, become labels that can be reached by key. */
export function labelMarks(svg: SVGSVGElement): void {
  const [title, description] = ['title', 'desc'].map((tag) => svg.querySelector(`:scope > ${tag}`)?.textContent ?? '');
  svg.querySelector(':scope > title')?.remove();
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-label', `${title}. ${description}`);
  [...svg.querySelectorAll('title')].forEach((title, i) => {
    const mark = title.parentElement!;
    mark.setAttribute('data-mark', '');
    mark.setAttribute('role', 'img');
    mark.setAttribute('aria-label', title.textContent!);
    // One stop of the Tab key a figure; arrows go from mark to mark.
    mark.setAttribute('tabindex', i === 0 ? '0' : '-1');
    title.remove();
  });
}

function moveFocus(from: Element, key: string): void {
  const marks = [...from.ownerDocument.querySelectorAll<SVGElement>('svg [data-mark]')].filter(
    (m) => m.closest('svg') === from.closest('svg'),
  );
  const at = marks.indexOf(from as SVGElement);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: marks.length - 1,
  };
  const to = marks[Math.min(marks.length - 1, Math.max(0, steps[key] ?? at))]!;
  from.setAttribute('tabindex', '-1');
  to.setAttribute('tabindex', '0');
  to.focus();
}

/** One tooltip for all marks of all figures, by pointer and by keyboard; Escape hides it. */
export function addTooltips(): void {
  const tip = element('div', { class: 'tip', role: 'tooltip', hidden: '' });
  document.body.append(tip);
  const hide = (): void => {
    tip.hidden = true;
  };
  const show = (mark: Element | null): void => {
    const text = textOf(mark);
    if (mark === null || text === undefined) {
      hide();
      return;
    }
    tip.textContent = text;
    tip.hidden = false;
    const at = mark.getBoundingClientRect();
    const most = document.documentElement.clientWidth - tip.offsetWidth - edge;
    const left = Math.min(most, Math.max(edge, at.left + at.width / 2 - tip.offsetWidth / 2));
    const above = at.top - tip.offsetHeight - edge;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above >= 0 ? above : at.bottom + edge) + scrollY}px`;
  };
  document.addEventListener('pointerover', ({ target }) => show(markAt(target)));
  document.addEventListener('focusin', ({ target }) => show(markAt(target)));
  document.addEventListener('focusout', hide);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
    const mark = markAt(event.target);
    if (mark === null || !/^(Arrow|Home$|End$)/.test(event.key)) return;
    event.preventDefault();
    moveFocus(mark, event.key);
  });
}
