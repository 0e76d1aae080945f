/**
 * Fills a form of a page in with what was typed before: in the markup that our own parts wrote, where every
 * attribute is in double quotes and escaped. So no view has to know of it, and none can forget it.
 *
 * @module
 */

import { escapeHtml } from '../../lib/markup.ts';

/** What was typed into a form, in its order. */
type Fields = readonly (readonly [name: string, value: string])[];

/** The id of a form that was filled in. */
export const filledId = 'filled';

/** Hidden fields that the page itself decides. */
const ofThePage = new Set(['token', 'back']);
/** Hidden fields that do not say which of several forms of one address it is. */
const alike = new Set([...ofThePage, 'seen', 'search']);

/**
 * Fills in the form of that address, and of the same hidden fields where there are several; one that is
 * behind a button is opened.
 *
 * @returns undefined where the page has no such form.
 */
export function fillForm(
  html: string,
  { action, fields }: { readonly action: string; readonly fields: Fields },
): string | undefined {
  for (const found of html.matchAll(/<form\b([^>]*)>.*?<\/form>/gs)) {
    const [form, attributes = ''] = found;
    if (attributeOf(attributes, 'method') !== 'post') continue;
    if (attributeOf(attributes, 'action') !== escapeHtml(action)) continue;
    if (!isAbout(form, fields)) continue;
    const filled = filledIn(form, fields).replace('<form', `<form id="${filledId}"`);
    return unfolded(html.slice(0, found.index)) + filled + html.slice(found.index + form.length);
  }
  return undefined;
}

const controls = /<input\b[^>]*>|<textarea\b[^>]*>.*?<\/textarea>|<select\b[^>]*>.*?<\/select>/gs;

/** Whether the hidden fields are those that were sent. */
function isAbout(form: string, fields: Fields): boolean {
  return Array.from(form.matchAll(controls), ([control]) => control).every((control) => {
    const name = attributeOf(control, 'name');
    const isHidden = attributeOf(control, 'type') === 'hidden';
    if (!isHidden || name === undefined || alike.has(name)) return true;
    return valuesOf(fields, name).includes(attributeOf(control, 'value') ?? '');
  });
}

function filledIn(form: string, fields: Fields): string {
  return form.replace(controls, (control) => {
    const name = attributeOf(control, 'name');
    if (name === undefined || ofThePage.has(name)) return control;
    const values = valuesOf(fields, name);
    const type = attributeOf(control, 'type');
    if (type === 'checkbox' || type === 'radio') {
      const isChosen = values.includes(attributeOf(control, 'value') ?? 'on');
      return marked(control, 'checked', isChosen);
    }
    const [value] = values;
    if (value === undefined) return control;
    if (control.startsWith('<textarea')) {
      // The line break that HTML drops at the beginning is one of ours, not one that was typed.
      return control.replace(/>.*<\/textarea>$/s, () => `>\n${value}</textarea>`);
    }
    if (control.startsWith('<select')) {
      return control.replace(/<option\b[^>]*>/g, (option) =>
        marked(option, 'selected', attributeOf(option, 'value') === value),
      );
    }
    return control.replace(/ value="[^"]*"|>$/, (found) =>
      found === '>' ? ` value="${value}">` : ` value="${value}"`,
    );
  });
}

/** Opens what the end of the markup is inside of. */
function unfolded(before: string): string {
  const start = before.lastIndexOf('<details');
  if (start <= before.lastIndexOf('</details>')) return before;
  return (
    before.slice(0, start) +
    before.slice(start).replace(/<details[^>]*>/, (tag) => marked(tag, 'open', true))
  );
}

/** The tag with an attribute without a value, or without it. */
function marked(tag: string, attribute: string, isMarked: boolean): string {
  const without = tag.replace(new RegExp(` ${attribute}(?=[ >])`), '');
  return isMarked ? without.replace(/>$/, ` ${attribute}>`) : without;
}

/** An attribute of the first tag, escaped as it is there. */
function attributeOf(tag: string, name: string): string | undefined {
  const [opening = ''] = /^[^>]*/.exec(tag) ?? [];
  return new RegExp(` ${name}="([^"]*)"`).exec(opening)?.[1];
}

/** What was typed into the fields of a name, escaped. */
function valuesOf(fields: Fields, name: string): string[] {
  return fields.flatMap(([one, value]) => (one === name ? [escapeHtml(value)] : []));
}
