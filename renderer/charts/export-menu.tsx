/** What can be had of a chart: its values as a table on the screen or a file, its picture as SVG or PNG. */
import { Menu } from '../components/menu.tsx';
import { showToast } from '../state/toasts.ts';
import { savePng, saveSvg, svgOfElement } from './picture-file.ts';
import { SvgSurface } from './svg-surface.ts';
import { theme } from './theme.ts';
import type { Drawing } from './canvas.tsx';

/** A canvas chart draws itself again for its file. */
export interface Picture {
  draw: Drawing;
  height: number;
}

export interface ExportMenuProps {
  title: string;
  /** Of the files, without ending. */
  name: string;
  /** Id of the element that holds the chart. */
  body: string;
  picture?: Picture;
  /** False while there is nothing drawn. */
  hasPicture: boolean;
  onCsv: () => void;
  asTable: boolean;
  onTable: () => void;
}

/** Width of a picture that is drawn for its file. */
const FILE_WIDTH = 900;

export function ExportMenu({ title, name, body, picture, hasPicture, onCsv, asTable, onTable }: ExportMenuProps) {
  const svg = (): string | null => {
    const colors = theme();
    if (picture !== undefined) {
      const surface = new SvgSurface(FILE_WIDTH, picture.height);
      picture.draw(surface, colors);
      return surface.document(title, colors.ground);
    }
    const drawn = document.getElementById(body)?.querySelector<SVGSVGElement>('svg.recharts-surface');
    return drawn ? svgOfElement(drawn, title, colors.ground) : null;
  };
  const save = (as: 'svg' | 'png'): void => {
    const text = svg();
    if (text === null) return;
    if (as === 'svg') saveSvg(name, text);
    else savePng(name, text).catch((error: unknown) => showToast(`No picture: ${String(error)}`, { tone: 'bad' }));
  };
  return (
    <Menu
      label={`${title}: table and files`}
      button={{ size: 'small' }}
      items={[
        { label: asTable ? 'Show the chart' : 'Show the values as a table', icon: 'list', onSelect: onTable },
        null,
        { label: 'Save values as CSV', icon: 'download', onSelect: onCsv },
        { label: 'Save picture as SVG', icon: 'download', disabled: !hasPicture, onSelect: () => save('svg') },
        { label: 'Save picture as PNG', icon: 'download', disabled: !hasPicture, onSelect: () => save('png') },
      ]}
    />
  );
}
