/** A drawing as a file: SVG as it is, PNG through an image of it, at twice the size. */
import { download, downloadText } from './download.ts';

const PNG_SCALE = 2;

/** What a style sheet says of drawn elements, and files must say by themselves. */
const DRAWN = [
  ...['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-opacity'],
  ...['opacity', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline', 'visibility'],
];

/** A chart of the page as a document of its own, with the colours that it has now. */
export function svgOfElement(source: SVGSVGElement, title: string, background: string): string {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const { width, height } = source.getBoundingClientRect();
  const originals = [source, ...source.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  copies.forEach((element, index) => {
    const original = originals[index];
    if (original === undefined || !(element instanceof SVGElement)) return;
    const style = getComputedStyle(original);
    for (const property of DRAWN) element.setAttribute(property, style.getPropertyValue(property));
    element.removeAttribute('style');
    element.removeAttribute('class');
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('font-family', 'system-ui, sans-serif');
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', background);
  const name = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  name.textContent = title;
  copy.prepend(name, ground);
  return new XMLSerializer().serializeToString(copy);
}

export function saveSvg(name: string, svg: string): void {
  downloadText(`${name}.svg`, 'image/svg+xml', svg);
}

/** @throws Error when the browser cannot draw the document. */
export async function savePng(name: string, svg: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * PNG_SCALE;
  canvas.height = image.naturalHeight * PNG_SCALE;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('the browser made no picture of the chart');
  download(`${name}.png`, blob);
}
