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

/** The text without characters that do something instead of being seen. */
export function plainText(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- these are the characters that must go
      .replaceAll(
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
        '\ufffd',
      )
  );
}
