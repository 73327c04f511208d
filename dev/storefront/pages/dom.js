/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`this page has no #${id}`);
  return /** @type {Kind} */ (element);
}

/**
 * An element with attributes (`class`, `href`, …) and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Sets a text only when it has changed: a live region would read it out again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Shows or hides elements. When the focused one is hidden, `instead` gets the focus.
 *
 * @param {Record<string, boolean>} shown by id
 * @param {HTMLElement} instead
 */
export function show(shown, instead) {
  const focused = document.activeElement;
  for (const [id, isShown] of Object.entries(shown)) byId(id).hidden = !isShown;
  if (focused instanceof HTMLElement && focused.hidden) instead.focus();
}

/**
 * Shows what went wrong, at the top of the page; an empty text removes it.
 *
 * @param {unknown} problem
 */
export function notice(problem) {
  say(byId('notice'), problem instanceof Error ? problem.message : String(problem));
}

/** Makes screen readers read a text. @param {string} text */
export function announce(text) {
  say(byId('announcer'), text);
}
