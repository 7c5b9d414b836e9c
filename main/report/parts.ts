/** The pieces that pages are put together from: cards, tables, legends. */
import { markup, type Markup, type Part } from './markup.ts';

export interface Card {
  title: string;
  /** What the figures are measured in, or against. */
  sub?: Part;
  body: Part;
  wide?: boolean;
  /** May be cut by the end of a page: long tables. */
  long?: boolean;
}

export function card({ title, sub, body, wide = false, long = false }: Card): Markup {
  const kind = `card${wide ? ' wide' : ''}${long ? ' long' : ''}`;
  return markup`<figure class="${kind}"><header><h3>${title}</h3>${sub !== undefined && markup`<span class="sub">${sub}</span>`}</header><div class="body">${body}</div></figure>
`;
}

export function emptyCard(title: string, why: string): Markup {
  return card({ title, body: markup`<p class="empty">${why}</p>` });
}

export interface Column {
  head: Part;
  /** Figures stand right, words left; `word` does not wrap. */
  kind: 'number' | 'word' | 'text';
}

/** @param log true for logs: the last column takes the room that is left. */
export function table(columns: readonly Column[], rows: readonly (readonly Part[])[], log = false): Markup {
  const classOf = ({ kind }: Column): string => ({ number: 'n', word: 'w', text: 'text' })[kind];
  const head = columns.map(
    (column) => markup`<th scope="col" class="${column.kind === 'number' && 'n'}">${column.head}</th>`,
  );
  const body = rows.map(
    (
      row,
    ) => markup`<tr>${columns.map((column, index) => markup`<td class="${classOf(column)}">${row[index]}</td>`)}</tr>
`,
  );
  return markup`<div class="scroll"><table class="${log && 'log'}"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** @param entries class of the swatch's fill, its shape, and the words beside it. */
export function legend(
  entries: readonly { fill: string; shape?: 'block' | 'thin' | 'triangle' | 'outline'; text: string }[],
): Markup {
  return markup`<div class="legend">${entries.map(({ fill, shape = 'block', text }) => markup`<span>${swatch(fill, shape)}${text}</span>`)}</div>`;
}

function swatch(fill: string, shape: 'block' | 'thin' | 'triangle' | 'outline'): Markup {
  const body = {
    block: markup`<rect class="${fill}" width="14" height="10"/>`,
    thin: markup`<rect class="${fill}" y="3" width="14" height="4"/>`,
    triangle: markup`<path class="${fill}" d="M7,1L11,8H3Z"/>`,
    outline: markup`<rect class="${fill}" x=".5" y=".5" width="13" height="9"/>`,
  }[shape];
  return markup`<svg width="14" height="10" aria-hidden="true">${body}</svg>`;
}
