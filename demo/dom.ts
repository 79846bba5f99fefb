// dom.ts - elements in one line, and the page's icons. No markup from data: text is always set as text.

type Child = Node | string | null | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;

/** h('button', { class: 'x', onclick: go }, 'text'): functions become listeners, true an empty attribute, null none. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return node;
}

/** The element of an id that index.html has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`index.html has no #${id}`);
  return node as T;
}

const PATHS = {
  heart: 'M12 20.5S3.5 15.4 3.5 9.3A4.8 4.8 0 0 1 12 6.2a4.8 4.8 0 0 1 8.5 3.1c0 6.1-8.5 11.2-8.5 11.2z',
  no: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6.2 6.2l11.6 11.6',
  cross: 'M6 6l12 12M18 6L6 18',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.4 15.4L20 20',
  eyeless: 'M4 4l16 16M9.5 5.5A9.5 9.5 0 0 1 21 12a12 12 0 0 1-2.6 3.3M6.2 7.3A12 12 0 0 0 3 12a9.6 9.6 0 0 0 11.5 6.2',
  shuffle: 'M4 7h4l8 10h4M4 17h4l2-2.5M14 9.5L16 7h4M18 4.5L20.5 7 18 9.5M18 14.5l2.5 2.5-2.5 2.5',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  moon: 'M19.5 14.3A8 8 0 0 1 9.7 4.5a8 8 0 1 0 9.8 9.8z',
} as const;

/** A drawing of 24 x 24 in the colour of the text; decoration only. */
export function icon(name: keyof typeof PATHS): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' })) svg.setAttribute(key, value);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** What this browser kept of the page's own settings; null where there is nothing, or storage is forbidden. */
export function kept(name: 'theme' | 'language' | 'model'): string | null {
  try {
    return localStorage.getItem(`inkling-demo/${name}`);
  } catch {
    return null;
  }
}

/** Keeps a setting; where storage is forbidden it holds for this visit. */
export function keep(name: 'theme' | 'language' | 'model', value: string): void {
  try {
    localStorage.setItem(`inkling-demo/${name}`, value);
  } catch {
    // for this visit only
  }
}

/** Says something to those who listen instead of looking. */
export function say(text: string): void {
  const live = byId('live');
  live.textContent = '';
  setTimeout(() => { live.textContent = text; }, 30);
}
