/**
 * Text for HTML and SVG in which everything that is put in is escaped, unless it is markup already. The
 * one tested place where strings become markup.
 */

/** A piece of finished markup. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template takes. Nothing comes of `null`, `undefined` and `false`. */
export type Part = Markup | string | number | null | undefined | false | readonly Part[];

export const NOTHING = new Markup('');

/** Tag for templates: the template is ours and stays, what is put into it is escaped. */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = template[0] ?? '';
  parts.forEach((part, index) => {
    text += render(part) + (template[index + 1] ?? '');
  });
  return new Markup(text);
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeText(part);
  return part.map(render).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Safe in text and in quoted attributes. Control characters, and those that turn the direction of text
 * around, are shown as a replacement character: a name must not look like another.
 */
export function escapeText(text: string): string {
  return plainText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Control characters but tab and line ends, and the invisible ones that turn, join or hide what is beside them. */
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2060-\u2064\ufeff]/gu;

/** The text without characters that do something instead of being seen. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(INVISIBLE, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'));
}
