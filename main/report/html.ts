/**
 * The report as one HTML file that needs nothing else: no script, no network, no font. Its content
 * security policy says so to the browser, which then enforces it whatever a worker calls itself.
 */
import { bspAmong, comparedRuns, comparisonSection } from './comparison.ts';
import { timestamp } from '../core/display/format.ts';
import { Markup, markup } from './markup.ts';
import { runSection } from './run-section.ts';
import type { RunStory } from './story.ts';
import { STYLE } from './style.ts';

/** What a report says of itself. Time and version come from outside: the same story gives the same file. */
export interface ReportContext {
  /** ISO 8601. */
  generatedAt: string;
  /** Version of Caduceus that made the report. */
  version: string;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** One story gives a run's report; several give a comparison, then a section a run. */
export function renderHtml(stories: readonly RunStory[], { generatedAt, version }: ReportContext): string {
  const runs = comparedRuns(stories);
  const labels = runs.map(({ label }) => label);
  const several = runs.length > 1;
  const bsp = several ? bspAmong(runs) : null;
  const sections = runs.map(({ id, story, figures }) =>
    runSection({ id, story, figures, bsp: figures === bsp ? null : bsp, heading: several ? 'h2' : 'h1' }),
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${several ? `Comparison: ${labels.join(', ')}` : `${labels[0] ?? ''}: ${stories[0]?.run.run ?? ''}`} – Caduceus</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header class="top"><span><b>Caduceus</b> training report</span><span>${timestamp(generatedAt)}</span></header>
<main>
${several && comparisonSection(runs)}${sections}</main>
<footer class="foot">Made from the records of ${several ? 'these runs' : 'this run'} by Caduceus ${version}. A dash is a figure that is not known. Sizes are decimal: 1 MB is 1,000,000 bytes.</footer>
</body>
</html>
`.text;
}
