/**
 * The report as JSON, for programs: settings, result, figures and the records that charts are made of.
 * `schema` names the shape; fields may be added under the same name, never changed.
 */
import type { ReportContext } from './html.ts';
import { devicesOf } from './devices.ts';
import { figuresOf } from './figures.ts';
import { repetitionOf } from './repeat.ts';
import type { RunStory } from './story.ts';

export const REPORT_SCHEMA = 'caduceus.report/1';

/** What is not known is null; so are numbers that JSON lacks. */
export function renderJson(stories: readonly RunStory[], { generatedAt, version }: ReportContext): string {
  const runs = stories.map((story) => {
    const { run, simulation, renamed: _renamed, ...records } = story;
    const { policyTitle: _title, workers: _workers, ...figures } = figuresOf(story);
    const { files, ...repeat } = repetitionOf(story);
    return {
      ...run,
      figures,
      devices: devicesOf(story),
      simulation,
      // The command reads these files, by these names.
      repeat: { ...repeat, files: Object.fromEntries(files.map(({ name, content }) => [name, content])) },
      records,
    };
  });
  return `${JSON.stringify({ schema: REPORT_SCHEMA, generatedAt, caduceus: version, runs }, null, 1)}\n`;
}
