/** One mistake that somebody could make, as a change of one place in one file. */
export interface PlantedBug {
  name: string;
  /** Path from the root of the repository. */
  file: string;
  /** Occurs exactly once in the file. */
  search: string;
  replacement: string;
  /** The rule that the code breaks with the bug in it. */
  breaks: string;
  /** Test files that must notice. */
  tests: readonly string[];
}

/** The source with the bug in it. @throws naming the bug, where its text does not occur exactly once. */
export function plantedIn(source: string, { name, file, search, replacement }: PlantedBug): string {
  const places = source.split(search).length - 1;
  if (places !== 1) {
    throw new Error(`planted bug ${name}: its text occurs ${places} times in ${file}; bring the patch up to date`);
  }
  if (search === replacement) throw new Error(`planted bug ${name} changes nothing`);
  // A function: in a replacement text `$` would have a meaning.
  return source.replace(search, () => replacement);
}
