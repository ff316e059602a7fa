/** What comes from a file, as parts of a page that mean nothing there but themselves. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text between tags. Marks that turn the direction of writing are shown as what they are, and so are control characters.
 * @param value any text
 * @returns HTML
 */
export const text = (value: string): string =>
  value
    .replace(/[&<>"']/g, (c) => ENTITIES[c])
    .replace(
      /[^\P{Cc}\t\n]|\p{Bidi_Control}/gu,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

/**
 * The value of an attribute, between quotation marks.
 * @param value any text
 * @returns HTML
 */
export const attribute = text;
